"""Who can sit down: anything that answers a batch of views with a batch of replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from envs.game import Game, padded, replay


@dataclass(frozen=True, slots=True)
class View:
    """What a player sees when it is asked to move: the game so far, and nothing behind it.

    `key` is the address of the random stream for this decision (see `envs.random_streams`), the same whatever
    else is played beside it. `attempt` counts refused replies at this move. `episode` is the same through all
    turns of a game and differs between games at the same time, for players that remember; -1: not known. `heard` is
    what was said aloud so far (by which seat, and what), `refused` why this player's last tries at this move were
    refused (`refused_zh`: the same in Chinese), `tokens_left` what it may still spend in this game and `tokens_a_turn`
    on one reply before it loses by the clock; -1: as much as it likes.
    """

    game: Game
    seat: int
    history: tuple[int, ...]
    key: int
    attempt: int = 0
    episode: int = -1
    heard: tuple[tuple[int, str], ...] = ()
    refused: tuple[str, ...] = ()
    refused_zh: tuple[str, ...] = ()
    tokens_left: int = -1
    tokens_a_turn: int = -1


@dataclass(frozen=True, slots=True)
class Reply:
    """What a player answers.

    `text` is judged as it stands. The rest is for learning and looking: the tokens as sampled with their
    log-probabilities, the policy over all moves that the player holds right (`[A]`), how good it takes its
    position to be (-1 to 1), and the moves it expects (`line`). Of a model behind an address: what it reasoned outside
    of its text (`thought`), the tokens it was billed for (`spent`) and their price in US dollars (`cost`).
    """

    text: str
    prompt: str = ""
    prompt_tokens: tuple[int, ...] = ()
    tokens: tuple[int, ...] = ()
    logprobs: tuple[float, ...] = ()
    policy: tuple[float, ...] = ()
    value: float | None = None
    line: tuple[int, ...] = ()
    thought: str = ""
    spent: int = 0
    cost: float = 0.0


class Agent(Protocol):
    """A player. It answers many games at once, in lockstep, and keeps no game of its own."""

    @property
    def name(self) -> str:
        """What it is called in records and tables."""

    def act(self, views: Sequence[View]) -> list[Reply]:
        """One reply for each view, in order."""


def states_of(views: Sequence[View]) -> Any:
    """The positions of `views` (all of one game) as one batch."""
    return replay(views[0].game, padded([view.history for view in views]))


def keys_of(views: Sequence[View]) -> NDArray[np.uint64]:
    """The keys of `views`, `[B]`, for `envs.random_streams.uniform`."""
    return np.array([view.key for view in views], np.uint64)
