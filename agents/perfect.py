"""The perfect player of small games, and what every position of them is worth: by looking at all there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from agents.agent import Reply, View, keys_of
from agents.search_player import spoken_line
from envs.game import Bools, Game, Ints, join, padded, random_actions, take
from envs.random_streams import uniform
from envs.reply import format_reply

ILLEGAL = np.iinfo(np.int64).min
"""Stands for the score of an illegal move."""


@dataclass(frozen=True)
class Solution:
    """Every position of a game that is not over, `N` of them, in the order of their plies; the start is row 0."""

    states: Any
    """the `N` positions"""
    histories: Ints
    """`[N, max_plies]`: moves that lead there (one way of many), -1 after the end"""
    child: Ints
    """`[N, A]`: the row after each move; -1 where the move is illegal or ends the game"""
    scores: Ints
    """`[N, A]`: what each move is worth to the player to move: 0 drawn; won `max_plies + 1 - (plies of the whole
    game)`, so that sooner is better; lost the same below 0; `ILLEGAL`"""

    @property
    def values(self) -> Ints:
        """`[N]`: 1 won, 0 drawn, -1 lost, for the player to move and both playing perfectly."""
        values: Ints = np.sign(self.scores.max(1))
        return values

    @property
    def best(self) -> Bools:
        """`[N, A]`: the moves that win soonest, or draw, or lose latest."""
        best: Bools = self.scores == self.scores.max(1, keepdims=True)
        return best

    def rows(self, histories: Ints) -> Ints:
        """`[B]`: the rows of the positions after `histories` (`[B, P]`, -1 padded); -1 where the game is over."""
        rows = np.zeros(len(histories), np.int64)
        for moves in histories.T:
            on = (moves >= 0) & (rows >= 0)
            rows[on] = self.child[rows[on], moves[on]]
        return rows


@lru_cache(maxsize=8)
def solve(game: Game, limit: int = 200_000) -> Solution:
    """Look at every position once, ply by ply, then carry the results back from the end.

    Raises:
        ValueError: the game has more than `limit` positions.
    """
    layers, histories, children, ends = [game.initial(1)], [np.full((1, game.max_plies), -1, np.int64)], [], []
    count = 1
    while len(histories[-1]):
        state, mask = layers[-1], game.legal_mask(layers[-1])
        rows, actions = np.nonzero(mask)
        after = game.step(take(state, rows), actions)
        over = game.done(after)
        end = np.zeros(mask.shape, np.int64)
        mover = game.to_move(state)[rows]
        end[rows, actions] = game.returns(after)[np.arange(len(rows)), mover] * (game.max_plies + 1 - len(layers))
        ends.append(np.where(mask, end, ILLEGAL))
        going = np.flatnonzero(~over)
        fields = np.stack([np.asarray(field).astype(np.int64) for field in take(after, going)], 1)
        _, first, number = np.unique(fields, axis=0, return_index=True, return_inverse=True)
        child = np.full(mask.shape, -1, np.int64)
        child[rows[going], actions[going]] = count + number.reshape(-1)
        children.append(child)
        layers.append(take(after, going[first]))
        histories.append(histories[-1][rows[going[first]]])
        histories[-1][:, len(layers) - 2] = actions[going[first]]
        count += len(first)
        if count > limit:
            raise ValueError(f"{game.name} has more than {limit} positions: too many to look at all of them")
    scores, child = np.concatenate(ends), np.concatenate(children)
    _carry_back(scores, child, [len(moves) for moves in histories], [game.to_move(layer) for layer in layers])
    return Solution(join(layers), np.concatenate(histories), child, scores)


def _carry_back(scores: Ints, child: Ints, sizes: list[int], movers: list[Ints]) -> None:
    """Fill in, from the last ply to the first, the scores of the moves that lead on."""
    mover = np.concatenate(movers)
    stop = len(scores)
    for size in reversed(sizes):
        start = stop - size
        rows, actions = np.nonzero(child[start:stop] >= 0)
        rows = rows + start
        following = child[rows, actions]
        sign = np.where(mover[following] == mover[rows], 1, -1)
        scores[rows, actions] = sign * scores[following].max(1)
        stop = start


class PerfectPlayer:
    """Wins as soon as possible or loses as late as possible; by chance among moves of the same worth."""

    name = "perfect"

    def act(self, views: Sequence[View]) -> list[Reply]:
        """One reply for each view, with the moves it expects as its thinking.

        Raises:
            ValueError: the game is too large to be solved.
        """
        game = views[0].game
        solution = solve(game)
        rows = solution.rows(padded([view.history for view in views]))
        best, values = solution.best[rows], solution.values[rows]
        actions = random_actions(best, uniform(keys_of(views), 1)[:, 0])
        policies = best / best.sum(1, keepdims=True)
        return [
            _reply(game, _line(solution, int(row), int(action)), float(value), policy.tolist())
            for row, action, value, policy in zip(rows, actions, values, policies, strict=True)
        ]


def _line(solution: Solution, row: int, action: int) -> tuple[int, ...]:
    line = [action]
    row = int(solution.child[row, action])
    while row >= 0:
        line.append(int(solution.scores[row].argmax()))
        row = int(solution.child[row, line[-1]])
    return tuple(line)


def _reply(game: Game, line: tuple[int, ...], value: float, policy: list[float]) -> Reply:
    text = format_reply(spoken_line(game, line, value), game.moves[line[0]])
    return Reply(text, policy=tuple(policy), value=value, line=line)
