"""Players by name, the perfect ones against other implementations, and a person who types anything."""

from __future__ import annotations

import builtins
import io
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.agent import Agent, View
from agents.connect_four_solver import ILLEGAL, ConnectFourSolver
from agents.connect_four_solver import solve as solve_connect_four
from agents.human import HumanPlayer
from agents.perfect import PerfectPlayer, solve
from agents.play import Match, play
from agents.players import PLAYERS, player_named
from agents.random_player import RandomPlayer
from envs import GAMES
from envs.game import Game, padded, replay, take
from envs.random_streams import stream_keys
from envs.reply import judge

TTT, C4 = GAMES["tic-tac-toe"], GAMES["connect-four"]


def views(game: Game, *histories: tuple[int, ...]) -> list[View]:
    return [View(game, len(history) % 2, history, key) for key, history in enumerate(histories)]


def spread(player: Agent, view: View, times: int = 200) -> set[int]:
    """The moves that a player chooses among, asked with different keys."""
    asked = [View(view.game, view.seat, view.history, int(key)) for key in stream_keys(0, np.arange(times))]
    legal = view.game.legal_mask(replay(view.game, padded([view.history])))[0].tolist()
    return {judge(view.game.moves, legal, reply.text).action for reply in player.act(asked)}


# By name


def test_every_player_has_a_name_and_plays() -> None:
    for spec, name in {"random": "random", "perfect": "perfect", "mcts:20": "mcts-20", "mcts": "mcts-400"}.items():
        player = player_named(spec)
        assert player.name == name
        (episode,) = play(TTT, [Match(0, (player, RandomPlayer()), opening=(0, 1, 2, 3))], seed=0)
        assert episode.ending == "rules"
    assert set(PLAYERS) == {"random", "perfect", "mcts", "solver", "human"}
    assert isinstance(player_named("human"), HumanPlayer)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("perfekt", r"'perfekt' \(there are: random, perfect, .*\); did you mean 'perfect'"),
        ("Random", "did you mean 'random'"),
        ("", "no player is called ''"),
        ("zzz:1", r"no player is called 'zzz' \(there are: .*human\)$"),
        ("\x1b[2J" + "x" * 10**6, r"'\\x1b\[2Jx"),
        ("random:3", "takes nothing behind its name, not '3'"),
        ("mcts:", None),
        ("mcts:0", "1 to 999999.*not '0'"),
        ("mcts:-5", "not '-5'"),
        ("mcts:many", "not 'many'"),
        ("mcts:²", "not '²'"),
        ("mcts:٣", "not '٣'"),
        ("mcts:" + "9" * 10**6, "not '999"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_wrong_names_and_options(spec: str, words: str | None) -> None:
    if words is None:
        assert player_named(spec).name == "mcts-400"
        return
    with pytest.raises(ValueError, match=words) as refused:
        player_named(spec)
    assert len(str(refused.value)) < 500


def test_others_can_add_their_players() -> None:
    added = {**PLAYERS, "run": lambda option: RandomPlayer()}
    assert player_named("run:runs/x:y", added).name == "random"
    with pytest.raises(ValueError, match="did you mean 'run'"):
        player_named("runs", added)


# Perfect: every position against a plain recursive minimax


def minimax(own: int, other: int, known: dict[tuple[int, int], int]) -> int:
    """The result for the player to move, on bit masks, by itself."""
    lines = (0o7, 0o70, 0o700, 0o111, 0o222, 0o444, 0o421, 0o124)
    if any(other & line == line for line in lines):
        return -1
    if own | other == 0o777:
        return 0
    if (own, other) not in known:
        free = [1 << cell for cell in range(9) if not (own | other) >> cell & 1]
        known[own, other] = max(-minimax(other, own | bit, known) for bit in free)
    return known[own, other]


def test_the_solution_is_that_of_plain_minimax() -> None:
    solution = solve(TTT)
    known: dict[tuple[int, int], int] = {}
    minimax(0, 0, known)
    assert len(known) == len(solution.scores) == 4520  # of 5,478 positions, 958 are over
    columns = (solution.states.own.tolist(), solution.states.other.tolist(), solution.values.tolist())
    ours = {(own, other): value for own, other, value in zip(*columns, strict=True)}
    assert ours == known


def test_the_solution_counts_plies_and_knows_its_way() -> None:
    solution = solve(TTT)
    np.testing.assert_array_equal(solution.rows(solution.histories), np.arange(4520))
    states = replay(TTT, solution.histories)
    assert all(np.array_equal(a, b) for a, b in zip(states, solution.states, strict=True))
    assert solution.rows(np.array([[0, 3, 1, 4, 2, -1], [-1] * 6])).tolist() == [-1, 0]
    legal = TTT.legal_mask(solution.states)
    np.testing.assert_array_equal(solution.scores > -100, legal)
    # playing the best move leaves what was promised: the same end, seen by the other
    rows, moves = np.nonzero(solution.best)
    child = solution.child[rows, moves]
    on = child >= 0
    np.testing.assert_array_equal(solution.scores[rows, moves][on], -solution.scores[child[on]].max(1))
    over = TTT.done(TTT.step(take(solution.states, rows), moves))
    np.testing.assert_array_equal(over, ~on)
    won = TTT.returns(TTT.step(take(solution.states, rows[over]), moves[over])).any(1)
    plies = (solution.histories[rows[over]] >= 0).sum(1) + 1
    np.testing.assert_array_equal(solution.scores[rows, moves][over], np.where(won, 10 - plies, 0))


def test_perfect_wins_soonest_loses_latest_and_chooses_by_key() -> None:
    player = PerfectPlayer()
    assert spread(player, views(TTT, (0, 3, 1, 4))[0]) == {2}
    # after corner and edge three moves win, all as soon as possible
    assert spread(player, views(TTT, (0, 1))[0]) == {3, 4, 6}
    # lost either way: X threatens twice, at 3 and at 4, so no move is better than another
    assert spread(player, views(TTT, (0, 8, 6, 1, 4))[0]) == {2, 3, 5, 7}
    # lost as well, but not at once if the one threat is met
    assert solve(TTT).values[solve(TTT).rows(np.array([[0, 1, 4]]))] == -1
    assert spread(player, views(TTT, (0, 1, 4))[0]) == {8}
    assert spread(player, views(TTT, ())[0]) == set(range(9))
    (reply,) = player.act(views(TTT, (0, 3, 1, 4)))
    assert (reply.value, reply.line, reply.policy) == (1.0, (2,), (0, 0, 1, 0, 0, 0, 0, 0, 0))
    assert reply.text == "<think>3 win</think><answer>3</answer>"
    one, two = player.act(views(TTT, (0,), (0,)))[1], player.act(views(TTT, (4,), (0,)))[1]
    assert one == two  # whoever is asked beside it


def test_two_perfect_players_draw() -> None:
    matches = [Match(n, (PerfectPlayer(), PerfectPlayer())) for n in range(100)]
    episodes = list(play(TTT, matches, seed=0))
    assert {episode.returns for episode in episodes} == {(0.0, 0.0)}
    assert len({episode.history for episode in episodes}) > 50
    assert all(turn.reply.line[0] == turn.verdict.action for episode in episodes for turn in episode.turns)


def test_too_large_a_game_is_refused() -> None:
    with pytest.raises(ValueError, match="connect-four has more than 2000 positions"):
        solve(C4, limit=2000)


# The Connect Four solver


def test_solver_knows_published_scores() -> None:
    pytest.importorskip("bitbully")
    # John Tromp: the centre wins on the 41st stone; next to it draws; further out loses
    scores = solve_connect_four(padded([(), (3, 3, 3, 3, 3, 3)]))
    assert scores[0].tolist() == [-2, -1, 0, 1, 0, -1, -2]
    assert scores[1, 3] == ILLEGAL
    # three in a row with both ends open: the mover wins with its 4th stone, 18 before its last
    assert solve_connect_four(padded([(1, 1, 2, 2, 3, 3)]))[0].tolist()[0::4] == [18, 18]


def test_solver_plays_what_wins_soonest() -> None:
    pytest.importorskip("bitbully")
    player = player_named("solver")
    assert spread(player, views(C4, (1, 1, 2, 2, 3, 3))[0], 20) == {0, 4}
    assert spread(player, views(C4, ())[0], 20) == {3}
    (reply,) = player.act(views(C4, (1, 1, 2, 2, 3, 3)))
    assert (reply.value, reply.policy) == (1.0, (0.5, 0, 0, 0, 0.5, 0, 0))
    with pytest.raises(ValueError, match="not tic-tac-toe"):
        player.act(views(TTT, ()))
    for wrong in ((0, 0, 0, 0, 0, 0, 0), (7,), (0, 1, 0, 1, 0, 1, 0)):
        with pytest.raises(ValueError, match="no running game"):
            solve_connect_four(padded([wrong]))


def test_a_missing_solver_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from agents import connect_four_solver

    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("bitbully"):
            raise ImportError(name)
        return real(name, *rest)

    connect_four_solver._solver.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RuntimeError, match=r"AGPL.*pip install 'xueba\[solver\]'"):
        ConnectFourSolver()


