"""Every game as a PettingZoo environment, turn by turn (AEC).

    from envs.pettingzoo_adapter import env
    world = env("connect-four", render_mode="ansi")

An observation is a dict of `observation`, `[rows, columns, 2]` of 0 and 1 (the agent's own stones, then the other's;
of chess 18 planes, see `envs.chess_game`), and `action_mask`, `[A]` (all 0 for whoever is not to move). The winner gets
1 and the loser -1 at the end; a draw gives 0. As in PettingZoo's own board games, an illegal action ends the game: -1
for who played it, 0 for the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import AECEnv
from pettingzoo.utils import wrappers

from envs import game_named, render
from envs.game import Game
from envs.observation import planes, shape

Observation = dict[str, NDArray[np.int8]]


def env(game_name: str, render_mode: str | None = None) -> AECEnv[str, Observation, int]:
    """The game of this name with PettingZoo's usual wrappers.

    Raises:
        ValueError: there is no such game or no such render mode.
    """
    world: AECEnv[str, Observation, int] = GameAEC(game_named(game_name), render_mode)
    world = wrappers.TerminateIllegalWrapper(world, illegal_reward=-1)
    world = wrappers.AssertOutOfBoundsWrapper(world)
    return wrappers.OrderEnforcingWrapper(world)


class GameAEC(AECEnv[str, Observation, int]):  # type: ignore[misc]
    """Any `Game` for two agents, `player_0` (who begins) and `player_1`; without wrappers an illegal action raises."""

    def __init__(self, game: Game, render_mode: str | None = None) -> None:
        super().__init__()
        modes = ["ansi", "rgb_array", "human"]
        render.check_mode(render_mode, modes)
        self.metadata = {
            "name": f"{game.name.replace('-', '_')}_v0",
            "render_modes": modes,
            "render_fps": 2,
            "is_parallelizable": False,
        }
        self.game = game
        self.render_mode = render_mode
        self.possible_agents = ["player_0", "player_1"]
        self.agents: list[str] = []
        board = spaces.Box(0, 1, shape(game), np.int8)
        mask = spaces.Box(0, 1, (len(game.moves),), np.int8)
        self.observation_spaces = {
            agent: spaces.Dict({"observation": board, "action_mask": mask}) for agent in self.possible_agents
        }
        self.action_spaces = {agent: spaces.Discrete(len(game.moves)) for agent in self.possible_agents}

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """A new game. Nothing here is left to chance, so the seed changes nothing."""
        self.state = self.game.initial(1)
        self.last_action: int | None = None
        self.agents = self.possible_agents[:]
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos: dict[str, dict[str, Any]] = {agent: {} for agent in self.agents}
        self._select()

    def observe(self, agent: str) -> Observation:
        seat = self.possible_agents.index(agent)
        mask = self.game.legal_mask(self.state)[0] & (agent == self.agent_selection)
        return {
            "observation": planes(self.game, self.state, np.array([seat]))[0],
            "action_mask": mask.astype(np.int8),
        }

    def step(self, action: int) -> None:
        """Play `action` for the agent selected (None once its game has ended).

        Raises:
            ValueError: the action is illegal; names the move.
        """
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        self.state = self.game.step(self.state, np.array([action], np.int64))
        self.last_action = int(action)
        if self.game.done(self.state)[0]:
            self.rewards = dict(zip(self.agents, self.game.returns(self.state)[0].tolist(), strict=True))
            self.terminations = dict.fromkeys(self.agents, True)
        self._select()
        self._accumulate_rewards()
        if self.render_mode == "human":
            self.render()

    def _select(self) -> None:
        self.agent_selection = self.possible_agents[int(self.game.to_move(self.state)[0])]

    def render(self) -> str | NDArray[np.uint8] | None:
        """The board as text (`ansi`), as a picture (`rgb_array`) or printed (`human`, which returns nothing)."""
        return render.frame(self.render_mode, self.game, self.state, self.last_action)

    def close(self) -> None:
        """Nothing is held open; PettingZoo asks for the method wherever there is a `render`."""
