"""Who can be asked to play by name: `random`, `perfect`, `mcts:400`, ..."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agents.agent import Agent
from agents.connect_four_solver import ConnectFourSolver
from agents.human import HumanPlayer
from agents.perfect import PerfectPlayer
from agents.random_player import RandomPlayer
from agents.search_player import mcts_player
from envs.lookup import not_found

Factory = Callable[[str], Agent]
"""Makes a player from what stands behind the colon of its name, which may be empty."""


def _plain(make: Callable[[], Agent]) -> Factory:
    def factory(option: str) -> Agent:
        if option:
            raise ValueError(f"this player takes nothing behind its name, not {option[:80]!r}")
        return make()

    return factory


def _mcts(option: str) -> Agent:
    # isdecimal and the length keep int() from strange digits and endless ones
    if option and not (option.isascii() and option.isdecimal() and len(option) <= 6 and int(option)):
        raise ValueError(f"mcts takes its simulations a move, 1 to 999999, as in mcts:400, not {option[:80]!r}")
    return mcts_player(int(option or 400))


PLAYERS: dict[str, Factory] = {
    "random": _plain(RandomPlayer),
    "perfect": _plain(PerfectPlayer),
    "mcts": _mcts,
    "solver": _plain(ConnectFourSolver),
    "human": _plain(HumanPlayer),
}


def player_named(spec: str, players: Mapping[str, Factory] = PLAYERS) -> Agent:
    """The player that `spec` (`name` or `name:option`) describes.

    Raises:
        ValueError: there is no such player (says which there are and which was probably meant), or the option is
            wrong.
        RuntimeError: the player needs something that is not installed; says how to install it.
    """
    name, _, option = spec.partition(":")
    if name not in players:
        raise ValueError(not_found("player", name, players))
    return players[name](option)
