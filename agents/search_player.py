"""Players that search: with a policy-value function (PUCT), or with random rollouts (plain MCTS)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agents.agent import Reply, View, keys_of, states_of
from agents.search import Evaluate, Found, Keys, SearchConfig, best_actions, search
from envs.game import Floats, Game, Ints, padded, put, random_actions, take
from envs.random_streams import stream_keys, uniform
from envs.reply import format_reply

OUTCOME_MARGIN = 0.33
"""A value beyond it is called a win (or a loss) in words."""


def outcome_word(value: float) -> str:
    """`win`, `draw` or `loss`, for the player whose value it is."""
    return "win" if value > OUTCOME_MARGIN else "loss" if value < -OUTCOME_MARGIN else "draw"


@dataclass(frozen=True)
class SearchPlayer:
    """Plays what a search finds best, and thinks aloud its principal line and what it expects of it.

    In the first `sampled_plies` of a game moves are drawn from the improved policy instead.
    """

    evaluate: Evaluate
    config: SearchConfig = field(default_factory=SearchConfig)
    sampled_plies: int = 0
    name: str = "search"

    def act(self, views: Sequence[View]) -> list[Reply]:
        game = views[0].game
        histories = padded([view.history for view in views])
        keys = keys_of(views)
        found = search(game, states_of(views), histories, self.evaluate, self.config, keys)
        plies = np.array([len(view.history) for view in views])
        actions = np.where(plies < self.sampled_plies, _drawn(found.policy, keys), best_actions(found))
        return [_reply(game, found, row, int(action)) for row, action in enumerate(actions)]


def _drawn(policy: Floats, keys: Keys) -> Ints:
    draw = uniform(stream_keys(keys.astype(np.int64), 1), 1)
    reach = policy.cumsum(1)
    # the two sums are rounded differently: no draw may lie beyond the last move
    wanted = np.minimum(draw * policy.sum(1, keepdims=True), np.nextafter(reach[:, -1:], np.float32(0)))
    drawn: Ints = (reach > wanted).argmax(1)
    return drawn


def _reply(game: Game, found: Found, row: int, action: int) -> Reply:
    line = tuple(int(move) for move in found.lines[row, action] if move >= 0)
    value = float(found.values[row, action])
    return Reply(
        format_reply(spoken_line(game, line, value), game.moves[action]),
        policy=tuple(found.policy[row].tolist()),
        value=value,
        line=line,
    )


def spoken_line(game: Game, line: Sequence[int], value: float) -> str:
    """The thinking: the moves expected, and what they lead to for the player to move."""
    return "".join(game.moves[move] for move in line) + " " + outcome_word(value)


def rollout(game: Game, state: Any, keys: Keys) -> Floats:
    """`[B]`: the result, for the player to move, of one random game from each position."""
    mover = game.to_move(state)
    state = take(state, slice(None))
    draws = uniform(keys, game.max_plies)
    for ply in range(game.max_plies):
        on = np.flatnonzero(~game.done(state))
        if not on.size:
            break
        now = take(state, on)
        put(state, on, game.step(now, random_actions(game.legal_mask(now), draws[on, ply])))
    result: Floats = game.returns(state)[np.arange(len(mover)), mover]
    return result


def rollout_evaluate(game: Game, state: Any, histories: Ints, keys: Keys) -> tuple[Floats, Floats]:
    """`Evaluate`: even priors, and the result of one random game as the value.

    Its address is the search's and the position's: each search has luck of its own, the same whatever is searched
    beside it.
    """
    weights = stream_keys(np.arange(histories.shape[1]))
    position = ((histories + 2).astype(np.uint64) * weights).sum(1, dtype=np.uint64)
    logpriors = np.zeros((len(histories), len(game.moves)), np.float32)
    return logpriors, rollout(game, state, stream_keys(keys, position))


def with_rollouts(evaluate: Evaluate, share: float) -> Evaluate:
    """`evaluate` with `share` of its value replaced by the result of a random game (AlphaGo, Silver et al. 2016)."""

    def mixed(game: Game, state: Any, histories: Ints, keys: Keys) -> tuple[Floats, Floats]:
        logpriors, values = evaluate(game, state, histories, keys)
        return logpriors, (1 - share) * values + share * rollout_evaluate(game, state, histories, keys)[1]

    return mixed if share > 0 else evaluate


def mcts_player(simulations: int = 400, exploration: float = 1.4) -> SearchPlayer:
    """The classic opponent: UCT with random rollouts, whose luck is that of each decision (`View.key`)."""
    config = SearchConfig(simulations, exploration, "uct", discount=1.0)
    return SearchPlayer(rollout_evaluate, config, name=f"mcts-{simulations}")
