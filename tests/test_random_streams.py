"""Random numbers by address: SplitMix64 as published, even, and independent of what is played beside."""

from __future__ import annotations

import numpy as np
import pytest

from envs.random_streams import generator, stream_keys, uniform

# The first outputs of SplitMix64 for the seed 1234567 (Rosetta Code, "Pseudo-random numbers/Splitmix64")
PUBLISHED = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
MASK = 2**64 - 1


def mix(z: int) -> int:
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def by_integers(*address: int) -> int:
    """`stream_keys` again, with Python's integers of any size."""
    key = 0
    for part in address:
        key = mix((key + 0x9E3779B97F4A7C15 & MASK) ^ mix((part & MASK) + 0x9E3779B97F4A7C15 & MASK))
    return key


def test_splitmix64_as_published() -> None:
    numbers = uniform(np.array(1234567, np.uint64), 5)
    assert [int(number * 2**53) for number in numbers] == [bits >> 11 for bits in PUBLISHED]


@pytest.mark.parametrize("address", [(0,), (1, 2, 3), (-1,), (2**63 - 1, 5), (7, -(2**63), 0, 0)])
def test_keys_are_those_of_plain_integers(address: tuple[int, ...]) -> None:
    assert int(stream_keys(*address)) == by_integers(*address)


def test_parts_are_broadcast() -> None:
    keys = stream_keys(3, np.arange(4)[:, None], [7, 8, 9])
    assert keys.shape == (4, 3)
    assert keys.dtype == np.uint64
    assert int(keys[2, 1]) == by_integers(3, 2, 8)


def test_a_number_depends_on_its_address_alone() -> None:
    """Not on the batch, its size or order, nor on how many numbers are drawn."""
    episodes = np.array([5, 900, 17, 3])
    batch = uniform(stream_keys(1, episodes, 4), 6)
    for row, episode in enumerate(episodes):
        np.testing.assert_array_equal(uniform(stream_keys(1, episode, 4), 6), batch[row])
    np.testing.assert_array_equal(uniform(stream_keys(1, episodes[::-1], 4), 6), batch[::-1])
    np.testing.assert_array_equal(uniform(stream_keys(1, episodes, 4), 2), batch[:, :2])


def test_addresses_do_not_collide() -> None:
    """Seeds, episodes and plies near each other, swapped, or split otherwise, have keys of their own."""
    keys = stream_keys(np.arange(40)[:, None, None], np.arange(60)[:, None], np.arange(45))
    shorter = stream_keys(np.arange(40)[:, None], np.arange(60))
    longer = stream_keys(np.arange(40)[:, None], np.arange(60), 0, 0)
    everything = np.concatenate([keys.ravel(), shorter.ravel(), longer.ravel()])
    assert len(np.unique(everything)) == everything.size


@pytest.mark.parametrize("along", ["one stream", "episodes", "seeds"])
def test_numbers_are_even(along: str) -> None:
    """Chi-square over 64 bins, of single numbers and of neighbouring pairs (8 by 8): within 5 standard deviations."""
    n = 64_000
    if along == "one stream":
        numbers = uniform(stream_keys(0), n)
    else:
        addresses = (0, np.arange(n)) if along == "episodes" else (np.arange(n), 0)
        numbers = uniform(stream_keys(*addresses), 1)[:, 0]
    assert numbers.min() >= 0
    assert numbers.max() < 1
    singles = np.bincount((numbers * 64).astype(int), minlength=64)
    pairs = np.bincount((numbers[:-1:2] * 8).astype(int) * 8 + (numbers[1::2] * 8).astype(int), minlength=64)
    for counts in (singles, pairs):
        expected = counts.sum() / 64
        assert abs(((counts - expected) ** 2 / expected).sum() - 63) < 5 * np.sqrt(2 * 63)
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 5 / np.sqrt(n)


def test_every_bit_of_the_address_reaches_every_bit_of_the_key() -> None:
    """One flipped bit of the episode's number flips half of the key's bits."""
    base = np.arange(500)
    for bit in range(0, 63, 3):
        changed = stream_keys(2, base) ^ stream_keys(2, base ^ (1 << bit))
        flips = ((changed[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)).mean(0)
        assert abs(flips - 0.5).max() < 5 * 0.5 / np.sqrt(500)


def test_generators_repeat_and_differ() -> None:
    assert generator(1, 2).random(3).tolist() == generator(1, 2).random(3).tolist()
    assert generator(1, 2).random(3).tolist() != generator(2, 1).random(3).tolist()
