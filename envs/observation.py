"""What the adapters show of a position: two planes of stones, one's own first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs.game import FIRST, SECOND, Game, Ints

Planes = NDArray[np.int8]


def shape(game: Game) -> tuple[int, int, int]:
    """Of one observation: rows, columns, planes."""
    return (*game.shape, getattr(game, "depth", 2))


def planes(game: Game, state: Any, seats: Ints) -> Planes:
    """`[B, rows, columns, planes]` of 0 and 1, as the players in `seats` (`[B]`) see it.

    Two planes, one's own stones and the other's, unless a game has `planes` of its own and says how many (`depth`).
    """
    own_planes = getattr(game, "planes", None)
    if own_planes is not None:
        found: Planes = own_planes(state, seats)
        return found
    cells = game.cells(state)
    own = (FIRST + seats).astype(np.int8)[:, None, None]
    other = (SECOND - seats).astype(np.int8)[:, None, None]
    return np.stack([cells == own, cells == other], 3).view(np.int8)
