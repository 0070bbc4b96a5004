"""A game for the eye: after every turn the board, who moved, what was thought, and a badge where a rule was broken.

Problems are shown by `xueba.sheet`, games of the arena by `xueba.talk`; `frames`, `outcome` and `picture` know of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agents.episode import Episode, Turn
from envs import game_named
from envs.game import EMPTY, Game, replay
from envs.problems import PROBLEMS
from envs.render import MARKS, by_cell, by_column, last_cell, letters_of
from envs.reply import parse_reply
from envs.visible import clean
from xueba import sheet, talk
from xueba.console import BLUE, ORANGE, RED

STYLES = ("bright_black", f"bold {ORANGE}", f"bold {BLUE}")
"""Of `Game.cells`."""
_BADGES = {"malformed": "✗ malformed", "unknown": "✗ unknown move", "illegal": "✗ illegal"}


@dataclass(frozen=True, slots=True)
class Scene:
    """The board after a turn; the first scene of a game is its opening and has none."""

    game: Game
    state: Any
    ply: int
    last: int | None
    turn: Turn | None = None

    @property
    def fault(self) -> str:
        """What was wrong with the reply, as icon and word."""
        return badge(self.turn) if self.turn is not None else ""


def frames(episode: Episode) -> Sequence[Scene | sheet.Sheet | talk.Talk]:
    """A game turn by turn, or a problem line by line.

    Raises:
        ValueError: the world is unknown, or the record holds what its rules do not allow.
    """
    if episode.game.startswith("arena:"):
        return talk.talks(episode)
    return sheet.sheets(episode) if episode.game in PROBLEMS else scenes(episode)


def picture(episode: Episode, width: int = 76) -> RenderableType:
    """All of an episode that fits `width` columns and a few lines, and how it ended."""
    if episode.game in PROBLEMS:
        return sheet.written(sheet.sheets(episode)[-1])
    if episode.game.startswith("arena:"):
        found = talk.talks(episode)
        return talk.written(episode, found, len(found) - 1)
    return Group(strip(scenes(episode), width), Text(outcome(episode), "bold"))


def scenes(episode: Episode) -> list[Scene]:
    """The game as it went.

    Raises:
        ValueError: the game is unknown, or the record holds moves that its rules do not allow.
    """
    import numpy as np

    game = game_named(episode.game)
    state = replay(game, np.array([episode.opening], np.int64).reshape(1, -1))
    ply, last = len(episode.opening), episode.opening[-1] if episode.opening else None
    found = [Scene(game, state, ply, last)]
    for turn in episode.turns:
        if turn.verdict.legal:
            last = turn.verdict.action
            state = game.step(state, np.array([last]))
            ply += 1
        found.append(Scene(game, state, ply, last, turn))
    return found


def outcome(episode: Episode) -> str:
    """How it ended, in a few plain words."""
    if episode.game in PROBLEMS:
        return sheet.outcome(episode)
    if episode.game.startswith("arena:"):
        return talk.outcome(episode)
    first = episode.returns[0]
    result = "drawn" if first == 0 else f"{MARKS[1] if first > 0 else MARKS[2]} wins"
    if gave_up(episode):
        return f"{result}: the other gave up"
    return result if episode.ending == "rules" else f"{result}: the other's reply was {clean(episode.ending, 20)}"


def gave_up(episode: Episode) -> bool:
    """Whether the last reply was to resign, which no game on a grid knows as a move."""
    return episode.ending == "unknown" and bool(episode.turns) and answered(episode.turns[-1]) == "resign"


def badge(turn: Turn) -> str:
    """What was wrong with a reply, as icon and word; empty where nothing was."""
    return "" if turn.verdict.legal else _BADGES.get(turn.verdict.kind, "✗ refused")


def said(turn: Turn) -> str:
    """The thinking, or the raw reply where it is not of the form."""
    form = parse_reply(turn.reply.text)
    return clean(turn.reply.text if form.fault else form.think)


def answered(turn: Turn) -> str:
    """The move named, if any."""
    return clean(parse_reply(turn.reply.text).answer, 12) or "?"


def mark(seat: int) -> Text:
    """The seat's stone in its colour."""
    return Text(MARKS[1 + seat], STYLES[1 + seat])


