"""Every game as a Gymnasium environment for one player against a given opponent, single or as a batch.

    import gymnasium, xueba
    world = gymnasium.make("xueba/ConnectFour-v0", seat="random")
    worlds = gymnasium.make_vec("xueba/ConnectFour-v0", num_envs=4096)

Observations are `[rows, columns, 2]` of 0 and 1: one's own stones, then the opponent's. `info["action_mask"]` (`[A]`
of 0 and 1) says what is legal, as `action_space.sample(mask=...)` wants it. The reward is 1, 0 or -1 at the end.

Whoever plays an illegal action loses at once: -1 if it was ours and 1 if it was the opponent's, the board staying as
it was, with `info["illegal"]` True. A number that is no action of the game at all raises a ValueError.
"""

from __future__ import annotations

from typing import Any, Protocol

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from envs import GAMES, game_named, render
from envs.game import Bools, Floats, Game, Ints, put, random_actions, take
from envs.observation import Planes, planes, shape
from envs.random_streams import stream_keys, uniform

SEATS = ("first", "second", "random")
Info = dict[str, Any]


class Opponent(Protocol):
    """Who sits opposite: answers a batch of positions, all of one game, with one action each."""

    def __call__(self, game: Game, state: Any, histories: NDArray[np.int16], keys: NDArray[np.uint64]) -> Ints:
        """`[B]` actions (-1, or any that is not legal, loses).

        `state` holds the positions, `histories` (`[B, T]`, filled up with -1) the moves that led there, and `keys`
        (`[B]`) the address of a random stream for each decision (see `envs.random_streams`).
        """


def random_opponent(game: Game, state: Any, histories: NDArray[np.int16], keys: NDArray[np.uint64]) -> Ints:
    """Any legal move, all equally likely."""
    return random_actions(game.legal_mask(state), uniform(keys, 1)[:, 0])


class _Tables:
    """`B` games of one player against the opponent, each waiting for the player's move or over.

    Chance depends on (seed, table, game at this table, ply) alone, so table 0 is the same whatever `B` is.
    """

    def __init__(self, game: Game, batch: int, opponent: Opponent, seat: str) -> None:
        if seat not in SEATS:
            raise ValueError(f"no seat is called {seat!r} (there are: {', '.join(SEATS)})")
        self.game, self.opponent, self.seat = game, opponent, seat
        self.state = game.initial(batch)
        self.seats = np.zeros(batch, np.int64)
        self.number = np.zeros(batch, np.int64)
        self.plies = np.zeros(batch, np.int64)
        self.histories = np.full((batch, game.max_plies), -1, np.int16)
        self.forfeits = np.full(batch, -1, np.int64)
        """`[B]`: the seat that lost by an illegal action, or -1."""
        self.seed = 0

    def start(self, seed: int) -> None:
        """New games everywhere, the first of this seed."""
        self.seed = seed
        self.number[:] = -1
        self.deal(np.arange(len(self.number)))

    def deal(self, rows: Ints) -> None:
        """New games at the tables `rows`; where the opponent begins, it has moved."""
        self.number[rows] += 1
        self.plies[rows] = 0
        self.histories[rows] = -1
        self.forfeits[rows] = -1
        drawn = (stream_keys(self.seed, rows, self.number[rows], -1) & np.uint64(1)).astype(np.int64)
        self.seats[rows] = drawn if self.seat == "random" else SEATS.index(self.seat)
        put(self.state, rows, self.game.initial(len(rows)))
        self._answer(rows)

    def play(self, rows: Ints, actions: Ints) -> None:
        """The player's actions at the tables `rows`, none of which is over, and the opponent's answers."""
        bad = (actions < 0) | (actions >= len(self.game.moves))
        if bad.any():
            wrong = actions[bad.argmax()]
            raise ValueError(f"{wrong} is no action of {self.game.name} (0 to {len(self.game.moves) - 1})")
        self._move(rows, actions)
        self._answer(rows)

    def _answer(self, rows: Ints) -> None:
        rows = rows[self._waiting_for_opponent(rows)]
        while len(rows):
            keys = stream_keys(self.seed, rows, self.number[rows], self.plies[rows])
            actions = self.opponent(self.game, take(self.state, rows), self.histories[rows], keys)
            self._move(rows, np.asarray(actions, np.int64))
            rows = rows[self._waiting_for_opponent(rows)]

    def _waiting_for_opponent(self, rows: Ints) -> Bools:
        state = take(self.state, rows)
        waiting: Bools = self.game.to_move(state) != self.seats[rows]
        return waiting & ~self.game.done(state) & (self.forfeits[rows] < 0)

    def _move(self, rows: Ints, actions: Ints) -> None:
        state = take(self.state, rows)
        known = (actions >= 0) & (actions < len(self.game.moves))
        legal = known & self.game.legal_mask(state)[np.arange(len(rows)), np.where(known, actions, 0)]
        if not legal.all():
            self.forfeits[rows[~legal]] = self.game.to_move(state)[~legal]
            rows, actions, state = rows[legal], actions[legal], take(state, legal)
        put(self.state, rows, self.game.step(state, actions))
        self.histories[rows, self.plies[rows]] = actions
        self.plies[rows] += 1

    def over(self) -> Bools:
        """`[B]`: ended by the rules or by an illegal action."""
        lost: Bools = self.forfeits >= 0
        return self.game.done(self.state) | lost

    def rewards(self) -> Floats:
        """`[B]`: the player's result; 0 while a game is running."""
        result = self.game.returns(self.state)[np.arange(len(self.seats)), self.seats]
        forfeit = np.where(self.forfeits == self.seats, -1, 1).astype(np.float32)
        return np.where(self.forfeits >= 0, forfeit, result)

    def masks(self) -> NDArray[np.int8]:
        """`[B, A]`: 1 for what is legal; all 0 where the game is over."""
        return (self.game.legal_mask(self.state) & (self.forfeits < 0)[:, None]).view(np.int8)

    def look(self) -> Planes:
        return planes(self.game, self.state, self.seats)


