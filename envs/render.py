"""Pictures of a position for every game on a grid: as text, as SVG, as pixels.

Two kinds of boards are known by the number of moves. Where there is one move for each column (Connect Four), the
moves are written above the columns; where there is one for each cell (tic-tac-toe), in the empty cells. So one sees
what to type. Of other games only the cells are shown. Colours are Okabe and Ito's, readable without full colour
vision, and no stone is told by colour alone.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from envs.game import EMPTY, FIRST, Game, take

MARKS = (".", "X", "O")
"""Text of `Game.cells`: an empty cell, a stone of the first and of the second player."""

CELL = 64
"""Width and height of a cell in the pictures, in pixels."""

# the board brings its own dark ground, so that it looks the same on a dark and on a light page
_GROUND, _HOLE, _LABEL = "#16212b", "#273947", "#9fb3c2"
_STONES = {1: "#E69F00", 2: "#56B4E9"}
_LAST = "#FFFFFF"
# of a cell's width: half a disc, half a mark on the bare board, half a mark on a disc, and the mark's stroke
_DISC, _MARK, _ON_DISC, _STROKE = 0.41, 0.25, 0.15, 0.13


def by_column(game: Game) -> bool:
    """One move for each column, whose stone falls on those below."""
    return len(game.moves) == game.shape[1]


def by_cell(game: Game) -> bool:
    """One move for each cell, row by row."""
    return len(game.moves) == game.shape[0] * game.shape[1]


def _shows_discs(game: Game) -> bool:
    return max(game.shape) > 3


def _board(game: Game, state: Any, index: int) -> NDArray[np.int8]:
    board: NDArray[np.int8] = game.cells(take(state, [index]))[0]
    return board


def letters_of(game: Game, state: Any, index: int = 0) -> list[str]:
    """The board of game `index`, a letter a cell, a row a text: pieces where the game has any, else marks of stones."""
    own = getattr(game, "letters", None)
    if own is not None:
        rows: list[str] = own(take(state, [index]))[0]
        return rows
    return ["".join(MARKS[code] for code in row) for row in _board(game, state, index).tolist()]


def _labels(game: Game, state: Any, index: int, cells: NDArray[np.int8]) -> dict[tuple[int, int], str]:
    """The move to type for each empty cell that is one, where the moves are cells."""
    columns = game.shape[1]
    if by_column(game) or not by_cell(game):
        return {}
    legal = game.legal_mask(take(state, [index]))[0]
    return {divmod(cell, columns): game.moves[cell] for cell in range(cells.size) if legal[cell]}


def last_cell(game: Game, cells: NDArray[np.int8], last: int | None) -> tuple[int, int] | None:
    """(row, column) of the stone of the move `last`, which led to the board `cells` (`[rows, columns]`).

    None where there is no such move, or where the game's moves are neither columns nor cells.
    """
    if last is None:
        return None
    if by_column(game):
        stones = np.flatnonzero(cells[:, last] != EMPTY)
        return (int(stones[0]), last) if len(stones) else None
    return divmod(last, game.shape[1]) if by_cell(game) else None


def status(game: Game, state: Any, index: int = 0) -> str:
    """Whose turn it is, or how the game ended, in a few words."""
    one = take(state, [index])
    if not game.done(one)[0]:
        return f"{MARKS[1 + int(game.to_move(one)[0])]} to move"
    first = game.returns(one)[0, 0]
    return "draw" if first == 0 else f"{MARKS[1] if first > 0 else MARKS[2]} wins"


def text(game: Game, state: Any, index: int = 0, last: int | None = None) -> str:
    """The board of game `index` in plain characters, a row a line; the stone of the move `last` in brackets."""
    cells = _board(game, state, index)
    labels = _labels(game, state, index, cells)
    marked, letters = last_cell(game, cells, last), letters_of(game, state, index)
    width = max(map(len, game.moves)) if labels or by_column(game) else 1

    def shown(row: int, column: int) -> str:
        mark = labels.get((row, column), letters[row][column]).rjust(width)
        return f"[{mark}]" if (row, column) == marked else f" {mark} "

    rows, columns = game.shape
    lines = ["".join(shown(row, column) for column in range(columns)) for row in range(rows)]
    if by_column(game):
        lines.insert(0, "".join(f" {name.rjust(width)} " for name in game.moves))
    return "\n".join(line.rstrip() for line in lines)


def _mark(code: int, x: float, y: float, half: float, colour: str) -> str:
    """A cross or a ring around (x, y), in units of a cell."""
    stroke = f'fill="none" stroke="{colour}" stroke-width="{_STROKE * half / _MARK * CELL:.1f}"'
    x, y, half = x * CELL, y * CELL, half * CELL
    if code == FIRST:
        arms = f"M{x - half:g} {y - half:g}l{2 * half:g} {2 * half:g}m0 {-2 * half:g}l{-2 * half:g} {2 * half:g}"
        return f'<path d="{arms}" stroke-linecap="round" {stroke}/>'
    return f'<circle cx="{x:g}" cy="{y:g}" r="{half * 1.1:g}" {stroke}/>'


def _cell(game: Game, code: int, x: float, y: float) -> str:
    """The cell whose middle is (x, y): a hole or a field, and what lies in it."""
    hole = _HOLE if code == EMPTY else _STONES[code]
    if _shows_discs(game):
        disc = f'<circle cx="{x * CELL:g}" cy="{y * CELL:g}" r="{_DISC * CELL:g}" fill="{hole}"/>'
        return disc + (_mark(code, x, y, _ON_DISC, _GROUND) if code else "")
    side = 0.92 * CELL
    corner = f'x="{x * CELL - side / 2:g}" y="{y * CELL - side / 2:g}"'
    field = f'<rect {corner} width="{side:g}" height="{side:g}" rx="8" fill="{_HOLE}"/>'
    return field + (_mark(code, x, y, _MARK, hole) if code else "")


def _word(x: float, y: float, word: str) -> str:
    return f'<text x="{x * CELL:g}" y="{y * CELL:g}" dy=".35em">{escape(word)}</text>'


def svg(game: Game, state: Any, index: int = 0, last: int | None = None) -> str:
    """The board of game `index` as one `<svg>` element without scripts, styles or ids, so that any page may hold it.

    The stone of the move `last` has a white frame. The board as text is there for screen readers.
    """
    cells = _board(game, state, index)
    rows, columns = game.shape
    # half a cell above for the names of columns, a tenth around
    top = 0.5 if by_column(game) else 0.1
    width, height = (columns + 0.2) * CELL, (rows + top + 0.1) * CELL
    named = escape(f"{game.name}, {status(game, state, index)}")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'width="{width:g}" height="{height:g}">',
        f"<title>{named}</title><desc>{escape(text(game, state, index, last))}</desc>",
        f'<rect width="{width:g}" height="{height:g}" rx="12" fill="{_GROUND}"/>',
    ]
    parts += [_cell(game, int(code), column + 0.6, row + top + 0.5) for (row, column), code in np.ndenumerate(cells)]
    names = {
        (row + top + 0.5, column + 0.6): name for (row, column), name in _labels(game, state, index, cells).items()
    }
    if by_column(game):
        names = {(0.29, column + 0.6): name for column, name in enumerate(game.moves)}
    parts.append(f'<g fill="{_LABEL}" text-anchor="middle" font-family="sans-serif" font-size="{0.3 * CELL:g}">')
    parts += [_word(x, y, name) for (y, x), name in names.items()]
    parts.append("</g>")
    marked = last_cell(game, cells, last)
    if marked is not None:
        x, y = (marked[1] + 0.6) * CELL, (marked[0] + top + 0.5) * CELL
        frame = f'fill="none" stroke="{_LAST}" stroke-width="3"'
        half = 0.46 * CELL
        parts.append(
            f'<circle cx="{x:g}" cy="{y:g}" r="{half - 2:g}" {frame}/>'
            if _shows_discs(game)
            else f'<rect x="{x - half:g}" y="{y - half:g}" width="{2 * half:g}" height="{2 * half:g}" rx="8" {frame}/>'
        )
    parts.append("</svg>")
    return "".join(parts)


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], np.float64)


def _cross(x: NDArray[np.float64], y: NDArray[np.float64], half: float) -> NDArray[np.float64]:
    """Distance of each point to the two diagonals from -half to half, in cells."""
    # turned by 45 degrees the arms lie on the axes
    across, along = np.abs(x + y) / np.sqrt(2), np.abs(x - y) / np.sqrt(2)
    end = half * np.sqrt(2)
    falling = np.hypot(across, np.maximum(along - end, 0))
    rising = np.hypot(along, np.maximum(across - end, 0))
    nearest: NDArray[np.float64] = np.minimum(falling, rising)
    return nearest


def _tiles(game: Game, size: int) -> NDArray[np.float64]:
    """`[3, size, size, 3]`: the picture of a cell, empty and with either stone, edges smoothed over one pixel."""
    grid = (np.arange(size) + 0.5) / size - 0.5
    x, y = np.meshgrid(grid, grid)
    radius = np.hypot(x, y)
    half = _ON_DISC if _shows_discs(game) else _MARK
    stroke = _STROKE * half / _MARK / 2
    square = np.maximum(np.abs(x), np.abs(y)) - 0.46
    outline = radius - _DISC if _shows_discs(game) else square
    figures = (_cross(x, y, half) - stroke, np.abs(radius - 1.1 * half) - stroke)

    def paint(under: NDArray[np.float64], distance: NDArray[np.float64], colour: str) -> NDArray[np.float64]:
        cover = np.clip(0.5 - distance * size, 0, 1)[..., None]
        return under + cover * (_rgb(colour) - under)

    ground = np.broadcast_to(_rgb(_GROUND), (size, size, 3))
    tiles = [paint(ground, outline, _HOLE)]
    for code, figure in enumerate(figures, start=1):
        if _shows_discs(game):
            tiles.append(paint(paint(ground, outline, _STONES[code]), figure, _GROUND))
        else:
            tiles.append(paint(tiles[0], figure, _STONES[code]))
    return np.stack(tiles)


def rgb(game: Game, state: Any, index: int = 0, size: int = CELL) -> NDArray[np.uint8]:
    """`[rows * size, columns * size, 3]`: the board of game `index` as a picture, `size` pixels a cell."""
    rows, columns = game.shape
    picture = _tiles(game, size)[_board(game, state, index)]
    return picture.swapaxes(1, 2).reshape(rows * size, columns * size, 3).round().astype(np.uint8)


def check_mode(mode: str | None, known: list[str]) -> None:
    """Refuse, with a ValueError, a render mode that is not known."""
    if mode is not None and mode not in known:
        raise ValueError(f"no render mode is called {mode!r} (there are: {', '.join(known)})")


def frame(mode: str | None, game: Game, state: Any, last: int | None) -> str | NDArray[np.uint8] | None:
    """What the adapters' `render()` gives for game 0: text (`ansi`), pixels (`rgb_array`); `human` prints."""
    if mode == "rgb_array":
        return rgb(game, state)
    if mode is None:
        return None
    board = f"{text(game, state, 0, last)}\n{status(game, state)}\n"
    if mode == "ansi":
        return board
    print(board)
    return None
