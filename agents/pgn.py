"""A game of the arena as PGN: the legal moves, and everything else as comments at their place.

PGN holds legal moves only. So tries that were refused are comments before the move that was played; where an illegal
move was accepted, the moves end there, and the rest of the game, on a board that is not that of chess any more, is
told in comments. `$6` (dubious) is on a move that claimed a capture, check or mate that is none.
"""

from __future__ import annotations

from collections.abc import Sequence

import chess
import chess.pgn

from agents.episode import Episode, Turn
from agents.susceptibility import ANSWERS, NO_MOVES
from envs.arena import Arena, arena_named
from envs.ruling import FALSE

MAX_WORDS = 500
"""characters of a message or verdict that go into a comment"""
RESULTS = {1.0: "1-0", -1.0: "0-1", 0.0: "1/2-1/2"}
NO_DATE = "????.??.??"


def ending_of(world: str, history: Sequence[int], ending: str) -> str:
    """How a game of the arena ended in the words of chess, where `ending` says no more than that it did by its rules.

    A record of something else, or one that the table does not take, ended as it says itself.
    """
    if ending != "rules" or not world.startswith("arena:") or len(history) > Arena.max_plies:
        return ending
    try:
        return arena_named(world).position(history).ending or ending
    except (ValueError, IndexError):
        return ending


def to_pgn(episode: Episode, event: str = "Xueba arena", date: str = NO_DATE) -> str:
    """The game as PGN, with a line break at its end.

    Raises:
        ValueError: it is not of the arena.
    """
    arena = arena_named(episode.game)
    game = _headers(episode, arena, event, date)
    node: chess.pgn.GameNode = game
    board = arena.board.copy()
    left = False
    for ply, action in enumerate(episode.opening):
        node, board, left = _played(node, board, arena, action, left)
        node.comment = "opening" if ply == len(episode.opening) - 1 else ""
    for turn in episode.turns:
        told = comment(turn)
        if turn.verdict.action < 0:
            _say(node, f"{_side(turn)} answered {_words(_answer(turn))}: {told}")
            continue
        before = node
        node, board, left = _played(node, board, arena, turn.verdict.action, left)
        if node is before:
            _say(node, f"{_side(turn)} plays {_words(_answer(turn))}: {told}".rstrip(": "))
            continue
        if told:
            _say(node, told)
        if turn.verdict.ruling is not None and turn.verdict.ruling.false_marks:
            node.nags.add(chess.pgn.NAG_DUBIOUS_MOVE)
    return f"{game.accept(chess.pgn.StringExporter(headers=True, variations=False, comments=True))}\n\n"


def _headers(episode: Episode, arena: Arena, event: str, date: str) -> chess.pgn.Game:
    game = chess.pgn.Game()
    game.setup(arena.board)
    ending = ending_of(episode.game, episode.history, episode.ending)
    result = RESULTS.get(episode.returns[0], "*")
    if episode.ending == "unfinished":
        result = "*"
    told = {
        "Event": event,
        "Site": "?",
        "Date": date,
        "Round": str(episode.number + 1),
        "White": episode.players[0],
        "Black": episode.players[1],
        "Result": result,
        "Mode": arena.mode,
        "Termination": ending.replace("_", " "),
    }
    for name, value in told.items():
        # a tag is one line, without the characters that end it
        game.headers[name] = "".join(c for c in value[:200] if c.isprintable() and c not in '"\\') or "?"
    return game


def _played(
    node: chess.pgn.GameNode, board: chess.Board, arena: Arena, action: int, left: bool
) -> tuple[chess.pgn.GameNode, chess.Board, bool]:
    """The node after `action`; the same where PGN cannot hold it, and from then on for ever."""
    name = arena.moves[action].removesuffix("=")
    if left or name in ANSWERS:
        return node, board, left
    source, target = chess.parse_square(name[1:3]), chess.parse_square(name[3:5])
    piece = chess.PIECE_SYMBOLS.index(name[0].lower())
    promotes = board.piece_type_at(source) == chess.PAWN and piece != chess.PAWN
    move = chess.Move(source, target, piece if promotes else None)
    if source == target or not board.is_legal(move):
        return node, board, True
    after = board.copy()
    after.push(move)
    return node.add_variation(move), after, False


def comment(turn: Turn) -> str:
    """What the referee said of a reply, and what the player said, in one line."""
    parts = []
    verdict, ruling = turn.verdict, turn.verdict.ruling
    if ruling is not None and not ruling.legal:
        kind = f"{ruling.kind}/{ruling.sub}" if ruling.sub else ruling.kind
        law = f", FIDE {ruling.article}" if ruling.article else ""
        passed = ", accepted by the other player" if verdict.action >= 0 else ""
        head = "NO MOVE" if ruling.kind in NO_MOVES else "ILLEGAL"
        parts.append(f"{head} ({kind}{law}{passed}): {ruling.en}")
    if ruling is not None and ruling.legal and ruling.repairs:
        parts.append(f"notation: {'; '.join(ruling.repairs)}")
    if ruling is not None and ruling.false_marks:
        parts.append(f"claims {' and '.join(ruling.false_marks)}, and is none")
    if verdict.said:
        parts.append(f"says: {verdict.said}")
    for claim in verdict.claims:
        mark = "FALSE" if claim.finding == FALSE else claim.finding
        parts.append(f"claim {claim.sub} is {mark}: {claim.en}")
    if verdict.reason and verdict.kind in ("legal", "protest"):
        parts.append(verdict.reason)
    return " | ".join(_words(part) for part in parts)


def _answer(turn: Turn) -> str:
    from envs.saying import parse_said

    return parse_said(turn.reply.text).answer or "nothing that is a move"


def _side(turn: Turn) -> str:
    return "Black" if turn.seat else "White"


def _words(text: str) -> str:
    """Words that cannot end a comment."""
    short = text if len(text) <= MAX_WORDS else f"{text[:MAX_WORDS]}…"
    return "".join(c if c.isprintable() else " " for c in short).replace("{", "(").replace("}", ")")


def _say(node: chess.pgn.GameNode, text: str) -> None:
    node.comment = f"{node.comment} || {text}" if node.comment else text
