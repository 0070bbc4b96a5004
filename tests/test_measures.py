"""The measures: counted again by plain loops, with players whose faults are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from agents.agent import Reply, View
from agents.episode import Episode, Turn
from agents.perfect import PerfectPlayer, solve
from agents.random_player import RandomPlayer
from agents.rates import Rate, wilson
from envs import GAMES
from envs.game import padded
from envs.random_streams import stream_keys
from envs.reply import Verdict, format_reply, judge
from training.measures import (
    Lines,
    agreement,
    agreement_of,
    lost_lines,
    pair_interval,
    score_against,
    score_of,
)
from training.positions import ILLEGAL, Positions, connect_four_positions, differ

TTT, C4 = GAMES["tic-tac-toe"], GAMES["connect-four"]


@dataclass
class By:
    """Plays what a function of the moves so far says."""

    answer: Callable[[tuple[int, ...]], str]
    name: str = "by"
    asked: list[int] = field(default_factory=list)
    seen: list[tuple[int, ...]] = field(default_factory=list)

    def act(self, views: Sequence[View]) -> list[Reply]:
        self.asked.append(len(views))
        self.seen += [view.history for view in views]
        return [Reply(self.answer(view.history), tokens=(1, 2, 3)) for view in views]


def says(action: int) -> str:
    return format_reply("so", TTT.moves[action])


def lowest(history: tuple[int, ...]) -> str:
    return says(min(set(range(9)) - set(history)))


def perfect_move(history: tuple[int, ...]) -> int:
    solution = solve(TTT)
    return int(solution.best[solution.rows(padded([history]))[0]].argmax())


# Every line


WINS = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]


def recount(answer: Callable[[tuple[int, ...]], str], seat: int, history: tuple[int, ...] = ()) -> list[str]:
    """The ends of all lines, by plain recursion and with rules of its own."""
    for stones, result in ((history[seat::2], "won"), (history[1 - seat :: 2], "lost")):
        if any(set(win) <= set(stones) for win in WINS):
            return [result]
    if len(history) == 9:
        return ["drawn"]
    free = [cell for cell in range(9) if cell not in history]
    if len(history) % 2 == seat:
        action = judge(TTT.moves, [cell in free for cell in range(9)], answer(history)).action
        return ["lost"] if action < 0 else recount(answer, seat, (*history, action))
    return [end for cell in free for end in recount(answer, seat, (*history, cell))]


def wayward(history: tuple[int, ...]) -> str:
    """Legal moves of all kinds, here and there a bad reply; depends on the order of the moves, not on the board."""
    number = int(stream_keys(5, *history) % 1000) if history else 500
    if number < 60:
        return ["", "<answer>5</answer>", says(0), format_reply("x", "10")][number % 4]
    free = sorted(set(range(9)) - set(history))
    return says(free[number % len(free)])


@pytest.mark.parametrize("answer", [lowest, wayward, lambda history: says(4)], ids=["lowest", "wayward", "stubborn"])
def test_lines_are_those_of_a_plain_recursion(answer: Callable[[tuple[int, ...]], str]) -> None:
    for seat, counted in enumerate(lost_lines(TTT, By(answer))):
        ends = recount(answer, seat)
        assert (counted.lost, counted.drawn, counted.won) == tuple(ends.count(end) for end in ("lost", "drawn", "won"))
        assert counted.lines == len(ends)


def test_a_perfect_player_loses_no_line() -> None:
    for player in (PerfectPlayer(), By(lambda history: says(perfect_move(history)))):
        for seat in lost_lines(TTT, player):
            assert seat.lost == 0
            assert seat.lines == seat.drawn + seat.won > 50
            assert seat.replies == seat.well_formed == seat.legal


def test_one_blunder_is_counted_exactly() -> None:
    # X in the corner, O in the centre, X in the far corner: O must not take a corner, or X threatens twice
    def blunders(history: tuple[int, ...]) -> str:
        return says(2 if history == (0, 4, 8) else perfect_move(history))

    first, second = lost_lines(TTT, By(blunders))
    sound = lost_lines(TTT, By(lambda history: says(perfect_move(history))))
    assert first == sound[0]
    # after it X must take the last corner, and has then two threats, of which O meets the first in reading order
    assert perfect_move((0,)) == 4
    ends = recount(blunders, 1, (0, 4, 8))
    assert second.lost == ends.count("lost") > 0
    assert second.lines - sound[1].lines == len(ends) - len(recount(lambda h: says(perfect_move(h)), 1, (0, 4, 8)))
    assert recount(blunders, 1, (0, 4, 8, 2, 6)).count("lost") == second.lost


def test_a_bad_reply_ends_its_line_as_lost_and_is_told_by_kind() -> None:
    # malformed at the first move: one line, lost
    first, _ = lost_lines(TTT, By(lambda history: "5"))
    assert first == Lines(lines=1, lost=1, drawn=0, won=0, replies=1, well_formed=0, legal=0)
    # second seat: after each of the eight other first moves it takes the centre, and then wants it again
    _, second = lost_lines(TTT, By(lambda history: says(4)))
    assert second == Lines(lines=1 + 8 * 7, lost=57, drawn=0, won=0, replies=9 + 56, well_formed=65, legal=8)
    # in one line only, at the very end of it
    sound = By(lambda history: says(perfect_move(history)))
    before, _ = lost_lines(TTT, sound)
    last = next(history for history in sound.seen if len(history) == 6)
    after, _ = lost_lines(TTT, By(lambda history: "?" if history == last else says(perfect_move(history))))
    assert (before.lost, after.lost) == (0, 1)
    assert after.replies - after.well_formed == after.replies - after.legal == 1


def test_an_unknown_or_illegal_answer_is_well_formed() -> None:
    first, _ = lost_lines(TTT, By(lambda history: format_reply("x", "10")))
    assert (first.replies, first.well_formed, first.legal, first.lost) == (1, 1, 0, 1)


def test_each_history_is_asked_once_and_a_ply_at_a_time() -> None:
    player = By(lowest)
    lost_lines(TTT, player)
    assert len(player.asked) == 5 + 4
    assert len(set(player.seen)) == len(player.seen) == sum(player.asked)


def test_a_player_of_chance_answers_by_address() -> None:
    one, other = lost_lines(TTT, RandomPlayer(), seed=1), lost_lines(TTT, RandomPlayer(), seed=2)
    assert one == lost_lines(TTT, RandomPlayer(), seed=1) != other
    assert min(seat.lost for seat in one) > 20


# The solver's positions


def test_agreement_with_known_scores() -> None:
    scores = np.array([[5, 3, -2], [0, -1, ILLEGAL], [-4, -4, -9], [2, 1, 1], [0, 0, 0]])
    positions = Positions(np.full((5, 1), -1), scores)
    assert positions.results.tolist()[0] == [1, 1, -1]

    def counts(*actions: int) -> tuple[tuple[int, int], tuple[int, int]]:
        result, best = agreement_of(np.array(actions), positions)
        return (result.count, result.of), (best.count, best.of)

    # results differ in rows 0 and 1, scores in all but the last
    assert counts(0, 0, 0, 0, 0) == ((2, 2), (4, 4))
    assert counts(1, 0, 1, 1, 0) == ((2, 2), (2, 4))
    assert counts(2, 1, 2, 2, 0) == ((0, 2), (0, 4))
    # no reply is never right, not even where the last column (index -1) would be
    assert counts(-1, -1, -1, -1, -1) == ((0, 2), (0, 4))


def test_agreement_asks_the_player_itself() -> None:
    stored = connect_four_positions()
    few = Positions(stored.histories[:300], stored.scores[:300])
    moves = [tuple(move for move in history if move >= 0) for history in few.histories.tolist()]
    best = {key: int(scores.argmax()) for key, scores in zip(moves, few.scores, strict=True)}
    worst = {key: int(np.where(s == ILLEGAL, 99, s).argmin()) for key, s in zip(moves, few.scores, strict=True)}

    def by(table: dict[tuple[int, ...], int]) -> By:
        return By(lambda history: format_reply("so", C4.moves[table[history]]))

    player = by(best)
    right = agreement(player, C4, few, batch=128)
    assert player.asked == [128, 128, 44]
    assert (right.result.value, right.best.value, right.legal) == (1.0, 1.0, Rate(300, 300))
    assert right.best.of == 300
    assert right.result.of == differ(few.results).sum()
    wrong = agreement(by(worst), C4, few)
    assert (wrong.result.count, wrong.best.count) == (0, 0)
    # every third reply without its form
    mixed = agreement(By(lambda h: "4" if len(h) % 3 == 0 else format_reply("so", C4.moves[best[h]])), C4, few)
    formless = sum(len(history) % 3 == 0 for history in best)
    assert mixed.well_formed == mixed.legal == mixed.best == Rate(300 - formless, 300)


def test_chance_agrees_as_often_as_it_must() -> None:
    positions = connect_four_positions()
    legal = positions.scores != ILLEGAL
    top = positions.scores == positions.scores.max(1, keepdims=True)
    expected = float((top.sum(1) / legal.sum(1)).mean())
    low, high = agreement(RandomPlayer(), C4, positions).best.interval
    assert low < expected < high
    assert 0.15 < expected < 0.25


# Games


def test_pairs_share_their_opening_and_change_seats() -> None:
    one, other = By(lowest, "one"), By(lowest, "other")
    score = score_against(TTT, one, other, pairs=20, seed=2, opening_plies=3)
    # the same mind in both seats: each pair is a win and a loss, or two draws
    assert (score.won, score.lost) == (score.lost, score.won)
    assert score.points == 0.5
    assert score.games == 40
    assert score.distinct <= 20
    first, second = score.by_seat
    assert first == second[::-1]
    assert (score.well_formed.of, score.tokens) == (score.legal.of, 3.0)
    assert len(one.seen) == len(other.seen) == score.legal.of


def test_without_openings_the_same_game_is_played_over_and_over() -> None:
    score = score_against(TTT, By(lowest), By(lowest), pairs=10, opening_plies=0)
    assert (score.distinct, score.by_seat) == (1, ((10, 0, 0), (0, 0, 10)))


def test_bad_replies_lose_and_are_counted() -> None:
    score = score_against(TTT, By(lambda history: "?"), RandomPlayer(), pairs=8, opening_plies=2)
    assert (score.won, score.drawn, score.lost, score.points) == (0, 0, 16, 0.0)
    assert score.well_formed == score.legal == Rate(0, 16)
    assert score.interval[0] == 0
    assert score.interval[1] == pytest.approx(wilson(0, 8)[1])
    taken = score_against(TTT, By(lambda history: says(history[0])), RandomPlayer(), pairs=8, opening_plies=2)
    assert (taken.well_formed, taken.legal) == (Rate(16, 16), Rate(0, 16))


def test_a_score_is_counted_from_the_records() -> None:
    def game(number: int, first: float, replies: tuple[int, ...]) -> Episode:
        turns = tuple(
            Turn(ply % 2, Reply("x", tokens=(0,) * n), Verdict("legal" if n else "malformed", 0))
            for ply, n in enumerate(replies)
        )
        return Episode("tic-tac-toe", 0, number, ("a", "b"), (), turns, (number,), (first, -first), "rules")

    # as they end, in no order; the player sits first in 0, 2, 4 and second in 1, 3, 5
    games = [
        game(3, -1, (9, 4, 9)),
        game(0, 1, (2, 9)),
        game(1, 1, (9, 0)),
        game(2, 0, ()),
        game(5, 0, ()),
        game(4, -1, ()),
    ]
    score = score_of(games)
    assert (score.won, score.drawn, score.lost) == (2, 2, 2)
    assert score.by_seat == ((1, 1, 1), (1, 1, 1))
    assert score.points == 0.5
    assert score.interval == pair_interval(np.array([0.5, 0.75, 0.25]))
    assert (score.tokens, score.legal) == (2.0, Rate(2, 3))
    assert score.distinct == 6


def test_perfect_beats_random() -> None:
    score = score_against(TTT, PerfectPlayer(), RandomPlayer(), pairs=60, opening_plies=1)
    assert score.lost == 0
    assert score.interval[0] > 0.85
    assert score.legal == Rate(score.legal.of, score.legal.of)
    assert score == score_against(TTT, PerfectPlayer(), RandomPlayer(), pairs=60, opening_plies=1, slots=3)


# Intervals


def test_wilson_is_the_published_interval() -> None:
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3
    for successes, n, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)
        assert wilson(n - successes, n) == pytest.approx((1 - high, 1 - low), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(7, 7)[1] == 1.0
    assert str(Rate(1, 29)) == "1/29 = 3.4% (0.6% to 17.2%)"
    assert np.isnan(Rate(0, 0).value)


@pytest.mark.parametrize("shares", [(0.3, 0.1, 0.6), (0.05, 0.05, 0.9), (0.1, 0.8, 0.1)])
@pytest.mark.parametrize("alike", [0.0, 0.7])
def test_intervals_of_pairs_hold_what_they_promise(shares: tuple[float, ...], alike: float) -> None:
    """95% of the intervals hold the true share, whether or not the two games of a pair end alike."""
    rng = np.random.default_rng(0)
    truth = shares[0] + shares[1] / 2
    held = []
    for _ in range(2000):
        ends = rng.choice([1.0, 0.5, 0.0], p=shares, size=(50, 2))
        ends[:, 1] = np.where(rng.random(50) < alike, ends[:, 0], ends[:, 1])
        low, high = pair_interval(ends.mean(1))
        held.append(low <= truth <= high)
    assert 0.935 < np.mean(held) <= 1.0


def test_intervals_of_pairs_at_their_ends() -> None:
    assert pair_interval(np.array([])) == (0.0, 1.0)
    assert pair_interval(np.ones(30)) == wilson(30, 30)
    assert pair_interval(np.full(30, 0.5)) == wilson(15, 30)
    # games whose pairs end alike tell no more than half as many
    wide, narrow = pair_interval(np.array([0.0, 1.0] * 50)), pair_interval(np.array([0.0, 0.5, 0.5, 1.0] * 25))
    assert wide == pytest.approx(wilson(50, 100), abs=1e-3)
    assert narrow == pytest.approx(wilson(100, 200), abs=2e-3)
    # pairs that nearly always end even are not taken for more than the games they are
    assert pair_interval(np.array([0.0, 1.0] + [0.5] * 98)) == wilson(100, 200)