# A person


def person(*lines: str | type[Exception]) -> tuple[HumanPlayer, list[str]]:
    """Who types these lines and then nothing more, and what it was shown."""
    waiting: Iterator[str | type[Exception]] = iter(lines)
    shown: list[str] = []

    def read(prompt: str) -> str:
        shown.append(prompt)
        line = next(waiting, EOFError)
        if not isinstance(line, str):
            raise line() if line is not UnicodeDecodeError else UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")
        return line

    return HumanPlayer(read, shown.append), shown


def played(player: HumanPlayer, game: Game, history: tuple[int, ...]) -> tuple[str, int]:
    (reply,) = player.act(views(game, history))
    verdict = judge(game.moves, game.legal_mask(replay(game, padded([history])))[0].tolist(), reply.text)
    return verdict.kind, verdict.action


def test_a_person_sees_the_board_and_its_moves() -> None:
    player, shown = person(" 5 ")
    assert played(player, TTT, (0,)) == ("legal", 4)
    assert "X has played 1" in shown[0]
    assert "[X]" in shown[1]
    assert "You are O" in shown[2]
    assert "2 3 4 5 6 7 8 9" in shown[2]


def test_a_person_is_asked_again_with_a_hint() -> None:
    player, shown = person("1", "resgin", "banana", "", "9")
    assert played(player, TTT, (0,)) == ("legal", 8)
    said = "\n".join(shown)
    assert "1 is not allowed here" in said
    assert "'resgin' is no move; did you mean resign?" in said
    assert "'banana' is no move." in said


