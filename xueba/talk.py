"""A game of the arena in the terminal: the board, or both where they have parted, every reply, and what was ruled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import chess
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from agents.episode import Episode, Turn
from agents.pgn import RESULTS, ending_of
from agents.susceptibility import ANSWERS
from envs.arena import Position, arena_named
from envs.ruling import FALSE
from envs.saying import parse_said
from envs.visible import clean
from xueba.console import BLUE, GREEN, ORANGE, RED

MARKS = ("○", "●")
_STYLES = (f"bold {ORANGE}", f"bold {BLUE}")


@dataclass(frozen=True, slots=True)
class Talk:
    """Where a game stands after a reply; the first is its beginning, and has none."""

    at: Position
    turn: Turn | None = None

    @property
    def fault(self) -> str:
        """What was wrong with the reply, as icon and word."""
        wrong = [] if self.turn is None else flags_of(self.turn)
        return f"⚑ {wrong[0][0]}" if wrong else ""


def flags_of(turn: Turn) -> list[tuple[str, str]]:
    """(what, quote) of everything in a turn that is not so."""
    found = []
    ruling = turn.verdict.ruling
    if ruling is not None and not ruling.legal:
        kind = ruling.kind.replace("_", " ") + (f": {ruling.sub.replace('_', ' ')}" if ruling.sub else "")
        found.append((kind, ruling.en))
    found += [("false claim", claim.quote) for claim in turn.verdict.claims if claim.finding == FALSE]
    return found


def talks(episode: Episode) -> list[Talk]:
    """The game as it went.

    Raises:
        ValueError: the table is unknown, or the record holds what its rules do not allow.
    """
    arena, history = arena_named(episode.game), list(episode.opening)
    found = [Talk(arena.position(history))]
    for turn in episode.turns:
        if turn.verdict.action >= 0:
            history.append(turn.verdict.action)
        found.append(Talk(arena.position(history), turn))
    return found


def outcome(episode: Episode) -> str:
    """The result, and how it came about."""
    ending = ending_of(episode.game, episode.history, episode.ending)
    return f"{RESULTS.get(episode.returns[0], '*')}, {clean(ending.replace('_', ' '), 30)}"


def names(episode: Episode) -> str:
    """Who plays whom, at which table."""
    white, black = (f"{mark} {clean(name, 30)}" for mark, name in zip(MARKS, episode.players, strict=True))
    return f"{white} against {black}, {clean(':'.join(episode.game.split(':')[:2]), 24)}"


def written(episode: Episode, found: Sequence[Talk], at: int, height: int = 22) -> RenderableType:
    """One moment: the board with all replies beside it, and in full what was just said, thought and ruled."""
    here = found[at]
    boards = Table.grid(padding=(0, 3, 0, 0))
    cells = [_board(here.at.real, "the board")]
    cells += [_board(here.at.agreed, "both believe")] if here.at.drifted else []
    boards.add_row(*cells, _replies(found, at, max(9, height - 10), 75 - 20 * len(cells)))
    return Padding(Group(Text(names(episode)), Text(""), boards, Text(""), *_detail(episode, found, at)), (0, 0, 1, 0))


def _board(board: chess.Board, caption: str) -> Text:
    """Eight rows of letters, the squares of the last move reversed."""
    last = board.peek() if board.move_stack and board.peek() else None
    shown = Text(f"  {caption}\n", "dim", no_wrap=True)
    for rank in range(7, -1, -1):
        shown.append(f"{rank + 1} ", "dim")
        for file in range(8):
            square = chess.square(file, rank)
            piece = board.piece_at(square)
            style = _STYLES[not piece.color] if piece else "dim"
            marked = " reverse" if last and square in (last.from_square, last.to_square) else ""
            shown.append(piece.symbol() if piece else "·", style + marked).append(" ")
        shown.append("\n")
    return shown.append("  a b c d e f g h", "dim")


def _replies(found: Sequence[Talk], at: int, rows: int, width: int) -> Text:
    """A line a reply, `rows` of them around the present one."""
    first = max(0, min(at - rows // 2, len(found) - rows))
    lines = Text(no_wrap=True, overflow="ellipsis")
    for number in range(first, min(len(found), first + rows)):
        here, line = found[number], Text("▸ " if number == at else "  ", "bold")
        if here.turn is None:
            line.append("the game begins", "dim")
        else:
            line.append(f"{MARKS[here.turn.seat]} {answered(here.turn):<7}", _STYLES[here.turn.seat])
            line.append(f" {here.fault}" if here.fault else "", f"bold {RED}")
            line.append(f" “{clean(here.turn.verdict.said, 60)}”" if here.turn.verdict.said else "", "italic")
        line.truncate(width, overflow="ellipsis")
        lines.append("\n" if number > first else "").append_text(line)
    return lines


def answered(turn: Turn) -> str:
    """The move or word of a reply."""
    return clean(parse_said(turn.reply.text).answer, 12) or "–"


def _detail(episode: Episode, found: Sequence[Talk], at: int) -> list[Text]:
    """What a reply says and what is said of it, a line each; at the end how the game ended."""
    turn = found[at].turn
    lines = [] if turn is None else [Text(line, style) for line, style in _lines(turn)]
    return lines + ([Text(outcome(episode), "bold")] if at == len(found) - 1 else [])


def _lines(turn: Turn) -> list[tuple[str, str]]:
    saying, ruling = parse_said(turn.reply.text), turn.verdict.ruling
    found = [(f"says: “{clean(turn.verdict.said, 300)}”", "")] if turn.verdict.said else []
    think = turn.reply.thought or (turn.reply.text if saying.fault else saying.think)
    found += [(f"thinks: {clean(think, 200)}", "italic dim")] if think else []
    if ruling is not None and not ruling.legal:
        passed = " (let pass)" if turn.verdict.action >= 0 else ""
        what = f"⚑ {flags_of(turn)[0][0]}{passed}: {clean(ruling.en, 300)}"
        found.append((f"{what} {f'FIDE {ruling.article}' if ruling.article else ''}".strip(), RED))
    elif turn.verdict.reason:
        found.append((clean(turn.verdict.reason, 200), ""))
    marks = {"false": ("✗", RED), "true": ("✓", GREEN)}
    for claim in turn.verdict.claims:
        icon, style = marks.get(claim.finding, ("?", "dim"))
        found.append((f"{icon} claim {clean(claim.finding, 20)}: {clean(claim.en, 200)}", style))
    return found


def as_text(episode: Episode) -> str:
    """The game as plain lines: every reply with what was said and ruled, and the position after each that counts."""
    parts = [names(episode)]
    for here in talks(episode):
        if here.turn is not None:
            parts.append(f"{MARKS[here.turn.seat]} {answered(here.turn)}")
            parts += [f"    {line}" for line, _ in _lines(here.turn)]
        if here.turn is None or (here.turn.verdict.action >= 0 and here.turn.verdict.kind not in ANSWERS):
            parts.append(f"    {here.at.real.fen()}")
            parts += [f"    both believe: {here.at.agreed.fen()}"] if here.at.drifted else []
    return "\n".join([*parts, outcome(episode), ""])
