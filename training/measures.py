"""Measures that cannot be fooled: exact counts, agreement with a solver, games in pairs; every rate with its counts.

A player is measured as it plays: asked with views through `act`, its text judged by the rules, one try a move. A
reply that is malformed or not legal is never repaired; it loses the line, misses the position, or loses the game.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.agent import Agent, Reply, View
from agents.episode import Episode
from agents.play import Match, play, random_openings
from agents.rates import Rate, wilson
from envs.game import Bools, Floats, Game, Ints, replay, take
from envs.random_streams import stream_keys
from envs.reply import Verdict, judge
from training.positions import Positions, differ

"""The 97.5% point of the normal distribution."""


# Every line


@dataclass(frozen=True, slots=True)
class Lines:
    """Every line of one seat in which the opponent plays anything; `lines = lost + drawn + won`."""

    lines: int
    lost: int
    drawn: int
    won: int
    replies: int
    well_formed: int
    legal: int


def lost_lines(game: Game, agent: Agent, seed: int = 0) -> tuple[Lines, Lines]:
    """Walk every line of a small game, with `agent` in the first seat and then in the second.

    The opponent plays every legal move, the agent the one it answers in that very game so far (one reply a history:
    for a player that plays by chance, one sample). Exact for a player whose replies depend on nothing but the game.
    A reply that is not legal ends its line, which counts as one line lost.
    """
    return _lines_of(game, agent, 0, seed), _lines_of(game, agent, 1, seed)


def _lines_of(game: Game, agent: Agent, seat: int, seed: int) -> Lines:
    state = game.initial(1)
    histories: Ints = np.zeros((1, 0), np.int64)
    lost = drawn = won = replies = well_formed = legal = 0
    while len(histories):
        # every game of this walk has the same number of plies, but a game may let a player move twice
        asked = game.to_move(state) == seat
        rows, actions = np.nonzero(game.legal_mask(state) & ~asked[:, None])
        mine = np.flatnonzero(asked)
        if mine.size:
            verdicts = verdicts_of(game, agent, take(state, mine), histories[mine], seed)
            answers = np.array([verdict.action for _, verdict in verdicts])
            replies += len(verdicts)
            well_formed += sum(verdict.kind != "malformed" for _, verdict in verdicts)
            legal += int((answers >= 0).sum())
            lost += int((answers < 0).sum())
            rows = np.concatenate([rows, mine[answers >= 0]])
            actions = np.concatenate([actions, answers[answers >= 0]])
        state = game.step(take(state, rows), actions)
        histories = np.concatenate([histories[rows], actions[:, None]], 1)
        over = game.done(state)
        results = game.returns(state)[over, seat]
        lost += int((results < 0).sum())
        drawn += int((results == 0).sum())
        won += int((results > 0).sum())
        state, histories = take(state, ~over), histories[~over]
    return Lines(lost + drawn + won, lost, drawn, won, replies, well_formed, legal)


def verdicts_of(game: Game, agent: Agent, state: object, histories: Ints, seed: int = 0) -> list[tuple[Reply, Verdict]]:
    """Ask `agent` once in every position of `state`, reached by `histories` (`[B, P]`, -1 padded), and judge it."""
    legal = game.legal_mask(state).tolist()
    # the game itself is the address: a player of chance answers the same whatever is asked beside it
    keys = stream_keys(np.full(len(histories), seed), *histories.T)
    seats = game.to_move(state)
    moves = [tuple(move for move in history if move >= 0) for history in histories.tolist()]
    views = [View(game, int(seat), m, int(key)) for seat, m, key in zip(seats, moves, keys, strict=True)]
    replies = agent.act(views)
    return [(reply, judge(game.moves, mask, reply.text)) for reply, mask in zip(replies, legal, strict=True)]


# The solver's positions


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the moves played are best, among positions in which the moves differ."""

    result: Rate
    """no other move has a better result (won, drawn, lost), where the results differ"""
    best: Rate
    """no other move wins sooner or loses later either, where the scores differ"""
    well_formed: Rate
    legal: Rate


def agreement(agent: Agent, game: Game, positions: Positions, seed: int = 0, batch: int = 512) -> Agreement:
    """Ask `agent` once in each position. What is malformed or not legal does not agree."""
    verdicts: list[Verdict] = []
    for start in range(0, len(positions.histories), batch):
        histories = positions.histories[start : start + batch]
        verdicts += [v for _, v in verdicts_of(game, agent, replay(game, histories), histories, seed)]
    actions = np.array([verdict.action for verdict in verdicts], np.int64)
    result, best = agreement_of(actions, positions)
    well_formed = sum(verdict.kind != "malformed" for verdict in verdicts)
    return Agreement(result, best, Rate(well_formed, len(verdicts)), Rate(int((actions >= 0).sum()), len(verdicts)))


