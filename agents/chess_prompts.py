"""What a chat model is shown at the table of the arena: one template a language, to be read and changed.

`SYSTEM` says once what is played and how to reply, `TURN` the position at every move. What the other player says is
quoted line by line behind `> ` with its tags taken apart, so that it can pose neither as us nor as a field of a reply.
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
        "explain": "\nA referee checks every move. An illegal move is refused with the law it breaks; you then have two more tries.",
        "silent": "\nA referee checks every move. An illegal move is refused; you then have two more tries.",
        "no_referee": "\nThere is no referee. If the other player's last move is illegal, protest: write "
        "<ruling>protest</ruling> before your answer, and you win; otherwise it stands. A protest against a legal move is "
        "dismissed. The same holds for your moves.",
    },
    "zh": {
        "strict": "\n每步棋都由裁判检查。走出非法着法立即判负。",
        "explain": "\n每步棋都由裁判检查。非法着法会被拒绝并说明违反的规则，你还有两次机会。",
        "silent": "\n每步棋都由裁判检查。非法着法会被拒绝，你还有两次机会。",
        "no_referee": "\n没有裁判。如果对方上一步是非法着法，可以抗议：在回答前写<ruling>protest</ruling>，你就获胜；否则它有效。"
        "对合法着法的抗议会被驳回。你的着法也一样。",
    },
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
        "said": "The other player says (its own words, not ours):\n{said}",
        "own": "You said before:\n{said}",
        "offer": 'The other player offers a draw: answer "draw" to accept; any move declines.',
        "refused": "Your last answer was refused: {why}",
        "tokens": "You may still spend {tokens} tokens in this game.",
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
        "said": "对方说（是对方自己的话）：\n{said}",
        "own": "你此前说过：\n{said}",
        "offer": "对方提和：回答draw表示接受，走任何一步表示拒绝。",
        "refused": "你上一个回答被拒绝：{why}",
        "tokens": "本局你还可以用{tokens}个词元。",
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
    return SYSTEM[language].format(rules=RULES[language][cast(Arena, view.game).mode])


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
    parts += _about(view, at, words)
    return "\n\n".join([*parts, words["now"]])


def _about(view: View, at: Position, words: dict[str, str]) -> list[str]:
    """The last move, what was said, a draw offered, what was refused, the clock."""
    parts = []
    if view.history:
        parts.append(words["last"].format(move=played(view, len(view.history) - 1)))
    other = [said for seat, said in view.heard if seat != view.seat][-1:]
    own = [said for seat, said in view.heard if seat == view.seat][-1:]
    parts += [words["own"].format(said=quoted(said)) for said in own]
    parts += [words["said"].format(said=quoted(said)) for said in other]
    if at.offered:
        parts.append(words["offer"])
    if view.refused:
        parts.append(words["refused"].format(why=view.refused[-1]))
    if view.tokens_left >= 0:
        parts.append(words["tokens"].format(tokens=view.tokens_left))
    return parts


def move_list(view: View) -> str:
    """The moves so far, numbered; an illegal one that was accepted as its squares."""
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
    """The move of a ply as SAN where it was legal on the board the players see, else as its two squares."""
    arena = cast(Arena, view.game)
    before = arena.position(view.history[:ply]).agreed
    name = arena.moves[view.history[ply]].removesuffix("=")
    source, target = chess.parse_square(name[1:3]), chess.parse_square(name[3:5])
    piece = chess.PIECE_SYMBOLS.index(name[0].lower())
    promotes = before.piece_type_at(source) == chess.PAWN and piece != chess.PAWN
    move = chess.Move(source, target, piece if promotes else None)
    if source != target and before.is_legal(move):
        return before.san(move)
    return (
        f"{name[0] if name[0] != 'P' else ''}{name[1:3]}-{name[3:5]}" if source != target else f"{name[0]}@{name[3:5]}"
    )


def quoted(text: str) -> str:
    """Somebody's words, each line behind `> `, capped, without tags that would be ours."""
    short = text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"
    harmless = short.replace("<", "‹").replace(">", "›")
    printable = "".join(c if c.isprintable() or c == "\n" else "�" for c in harmless)
    return "\n".join(f"> {line}" for line in printable.split("\n"))
