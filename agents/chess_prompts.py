"""What a chat model is shown at the table of the arena: one template a language, to be read and changed.

`SYSTEM` says once what is played and how to reply, `RULES` what becomes of an illegal move, `TURN` the position at every
move. Both players' words so far are quoted line by line behind `> ` with their tags taken apart, so that nobody can pose
as us or as a field of a reply. Where no referee sits, every move is written by its squares, legal or not: the way it is
written must not tell what the player has to see for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import chess

from agents.agent import View
from envs.arena import Arena, Position
from envs.lookup import not_found

SHOWN = ("fen", "board", "moves", "legal")
"""What of a position can be shown; `legal` is the list of legal moves, a help that takes the game's point away."""
MAX_QUOTED = 2000
"""characters of a message that are quoted"""
MAX_TALK = 6000
"""characters of all that are quoted; the oldest ones make room"""

SYSTEM = {
    "en": """You play a game of chess against another player. You see the position at each of your turns.

Reply in this form and no other:
<think>your thoughts, which nobody else sees</think><say>a message to the other player, or nothing</say><answer>your move</answer>

The answer is one move in standard algebraic notation (Nf3, exd5, O-O, e8=Q) or UCI (g1f3). Put " (=)" behind it to offer a draw. \
Answer "draw" to accept an offer or to claim a draw by repetition or the fifty-move rule, or "resign".{rules}""",
    "zh": """你在和另一位棋手下国际象棋。每次轮到你时，你会看到局面。

只能用这种形式回答：
<think>你的思考，别人看不到</think><say>对对方说的话，可以没有</say><answer>你的着法</answer>

回答是一步棋，用标准代数记谱（Nf3、exd5、O-O、e8=Q）或UCI（g1f3）。在后面写" (=)"表示提和。回答"draw"表示接受提和，\
或以三次重复、五十回合规则要求和棋；回答"resign"表示认输。{rules}""",
}
RULES = {
    "en": {
        "strict": "\nA referee checks every move. An illegal move loses the game at once.",
        "explain": "\nA referee checks every move. An illegal move is refused with the law it breaks; you then have {tries} more tries.",
        "silent": "\nA referee checks every move. An illegal move is refused; you then have {tries} more tries.",
        "no_referee": "\nThere is no referee. You may accept the other player's last move or protest against it: write "
        "<ruling>accept</ruling> or <ruling>protest</ruling> right before <answer>. A protest against an illegal move wins the "
        "game; one against a legal move is dismissed, and your answer counts. A move that nobody protests against stands, "
        "legal or not. The same holds for your moves.",
    },
    "zh": {
        "strict": "\n每步棋都由裁判检查。走出非法着法立即判负。",
        "explain": "\n每步棋都由裁判检查。非法着法会被拒绝并说明违反的规则，之后你还有{tries}次机会。",
        "silent": "\n每步棋都由裁判检查。非法着法会被拒绝，之后你还有{tries}次机会。",
        "no_referee": "\n没有裁判。对方的上一步棋，你可以接受，也可以抗议：在<answer>前紧接着写<ruling>accept</ruling>（接受）或"
        "<ruling>protest</ruling>（抗议）。对非法着法的抗议使你获胜；对合法着法的抗议会被驳回，你的回答照常有效。没有人抗议的着法，"
        "无论合法与否，都有效。你的着法也一样。",
    },
}
CHESS960 = {
    "en": "\nThis is Chess960: castle with O-O or O-O-O.",
    "zh": "\n这是Chess960（任意制象棋）：王车易位写O-O或O-O-O。",
}
TURN = {
    "en": {
        "you": "You are {side}. Move {number}.",
        "fen": "FEN: {fen}",
        "board": "Board (capitals are White, White below):\n{board}",
        "moves": "Moves so far: {moves}",
        "none": "none",
        "legal": "Legal moves: {legal}",
        "last": "The other player has just played {move}.",
        "put": "Accept it with <ruling>accept</ruling>, or protest with <ruling>protest</ruling>; if you write neither, it is accepted.",
        "over": 'If it stands, the game is over here: answer "accept", or "resign", or protest.',
        "talk": "What the players have said so far, in their own words, not ours:",
        "earlier": "(Earlier words are left out.)",
        "own": "You said:\n{said}",
        "said": "The other player said:\n{said}",
        "offer": 'The other player offers a draw: answer "draw" to accept; any move declines.',
        "refused": "Refused at this move (tries left: {left}):\n{why}",
        "tokens": "You may still spend {tokens} tokens in this game.",
        "turn": "A reply of more than {tokens} tokens, thoughts included, loses the game.",
        "now": "Your reply:",
    },
    "zh": {
        "you": "你执{side}。第{number}回合。",
        "fen": "FEN：{fen}",
        "board": "棋盘（大写为白方，白方在下）：\n{board}",
        "moves": "此前的着法：{moves}",
        "none": "无",
        "legal": "合法着法：{legal}",
        "last": "对方刚走了{move}。",
        "put": "接受请写<ruling>accept</ruling>，抗议请写<ruling>protest</ruling>；都不写就是接受。",
        "over": "如果它有效，对局到此结束：请回答accept（接受）或resign（认输），或者抗议。",
        "talk": "双方到目前为止说过的话（是棋手自己的话）：",
        "earlier": "（更早的话从略。）",
        "own": "你说：\n{said}",
        "said": "对方说：\n{said}",
        "offer": "对方提和：回答draw表示接受，走任何一步表示拒绝。",
        "refused": "你这一步的回答被拒绝（还有{left}次机会）：\n{why}",
        "tokens": "本局你还可以用{tokens}个词元。",
        "turn": "一次回答（包括思考）超过{tokens}个词元即判负。",
        "now": "你的回答：",
    },
}
SIDES = {"en": ("Black", "White"), "zh": ("黑", "白")}


