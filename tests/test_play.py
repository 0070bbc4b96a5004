"""The turn loop: what it records, what it refuses, and that nobody's game depends on its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from agents.agent import Reply, View
from agents.episode import Turn
from agents.play import Match, play, random_openings
from agents.random_player import RandomPlayer
from envs import GAMES
from envs.game import Game, padded, replay
from envs.reply import format_reply

TTT, C4 = GAMES["tic-tac-toe"], GAMES["connect-four"]


@dataclass
class Scripted:
    """Answers each view by a function and keeps what it was asked."""

    answer: Callable[[View], str]
    name: str = "scripted"
    asked: list[list[View]] = field(default_factory=list)

    def act(self, views: Sequence[View]) -> list[Reply]:
        self.asked.append(list(views))
        return [Reply(self.answer(view)) for view in views]


def says(move: str) -> str:
    return format_reply("so", move)


def first_legal(view: View) -> str:
    return says(next(move for i, move in enumerate(view.game.moves) if i not in view.history))


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_games_do_not_depend_on_those_beside_them(game: Game) -> None:
    matches = [Match(n, (RandomPlayer(), RandomPlayer()), opening=((n % 7,) if n % 3 else ())) for n in range(60)]
    runs = [
        {episode.number: episode for episode in play(game, chosen, seed=5, slots=slots)}
        for chosen, slots in ((matches, 1), (matches, 7), (matches, 256), (matches[::-1], 16))
    ]
    assert all(run == runs[0] for run in runs[1:])
    assert len({episode.history for episode in runs[0].values()}) > 50
    other = {episode.number: episode.history for episode in play(game, matches, seed=6)}
    assert sum(other[n] == episode.history for n, episode in runs[0].items()) < 5


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_records_are_complete(game: Game) -> None:
    one, two = RandomPlayer(), Scripted(lambda view: RandomPlayer().act([view])[0].text)
    seen: list[tuple[int, Turn]] = []
    matches = [Match(n, (one, two) if n % 2 else (two, one), opening=(n % 4, 4)) for n in range(40)]
    episodes = list(play(game, matches, seed=1, slots=9, on_turn=lambda match, turn: seen.append((match.number, turn))))
    assert sorted(episode.number for episode in episodes) == list(range(40))
    for episode in episodes:
        assert (episode.game, episode.seed, episode.ending) == (game.name, 1, "rules")
        assert episode.players == (("random", "scripted") if episode.number % 2 else ("scripted", "random"))
        assert episode.history[:2] == episode.opening == (episode.number % 4, 4)
        assert tuple(turn.verdict.action for turn in episode.turns) == episode.history[2:]
        assert [turn.seat for turn in episode.turns] == [ply % 2 for ply in range(2, len(episode.history))]
        assert [turn for number, turn in seen if number == episode.number] == list(episode.turns)
        end = replay(game, padded([episode.history]))
        assert game.done(end)[0]
        assert not game.done(replay(game, padded([episode.history[:-1]])))[0]
        assert episode.returns == tuple(game.returns(end)[0])


def test_each_player_is_asked_once_a_tick_and_sees_its_own_games() -> None:
    players = Scripted(first_legal, "a"), Scripted(first_legal, "b")
    # 1 3 5 7 wins for the first player; odd games begin one ply later
    list(play(TTT, [Match(n, players, opening=(8,) if n % 2 else ()) for n in range(6)], seed=0))
    first = players[0].asked[0], players[1].asked[0]
    assert [view.history for view in first[0]] == [()] * 3
    assert [view.history for view in first[1]] == [(8,)] * 3
    assert all(view.seat == len(view.history) % 2 == seat for seat in (0, 1) for t in players[seat].asked for view in t)
    keys = [view.key for seat in (0, 1) for tick in players[seat].asked for view in tick]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("2", "malformed"), (says("2"), "illegal"), (says("10"), "unknown"), ("", "malformed"), ("\ud800", "malformed")],
)
@pytest.mark.parametrize("seat", [0, 1])
def test_a_bad_reply_loses(text: str, kind: str, seat: int) -> None:
    good, bad = Scripted(first_legal), Scripted(lambda view: text)
    seats = (bad, good) if seat == 0 else (good, bad)
    (episode,) = play(TTT, [Match(0, seats, opening=(1, 3))], seed=0)
    assert episode.ending == kind
    assert episode.returns == ((-1.0, 1.0) if seat == 0 else (1.0, -1.0))
    assert episode.turns[-1].seat == seat
    assert episode.turns[-1].reply.text == text
    assert episode.turns[-1].verdict.action == -1
    assert len(episode.history) == 2 + seat
    assert len(bad.asked) == 1


def test_a_bad_reply_is_retried_as_often_as_allowed_at_each_move() -> None:
    def stammers(view: View) -> str:
        return first_legal(view) if view.attempt == 2 else "hm"

    player = Scripted(stammers)
    (episode,) = play(TTT, [Match(0, (player, Scripted(first_legal)))], seed=0, retries=2)
    assert episode.ending == "rules"
    assert episode.returns == (1.0, -1.0)
    assert [view.attempt for tick in player.asked for view in tick] == [0, 1, 2] * 4
    assert len({view.key for tick in player.asked for view in tick}) == 12
    assert [turn.verdict.kind for turn in episode.turns if turn.seat == 0] == ["malformed", "malformed", "legal"] * 4
    (lost,) = play(TTT, [Match(0, (Scripted(stammers), Scripted(first_legal)))], seed=0, retries=1)
    assert (lost.ending, lost.returns, lost.history) == ("malformed", (-1.0, 1.0), ())


def test_a_loss_by_a_bad_reply_leaves_the_games_beside_it_alone() -> None:
    good = Scripted(first_legal)
    bad = Scripted(lambda view: "?" if len(view.history) == 2 else first_legal(view))
    episodes = {e.number: e for e in play(TTT, [Match(n, (bad if n == 3 else good, good)) for n in range(6)], seed=0)}
    assert episodes[3].ending == "malformed"
    assert {episode.ending for number, episode in episodes.items() if number != 3} == {"rules"}
    assert {episode.history for number, episode in episodes.items() if number != 3} == {(0, 1, 2, 3, 4, 5, 6)}


def test_exceptions_and_missing_replies_of_a_player_come_out() -> None:
    def fails(view: View) -> str:
        raise OSError("the wire is cut")

    with pytest.raises(OSError, match="the wire is cut"):
        list(play(TTT, [Match(0, (Scripted(fails), Scripted(fails)))], seed=0))

    class Silent:
        name = "silent"

        def act(self, views: Sequence[View]) -> list[Reply]:
            return []

    with pytest.raises(ValueError, match=r"silent.*0 replies.*1"):
        list(play(TTT, [Match(0, (Silent(), Silent()))], seed=0))


@pytest.mark.parametrize(
    ("opening", "words"),
    [((0, 3, 1, 4, 2), "match 7.*already ends"), ((0, 0), "taken"), ((9,), "no action"), ((-1, 2), "match 7.*-1")],
)
def test_wrong_openings_are_refused(opening: tuple[int, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        list(play(TTT, [Match(7, (RandomPlayer(), RandomPlayer()), opening=opening)], seed=0))


def test_no_slots_are_refused_and_no_matches_are_no_games() -> None:
    with pytest.raises(ValueError, match="0 slots"):
        list(play(TTT, [Match(0, (RandomPlayer(), RandomPlayer()))], seed=0, slots=0))
    assert list(play(TTT, [], seed=0)) == []


def test_random_openings_are_legal_unfinished_and_addressed() -> None:
    openings = random_openings(TTT, np.arange(500), 6, seed=3)
    assert all(len(opening) == 6 for opening in openings)
    assert not TTT.done(replay(TTT, padded(openings))).any()
    assert random_openings(TTT, np.array([499, 7]), 6, seed=3) == [openings[499], openings[7]]
    assert random_openings(TTT, np.arange(500), 6, seed=4) != openings
    assert random_openings(C4, np.arange(3), 0, seed=0) == [()] * 3
    # the first move is uniform: each of nine about 500 times of 4500
    counts = np.bincount([opening[0] for opening in random_openings(TTT, np.arange(4500), 1, seed=0)], minlength=9)
    assert ((counts - 500) ** 2 / 500).sum() < 26.1  # chi-squared, 8 degrees of freedom, 0.1%
    with pytest.raises(ValueError, match="9 random moves of tic-tac-toe"):
        random_openings(TTT, np.arange(4), 9, seed=0)