def small_board(scene: Scene) -> Text:
    """Two characters a cell; the stone just played is reversed."""
    cells, letters = scene.game.cells(scene.state)[0], letters_of(scene.game, scene.state)
    new = last_cell(scene.game, cells, scene.last)
    board = Text(no_wrap=True)
    for row, codes in enumerate(cells.tolist()):
        board.append("\n" if row else "")
        for column, code in enumerate(codes):
            style = STYLES[code] + (" reverse" if (row, column) == new else "")
            board.append(" " if column else "").append("·" if code == EMPTY else letters[row][column], style)
    return board


def large_board(scene: Scene) -> Text:
    """A framed board, with the names of the moves where they are to be typed."""
    game, cells = scene.game, scene.game.cells(scene.state)[0]
    new, columns, letters = last_cell(game, cells, scene.last), game.shape[1], letters_of(game, scene.state)
    board = Text(no_wrap=True)
    if by_column(game):
        board.append(" " + " ".join(f"{name[:3]:^3}" for name in game.moves) + "\n", "bright_black")
    board.append("╭" + "┬".join(["───"] * columns) + "╮\n", "bright_black")
    for row, codes in enumerate(cells.tolist()):
        if row:
            board.append("├" + "┼".join(["───"] * columns) + "┤\n", "bright_black")
        for column, code in enumerate(codes):
            free = game.moves[row * columns + column][:1] if by_cell(game) else " "
            here = (row, column) == new
            board.append("│", "bright_black")
            board.append(
                f"[{letters[row][column]}]" if here else f" {free if code == EMPTY else letters[row][column]} ",
                STYLES[code],
            )
        board.append("│\n", "bright_black")
    return board.append("╰" + "┴".join(["───"] * columns) + "╯", "bright_black")


def strip(found: Sequence[Scene], width: int = 76) -> RenderableType:
    """The boards in a row with the thinking of each move; of a long game, as many of the last as fit."""
    cell = max(9, 2 * found[0].game.shape[1] + 1)
    # a game ends with its refused reply, unless another try was granted: room is kept for one badge
    wide = max((len(badge(scene.turn)) for scene in found if scene.turn is not None), default=0)
    fit = max(1, (width + 1 - max(0, wide - cell)) // (cell + 1))
    turns = [scene for scene in found if scene.turn is not None] or list(found)
    # the opening has no thinking, but shows where the game began
    shown = ([found[0]] if found[0].ply and len(turns) < fit and turns[0].turn else []) + turns[-fit:]
    table = Table.grid(padding=(0, 1, 0, 0))
    for scene in shown:
        last_refused = scene is shown[-1] and scene.turn is not None and badge(scene.turn)
        table.add_column(width=max(cell, wide) if last_refused else cell, overflow="fold")
    table.add_row(*(_heading(scene) for scene in shown))
    table.add_row(*(small_board(scene) for scene in shown))
    table.add_row(*(_thought(scene, cell) for scene in shown))
    return table


def _heading(scene: Scene) -> Text:
    if scene.turn is None:
        return Text("opening" if scene.ply else "start", "dim")
    return mark(scene.turn.seat).append(f" {answered(scene.turn)}"[:8], "bold")


def _thought(scene: Scene, width: int) -> Text:
    if scene.turn is None:
        return Text("")
    words = said(scene.turn)
    # three lines of it, so that one talkative reply does not push the display off the screen
    text = Text(words if len(words) <= 3 * width else words[: 3 * width - 1] + "…", "italic")
    wrong = badge(scene.turn)
    return Text.assemble((f"{wrong}\n", f"bold {RED}"), text) if wrong else text


def plain(episode: Episode) -> str:
    """The episode on one line, for a log."""
    if episode.game in PROBLEMS:
        return sheet.plain(episode)
    game = game_named(episode.game)
    moves = "".join(game.moves[move] for move in episode.opening)
    parts = [f"opening {moves}"] if moves else []
    for turn in episode.turns:
        wrong = f" [{badge(turn)}]" if badge(turn) else ""
        parts.append(f'{MARKS[1 + turn.seat]} {answered(turn)} "{clean(said(turn), 60)}"{wrong}')
    names = " against ".join(clean(name, 24) for name in episode.players)
    return f"game {episode.number} ({names}): {', '.join(parts)}: {outcome(episode)}"