def _spaces(game: Game) -> tuple[spaces.Space[Any], spaces.Space[Any]]:
    return spaces.Box(0, 1, shape(game), np.int8), spaces.Discrete(len(game.moves))


class GameEnv(gymnasium.Env[Planes, int]):
    """One game at a time against `opponent`; `seat` is "first", "second" or "random" (drawn anew for every game).

    The same `reset(seed=...)` gives the same seats and the same opponent's moves; `reset()` goes on to the next game.

    Raises:
        ValueError: there is no such game, seat or render mode.
    """

    metadata = {"render_modes": ["ansi", "rgb_array", "human"], "render_fps": 2}  # noqa: RUF012 (as Gymnasium has it)

    def __init__(
        self,
        game: str,
        opponent: Opponent = random_opponent,
        seat: str = "first",
        render_mode: str | None = None,
    ) -> None:
        render.check_mode(render_mode, self.metadata["render_modes"])
        self.game = game_named(game)
        self.render_mode = render_mode
        self.observation_space, self.action_space = _spaces(self.game)
        self._tables = _Tables(self.game, 1, opponent, seat)
        self._started = self._ended = False

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Planes, Info]:
        super().reset(seed=seed)
        if seed is not None or not self._started:
            self._tables.start(int(self.np_random.integers(2**63)))
            self._started = True
        else:
            self._tables.deal(np.array([0]))
        self._ended = False
        self._show()
        return self._tables.look()[0], self._info()

    def step(self, action: int) -> tuple[Planes, float, bool, bool, Info]:
        tables = self._tables
        if self._ended:
            raise RuntimeError("the game is over: call reset()")
        # it may be over already: an opponent that begins can lose by an illegal action before we are asked
        if not tables.over()[0]:
            tables.play(np.array([0]), np.array([action], np.int64))
        self._ended = bool(tables.over()[0])
        self._show()
        return tables.look()[0], float(tables.rewards()[0]), self._ended, False, self._info()

    def action_masks(self) -> Bools:
        """`[A]`: what is legal, under the name by which sb3-contrib's MaskablePPO asks for it."""
        legal: Bools = self._tables.masks()[0] == 1
        return legal

    def _info(self) -> Info:
        tables = self._tables
        return {
            "action_mask": tables.masks()[0],
            "seat": int(tables.seats[0]),
            "illegal": bool(tables.forfeits[0] >= 0),
        }

    def _show(self) -> None:
        if self.render_mode == "human":
            self.render()

    def render(self) -> str | NDArray[np.uint8] | None:
        """The board as text (`ansi`), as a picture (`rgb_array`) or printed (`human`, which returns nothing)."""
        plies = int(self._tables.plies[0])
        last = int(self._tables.histories[0, plies - 1]) if plies else None
        return render.frame(self.render_mode, self.game, self._tables.state, last)


