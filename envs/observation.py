"""What the adapters show of a position: two planes of stones, one's own first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs.game import FIRST, SECOND, Game, Ints

Planes = NDArray[np.int8]


def planes(game: Game, state: Any, seats: Ints) -> Planes:
    """`[B, rows, columns, 2]` of 0 and 1: the stones of the player in `seats` (`[B]`), then its opponent's."""
    cells = game.cells(state)
    own = (FIRST + seats).astype(np.int8)[:, None, None]
    other = (SECOND - seats).astype(np.int8)[:, None, None]
    return np.stack([cells == own, cells == other], 3).view(np.int8)
