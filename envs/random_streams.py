"""Random numbers by address instead of by order: what happens in an episode never depends on its neighbours.

A number is a hash of its address, whatever parts the caller gives (mostly the run's seed, a purpose, an episode, a
ply), so there is no state to save, to share between workers or to restore after a crash. The hash is SplitMix64
(Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", section 5), chained once for each part.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)


def _mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = (z ^ (z >> np.uint64(30))) * _MIX_A
    z = (z ^ (z >> np.uint64(27))) * _MIX_B
    return z ^ (z >> np.uint64(31))


def stream_keys(*address: ArrayLike) -> NDArray[np.uint64]:
    """One 64-bit key for each address; the parts (integers or arrays of them) are broadcast together."""
    key = np.zeros((), np.uint64)
    with np.errstate(over="ignore"):
        for part in address:
            key = _mix((key + _GAMMA) ^ _mix(np.asarray(part).astype(np.int64).astype(np.uint64) + _GAMMA))
    return key


def uniform(keys: NDArray[np.uint64], n: int) -> NDArray[np.float64]:
    """`[..., n]` numbers in [0, 1) for keys of shape `[...]`."""
    with np.errstate(over="ignore"):
        steps = np.arange(1, n + 1, dtype=np.uint64) * _GAMMA
        bits = _mix(keys[..., None] + steps)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def generator(*address: int) -> np.random.Generator:
    """A NumPy generator of its own for one address, where a whole distribution is wanted."""
    return np.random.Generator(np.random.Philox(int(stream_keys(*address))))