class GameVectorEnv(VectorEnv[Planes, Ints, NDArray[Any]]):
    """`num_envs` games in one batch, without a loop over them. Arguments as for `GameEnv`.

    A game that has ended is followed by a new one at the next step, whose action for it is ignored (Gymnasium's
    `NEXT_STEP`). `info` holds `action_mask` (`[B, A]`), `seat` and `illegal` (`[B]`).
    """

    metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP, "render_modes": ["ansi", "rgb_array"]}  # noqa: RUF012

    def __init__(
        self,
        game: str,
        num_envs: int = 1,
        opponent: Opponent = random_opponent,
        seat: str = "first",
        render_mode: str | None = None,
    ) -> None:
        render.check_mode(render_mode, self.metadata["render_modes"])
        self.game = game_named(game)
        self.num_envs = num_envs
        self.render_mode = render_mode
        self.single_observation_space, self.single_action_space = _spaces(self.game)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._tables = _Tables(self.game, num_envs, opponent, seat)
        self._over = np.zeros(num_envs, bool)

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Planes, Info]:
        super().reset(seed=seed)
        self._tables.start(int(self.np_random.integers(2**63)))
        self._over = np.zeros(self.num_envs, bool)
        return self._tables.look(), self._info()

    def step(self, actions: Ints) -> tuple[Planes, Floats, Bools, Bools, Info]:
        tables = self._tables
        # a game may be over though nobody was told: an opponent that begins can lose before we are asked
        going, ended = np.flatnonzero(~self._over & ~tables.over()), np.flatnonzero(self._over)
        tables.play(going, np.asarray(actions, np.int64)[going])
        if len(ended):
            tables.deal(ended)
        self._over = tables.over()
        return tables.look(), tables.rewards(), self._over, np.zeros(self.num_envs, bool), self._info()

    def _info(self) -> Info:
        tables = self._tables
        return {"action_mask": tables.masks(), "seat": tables.seats.copy(), "illegal": tables.forfeits >= 0}

    def render(self) -> tuple[Any, ...] | None:
        """A frame for each game."""
        if self.render_mode is None:
            return None
        tables, frames = self._tables, []
        for row in range(self.num_envs):
            plies = int(tables.plies[row])
            last = int(tables.histories[row, plies - 1]) if plies else None
            frames.append(render.frame(self.render_mode, self.game, take(tables.state, [row]), last))
        return tuple(frames)


def environment_id(game_name: str) -> str:
    """Gymnasium's id of a game: "connect-four" is "xueba/ConnectFour-v0"."""
    return f"xueba/{''.join(part.capitalize() for part in game_name.split('-'))}-v0"


def register() -> None:
    """Tell Gymnasium of every game, and of chess. Doing it again changes nothing."""
    for name in (*GAMES, "chess"):
        if environment_id(name) not in gymnasium.registry:
            gymnasium.register(
                environment_id(name),
                entry_point="envs.gymnasium_adapter:GameEnv",
                vector_entry_point="envs.gymnasium_adapter:GameVectorEnv",
                kwargs={"game": name},
            )
