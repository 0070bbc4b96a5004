"""A player that chooses among the legal moves by chance."""

from __future__ import annotations

from collections.abc import Sequence

from agents.agent import Reply, View, keys_of, states_of
from envs.game import random_actions
from envs.random_streams import uniform
from envs.reply import format_reply


class RandomPlayer:
    name = "random"

    def act(self, views: Sequence[View]) -> list[Reply]:
        game = views[0].game
        actions = random_actions(game.legal_mask(states_of(views)), uniform(keys_of(views), 1)[:, 0])
        return [Reply(format_reply("any move", game.moves[action])) for action in actions]
