"""Pictures: what is drawn is what is on the board, and nothing in an SVG runs."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from envs import GAMES
from envs.game import Game, padded, random_actions, replay
from envs.render import CELL, MARKS, check_mode, last_cell, rgb, status, svg, text
from envs.tic_tac_toe import TicTacToe

SVG = "{http://www.w3.org/2000/svg}"
ORANGE, BLUE, EMPTY_CELL = "#E69F00", "#56B4E9", "#273947"


@pytest.fixture(params=GAMES.values(), ids=GAMES)
def game(request: pytest.FixtureRequest) -> Game:
    return request.param


def played(name: str, moves: str) -> tuple[Game, object]:
    game = GAMES[name]
    return game, replay(game, padded([[game.moves.index(move) for move in moves]]))


def positions(game: Game, plies: int) -> object:
    state, rng = game.initial(16), np.random.default_rng(0)
    for _ in range(plies):
        state = game.step(state, random_actions(game.legal_mask(state), rng.random(16)))
    return state


def test_text_of_tic_tac_toe() -> None:
    game, state = played("tic-tac-toe", "513")
    assert text(game, state) == " O  2  X\n 4  X  6\n 7  8  9"
    assert text(game, state, last=2) == " O  2 [X]\n 4  X  6\n 7  8  9"
    assert text(*played("tic-tac-toe", "59"), last=8) == " 1  2  3\n 4  X  6\n 7  8 [O]"


def test_text_of_connect_four() -> None:
    game, state = played("connect-four", "4435")
    rows = [" .  .  .  .  .  .  ."] * 4 + [" .  .  .  O  .  .  .", " .  .  X  X [O] .  ."]
    assert text(game, state, last=4).splitlines() == [" 1  2  3  4  5  6  7", *rows]


@pytest.mark.parametrize("moves", [("1", "2"), tuple(map(str, range(18)))])
def test_moves_that_are_neither_cells_nor_columns_mark_nothing(moves: tuple[str, ...]) -> None:
    class Odd(TicTacToe):
        """The same board, but one types something else."""

    _, state = played("tic-tac-toe", "21")
    game = Odd()
    game.moves = moves
    for last in (0, 1):
        assert text(game, state, last=last).replace(" ", "") == "OX.\n...\n..."
        assert last_cell(game, game.cells(state)[0], last) is None


def test_no_move_is_offered_after_the_end() -> None:
    game, state = played("tic-tac-toe", "14253")
    assert text(game, state) == " X  X  X\n O  O  .\n .  .  ."
    assert svg(game, state).count("<text") == 0


@pytest.mark.parametrize(
    ("name", "moves", "said"),
    [
        ("tic-tac-toe", "", "X to move"),
        ("tic-tac-toe", "1", "O to move"),
        ("tic-tac-toe", "14253", "X wins"),
        ("tic-tac-toe", "142596", "O wins"),
        ("tic-tac-toe", "123546879", "draw"),
        ("connect-four", "71212121", "O wins"),
    ],
)
def test_status(name: str, moves: str, said: str) -> None:
    game, state = played(name, moves)
    assert status(game, state) == said


def test_text_shows_every_stone_of_every_game_of_a_batch(game: Game) -> None:
    state = positions(game, 6)
    for index, cells in enumerate(game.cells(state)):
        lines = text(game, state, index).splitlines()[-game.shape[0] :]
        for row, line in zip(cells, lines, strict=True):
            for code, word in zip(row, line.split(), strict=True):
                assert word == MARKS[code] if code else word not in MARKS[1:]


def test_svg_holds_every_stone_at_its_place(game: Game) -> None:
    """A disc or a mark of the right colour in the middle of each cell: read back from the picture alone."""
    state = positions(game, 6)
    rows = game.shape[0]
    for index, cells in enumerate(game.cells(state)):
        picture = ElementTree.fromstring(svg(game, state, index))
        height = float(picture.get("height", "0"))
        found = np.zeros(game.shape, np.int8)
        for shape in picture.iter():
            code = {ORANGE: 1, BLUE: 2}.get(shape.get("fill", "")) or {ORANGE: 1, BLUE: 2}.get(shape.get("stroke", ""))
            if code is None:
                continue
            if shape.tag == f"{SVG}circle":
                x, y = float(shape.get("cx", "")), float(shape.get("cy", ""))
            else:  # the cross: "Mx yl..." from its upper left end
                x, y = (float(number) + 0.25 * CELL for number in shape.get("d", "")[1:].split("l")[0].split())
            row = rows - 1 - int((height - 0.1 * CELL - y) // CELL)
            found[row, int((x - 0.1 * CELL) // CELL)] = code
        np.testing.assert_array_equal(found, cells)


def test_svg_is_inert_small_and_says_what_it_shows(game: Game) -> None:
    state = positions(game, 5)
    for last in (None, *range(len(game.moves))):
        source = svg(game, state, 3, last)
        assert len(source) < 8_000
        picture = ElementTree.fromstring(source)
        assert {shape.tag for shape in picture.iter()} <= {
            f"{SVG}{tag}" for tag in ("svg", "title", "desc", "rect", "circle", "path", "g", "text")
        }
        attributes = {name for shape in picture.iter() for name in shape.attrib}
        assert not {name for name in attributes if name.startswith("on") or name in {"href", "style", "id", "class"}}
        assert picture.find(f"{SVG}title").text == f"{game.name}, {status(game, state, 3)}"  # type: ignore[union-attr]
        assert picture.find(f"{SVG}desc").text == text(game, state, 3, last)  # type: ignore[union-attr]


def test_svg_frames_the_last_move() -> None:
    game, state = played("connect-four", "4434")
    frames = [shape for shape in ElementTree.fromstring(svg(game, state, last=3)) if shape.get("stroke") == "#FFFFFF"]
    assert [(float(f.get("cx", "")), float(f.get("cy", ""))) for f in frames] == [(3.6 * CELL, 4.0 * CELL)]
    assert "#FFFFFF" not in svg(game, state)


def test_svg_escapes_names() -> None:
    class Hostile(type(GAMES["tic-tac-toe"])):  # type: ignore[misc]
        name = "<script>&"
        moves = ("<b>", *"23456789")

    source = svg(Hostile(), Hostile().initial(1))
    assert "<b>" not in source
    assert "<script>" not in source
    assert ElementTree.fromstring(source).find(f".//{SVG}text").text == "<b>"  # type: ignore[union-attr]


def test_rgb_paints_every_cell(game: Game) -> None:
    """The colour that a cell shows most, besides ground and field, is its stone's."""
    state = positions(game, 6)
    rows, columns = game.shape
    stones = {1: tuple(bytes.fromhex(ORANGE[1:])), 2: tuple(bytes.fromhex(BLUE[1:]))}
    for index, cells in enumerate(game.cells(state)):
        picture = rgb(game, state, index)
        assert picture.shape == (rows * CELL, columns * CELL, 3)
        assert picture.dtype == np.uint8
        for row, column in np.ndindex(rows, columns):
            tile = picture[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL].reshape(-1, 3)
            amounts = {code: int((tile == colour).all(1).sum()) for code, colour in stones.items()}
            code = int(cells[row, column])
            assert (amounts.pop(code) > 150) if code else True
            assert not any(amounts.values())


def test_rgb_takes_any_size(game: Game) -> None:
    assert rgb(game, game.initial(1), size=9).shape == (game.shape[0] * 9, game.shape[1] * 9, 3)


def test_unknown_mode_is_named() -> None:
    with pytest.raises(ValueError, match=r"'gif' \(there are: ansi\)"):
        check_mode("gif", ["ansi"])