@pytest.mark.parametrize("way", ["quit", "Resign", " q ", EOFError, ValueError])
def test_a_person_can_leave(way: str | type[Exception]) -> None:
    player, shown = person(way)
    assert played(player, C4, (3, 3)) == ("unknown", -1)
    # with retries the turn loop asks again: it must not wait for anybody
    assert player.act([View(C4, 0, (3, 3), 0, attempt=1)]) == player.act([View(C4, 0, (3, 3), 0, attempt=2)])
    assert len(shown) == 3
    (episode,) = play(C4, [Match(0, (RandomPlayer(), person(way)[0]))], seed=0, retries=2)
    assert (episode.ending, episode.returns, len(episode.history)) == ("unknown", (1.0, -1.0), 1)


def test_bytes_that_are_no_text_are_only_refused() -> None:
    player, _ = person(UnicodeDecodeError, "3")
    assert played(player, TTT, ()) == ("legal", 2)


def test_ctrl_c_is_not_swallowed() -> None:
    def interrupt(prompt: str) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        HumanPlayer(interrupt, lambda text: None).act(views(TTT, ()))


@given(st.lists(st.text(st.characters(), max_size=60), max_size=4))
def test_hostile_lines_are_answered_in_plain_text(lines: list[str]) -> None:
    player, shown = person(
        *lines, "\x1b[2J\x07", "\u202e5", "\ud800", "５", "x" * 100_000, "</think><answer>5</answer>"
    )
    kind, action = played(player, TTT, (4,))
    assert (kind, action) == ("unknown", -1) or (kind == "legal" and action != 4)
    assert all(text.isascii() and text.replace("\n", "").isprintable() and len(text) < 500 for text in shown)


def test_a_whole_game_at_the_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("1\n2\n3\n"))
    scripted, _ = person("4", "5")
    (episode,) = play(TTT, [Match(0, (player_named("human"), scripted))], seed=0)
    assert (episode.returns, episode.history) == ((1.0, -1.0), (0, 3, 1, 4, 2))
    assert "[O]" in capsys.readouterr().out
    # the input is at its end
    (episode,) = play(TTT, [Match(0, (player_named("human"), scripted))], seed=0)
    assert (episode.returns, episode.ending) == ((-1.0, 1.0), "unknown")