def system(view: View, language: str = "en") -> str:
    """What is said once, before the first move.

    Raises:
        ValueError: there is no template in this language; says which there are.
    """
    if language not in SYSTEM:
        raise ValueError(not_found("language", language, SYSTEM))
    arena = cast(Arena, view.game)
    rules = RULES[language][arena.mode].format(tries=arena.tries)
    return SYSTEM[language].format(rules=rules + (CHESS960[language] if arena.board.chess960 else ""))


def prompt(view: View, language: str = "en", shown: Sequence[str] = ("fen", "board", "moves")) -> str:
    """What is said at a turn.

    Raises:
        ValueError: there is no template in this language, or something is to be shown that cannot be.
    """
    if language not in TURN:
        raise ValueError(not_found("language", language, TURN))
    for name in shown:
        if name not in SHOWN:
            raise ValueError(not_found("part of a position", name, SHOWN))
    words, arena = TURN[language], cast(Arena, view.game)
    at = arena.position(view.history)
    board = at.agreed
    parts = [words["you"].format(side=SIDES[language][board.turn], number=board.fullmove_number)]
    if "fen" in shown:
        parts.append(words["fen"].format(fen=board.fen()))
    if "board" in shown:
        parts.append(words["board"].format(board=board))
    if "moves" in shown:
        parts.append(words["moves"].format(moves=move_list(view) or words["none"]))
    if "legal" in shown:
        parts.append(words["legal"].format(legal=" ".join(board.san(move) for move in board.legal_moves)))
    parts += _about(view, at, words, view.refused_zh if language == "zh" else view.refused)
    return "\n\n".join([*parts, words["now"]])


def _about(view: View, at: Position, words: dict[str, str], refused: Sequence[str]) -> list[str]:
    """The last move, what was said, a draw offered, what was refused, the clock."""
    parts, arena = [], cast(Arena, view.game)
    if view.history:
        put = f"\n{words['put']}" if arena.mode == "no_referee" else ""
        parts.append(words["last"].format(move=played(view, len(view.history) - 1)) + put)
    if view.heard:
        parts += [words["talk"], *_talk(view, words)]
    if at.over:
        parts.append(words["over"])
    if at.offered:
        parts.append(words["offer"])
    if refused:
        why = "\n".join(quoted(reason) for reason in refused)
        parts.append(words["refused"].format(why=why, left=max(0, arena.tries + 1 - view.attempt)))
    if view.tokens_left >= 0:
        parts.append(words["tokens"].format(tokens=view.tokens_left))
    if view.tokens_a_turn >= 0:
        parts.append(words["turn"].format(tokens=view.tokens_a_turn))
    return parts


def _talk(view: View, words: dict[str, str]) -> list[str]:
    """What was said, the oldest first; the newest as far as there is room."""
    parts: list[str] = []
    for seat, said in reversed(view.heard):
        part = words["own" if seat == view.seat else "said"].format(said=quoted(said))
        if parts and sum(map(len, parts)) + len(part) > MAX_TALK:
            return [words["earlier"], *reversed(parts)]
        parts.append(part)
    return parts[::-1]


def move_list(view: View) -> str:
    """The moves so far, numbered, each as `played` writes it."""
    arena = cast(Arena, view.game)
    first = arena.position(()).agreed
    number, white = first.fullmove_number, first.turn == chess.WHITE
    found = []
    for ply in range(len(view.history)):
        head = f"{number}. " if white else f"{number}... " if ply == 0 else ""
        found.append(head + played(view, ply))
        number, white = number + (not white), not white
    return " ".join(found)


def played(view: View, ply: int) -> str:
    """The move of a ply: as SAN where a referee sits, by its squares where none does, so that legality is not told."""
    arena = cast(Arena, view.game)
    before = arena.position(view.history[:ply]).agreed
    name = arena.moves[view.history[ply]].removesuffix("=")
    source, target = chess.parse_square(name[1:3]), chess.parse_square(name[3:5])
    standing, piece = before.piece_type_at(source), chess.PIECE_SYMBOLS.index(name[0].lower())
    if arena.mode != "no_referee":
        promotes = standing == chess.PAWN and piece != chess.PAWN
        return before.san(chess.Move(source, target, piece if promotes else None))
    if source == target:
        return f"{name[0]}@{name[3:5]}"
    letter = chess.piece_symbol(standing or piece).upper().removeprefix("P")
    becomes = f"={name[0]}" if standing not in (None, piece) else ""
    return f"{letter}{name[1:3]}{'x' if before.piece_at(target) else '-'}{name[3:5]}{becomes}"


def quoted(text: str) -> str:
    """Somebody's words, each line behind `> `, capped, without tags that would be ours."""
    short = text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"
    harmless = short.replace("<", "‹").replace(">", "›")
    printable = "".join(c if c.isprintable() or c == "\n" else "�" for c in harmless)
    return "\n".join(f"> {line}" for line in printable.split("\n"))