def agreement_of(actions: Ints, positions: Positions) -> tuple[Rate, Rate]:
    """(by result, by score) of one move in each position (`[N]`, -1 where there is none)."""
    return _share_best(actions, positions.results), _share_best(actions, positions.scores)


def _share_best(actions: Ints, worth: Ints) -> Rate:
    counted = differ(worth)
    played = worth[np.arange(len(actions)), np.maximum(actions, 0)]
    right = (actions >= 0) & (played == worth.max(1))
    return Rate(int(right[counted].sum()), int(counted.sum()))


# Games


@dataclass(frozen=True, slots=True)
class Score:
    """Games against one opponent in colour-swapped pairs."""

    won: int
    drawn: int
    lost: int
    by_seat: tuple[tuple[int, int, int], tuple[int, int, int]]
    """(won, drawn, lost) as the first and as the second player"""
    points: float
    """share of the points, a draw is half"""
    interval: tuple[float, float]
    """95% interval of the points, see `pair_interval`"""
    distinct: int
    """games that differ in their moves: two players without chance repeat themselves from the same opening"""
    well_formed: Rate
    legal: Rate
    tokens: float
    """mean length of the player's replies; 0 for players that count no tokens"""

    @property
    def games(self) -> int:
        return self.won + self.drawn + self.lost


def score_against(
    game: Game,
    agent: Agent,
    opponent: Agent,
    *,
    pairs: int,
    seed: int = 0,
    opening_plies: int = 4,
    slots: int = 256,
) -> Score:
    """Play `pairs` of games; both games of a pair begin with the same random moves, the seats changed.

    Without random openings two players without chance would play one game `pairs` times over: `distinct` tells.
    Against a player of chance take none (`opening_plies=0`): random moves can leave a position that is lost already.
    An illegal or malformed reply of either player loses the game; the rates are those of `agent`.
    """
    openings = random_openings(game, np.arange(pairs), opening_plies, seed)
    seats = ((agent, opponent), (opponent, agent))
    matches = [Match(2 * i + s, seats[s], opening) for i, opening in enumerate(openings) for s in (0, 1)]
    return score_of(list(play(game, matches, seed=seed, slots=slots)))


def score_of(episodes: Sequence[Episode]) -> Score:
    """The score of the player that has the first seat in games with even numbers and the second in odd ones.

    Games `2 i` and `2 i + 1` are a pair.
    """
    results = np.array([[episode.number, episode.returns[episode.number % 2]] for episode in episodes]).reshape(-1, 2)
    seat, result = results[:, 0].astype(np.int64) % 2, results[:, 1]
    by_seat = tuple(_won_drawn_lost(result[seat == s]) for s in (0, 1))
    won, drawn, lost = _won_drawn_lost(result)
    turns = [turn for episode in episodes for turn in episode.turns if turn.seat == episode.number % 2]
    points = (1 + result[np.argsort(results[:, 0])].reshape(-1, 2).mean(1)) / 2
    return Score(
        won,
        drawn,
        lost,
        (by_seat[0], by_seat[1]),
        float(points.mean()) if len(points) else float("nan"),
        pair_interval(points),
        distinct=len({episode.history for episode in episodes}),
        well_formed=Rate(sum(turn.verdict.kind != "malformed" for turn in turns), len(turns)),
        legal=Rate(sum(turn.verdict.legal for turn in turns), len(turns)),
        tokens=float(np.mean([len(turn.reply.tokens) for turn in turns])) if turns else 0.0,
    )


def _won_drawn_lost(results: Floats | Bools) -> tuple[int, int, int]:
    return int((results > 0).sum()), int((results == 0).sum()), int((results < 0).sum())


def pair_interval(points: Floats) -> tuple[float, float]:
    """The 95% interval of the mean of `points` (`[N]` in 0..1, one for each pair of games).

    The two games of a pair share their opening, so pairs are counted, not games: Wilson's interval of the effective
    sample size n* = p (1 - p) / (variance of the mean over pairs), at most the number of games (Korn and Graubard
    1998, "Confidence intervals for proportions with small expected number of positive counts estimated from survey
    data"; with Wilson's interval: Franco et al. 2019, "Comparative study of confidence intervals for proportions in
    complex sample surveys"). Where all pairs ended alike there is no variance to go by, and n* is the number of pairs.
    """
    n = len(points)
    if n == 0:
        return 0.0, 1.0
    mean = float(points.mean())
    of_mean = float(points.var(ddof=1)) / n if n > 1 else 0.0
    effective = min(2.0 * n, mean * (1 - mean) / of_mean) if of_mean > 0 else float(n)
    return wilson(mean * effective, effective)
