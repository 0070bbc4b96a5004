"""Games of players by their names at the arena's table."""

from __future__ import annotations

from agents.arena_players import arena_player
from agents.episode import Episode
from agents.play import Clock, Match, play
from envs.arena import Arena


def games(mode: str, one: str, other: str, count: int = 12, plies: int = 50) -> list[Episode]:
    """`count` games, the colours changed after each."""
    arena = Arena(mode)
    players = (arena_player(one), arena_player(other))
    matches = [Match(n, players if n % 2 == 0 else players[::-1]) for n in range(count)]
    return list(play(arena, matches, seed=4, retries=arena.tries, clock=Clock(plies=plies)))
