"""A game for the eye: the boards are those of the rules, badges stand where a rule was broken, text stays text."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console, RenderableType

from agents.episode import Episode
from agents.play import Match, play
from agents.random_player import RandomPlayer
from envs import GAMES
from envs.game import Game
from envs.render import by_cell, by_column
from tests.fake_run import episodes
from xueba.scene import large_board, outcome, plain, scenes, small_board, strip


def shown(what: RenderableType, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system="truecolor")
    console.print(what)
    return console.file.getvalue()  # type: ignore[attr-defined]


GRIDS = [game for game in GAMES.values() if by_cell(game) or by_column(game)]


@pytest.fixture(params=GRIDS, ids=[game.name for game in GRIDS])
def game(request: pytest.FixtureRequest) -> Game:
    return request.param


def random_game(game: Game) -> Episode:
    player = RandomPlayer()
    return next(play(game, [Match(0, (player, player), (2, 1))], seed=1))


def test_a_scene_for_the_opening_and_each_turn(game: Game) -> None:
    episode = random_game(game)
    found = scenes(episode)
    assert len(found) == 1 + len(episode.turns)
    assert (found[0].turn, found[0].ply) == (None, 2)
    assert found[-1].ply == len(episode.history)
    assert game.done(found[-1].state)[0]
    assert not game.done(found[-2].state)[0]


def test_boards_hold_the_stones_of_the_position(game: Game) -> None:
    for scene in scenes(random_game(game)):
        cells = game.cells(scene.state)[0]
        for board in (small_board(scene).plain, large_board(scene).plain):
            assert (board.count("X"), board.count("O")) == (int((cells == 1).sum()), int((cells == 2).sum()))
        assert "".join(small_board(scene).plain.split()) == "".join("·XO"[code] for code in cells.ravel())


def test_the_new_stone_is_marked_on_the_large_board(game: Game) -> None:
    for scene in scenes(random_game(game))[1:]:
        assert scene.turn is not None
        board = large_board(scene).plain
        assert board.count("[") == 1
        assert f"[{'XO'[scene.turn.seat]}]" in board


@pytest.mark.parametrize("width", [40, 76, 80])
def test_a_strip_is_never_wider_than_asked_for(game: Game, width: int) -> None:
    console = Console(file=io.StringIO(), width=width)
    for episode in (random_game(game), *episodes()):
        console.print(strip(scenes(episode), width))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert max(map(len, lines)) <= width


def test_a_long_game_shows_its_last_boards() -> None:
    episode = random_game(GAMES["connect-four"])
    text = shown(strip(scenes(episode), 76))
    assert text.count("·") < 5 * 42
    assert GAMES["connect-four"].moves[episode.history[-1]] in text


def test_the_new_stone_is_reversed_on_the_small_board(game: Game) -> None:
    for scene in scenes(random_game(game)):
        board = small_board(scene)
        reversed_spans = [span for span in board.spans if "reverse" in str(span.style)]
        assert len(reversed_spans) == 1
        row, place = divmod(reversed_spans[0].start, 2 * game.shape[1])
        cell = row * game.shape[1] + place // 2
        assert scene.last in (cell, cell % game.shape[1])


def test_a_badge_is_whole_after_many_turns() -> None:
    perfect, illegal, _ = episodes()
    refused = next(turn for turn in illegal.turns if not turn.verdict.legal)
    console = Console(file=io.StringIO(), width=69)
    console.print(strip(scenes(replace(perfect, turns=(*perfect.turns[:8], refused))), 69))
    assert "✗ illegal" in console.file.getvalue()  # type: ignore[attr-defined]
    malformed = replace(refused, verdict=replace(refused.verdict, kind="malformed"))
    console.print(strip(scenes(replace(perfect, turns=(*perfect.turns[:8], malformed))), 69))
    assert "✗ malformed" in console.file.getvalue()  # type: ignore[attr-defined]


def test_badges_stand_where_a_rule_was_broken() -> None:
    perfect, illegal, hostile = episodes()
    assert "✗" not in shown(strip(scenes(perfect)))
    assert "✗ illegal" in shown(strip(scenes(illegal)))
    assert "[✗ illegal]: O wins: the other's reply was illegal" in plain(illegal)
    assert "✗ malformed" in shown(strip(scenes(hostile)))


def test_hostile_text_is_text() -> None:
    hostile = episodes()[2]
    for text in (plain(hostile), outcome(hostile)):
        assert text.isprintable()
    raw = shown(strip(scenes(hostile)))
    for bad in ("\x1b[2J", "\x1b]", "\x07", "\x9b", "\u202e", "\x00", "\r"):
        assert bad not in raw
    assert "[/red]" in plain(hostile), "markup is shown as it was written"


def test_a_record_that_breaks_the_rules_is_refused() -> None:
    with pytest.raises(ValueError, match="taken"):
        scenes(replace(episodes()[0], opening=(1, 1)))
    with pytest.raises(ValueError, match="no game"):
        scenes(replace(episodes()[0], game="go"))
