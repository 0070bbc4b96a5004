"""The worlds: rules of games, problems, and how a reply is judged."""

from envs.connect_four import ConnectFour
from envs.game import Game, World
from envs.lookup import not_found
from envs.problems import PROBLEMS
from envs.tic_tac_toe import TicTacToe

GAMES: dict[str, Game] = {game.name: game for game in (TicTacToe(), ConnectFour())}
WORLDS: dict[str, World] = {**GAMES, **PROBLEMS}


def game_named(name: str) -> Game:
    """The game of this name.

    Raises:
        ValueError: there is none; says which there are and which was probably meant.
    """
    if name in GAMES:
        return GAMES[name]
    raise ValueError(not_found("game", name, GAMES))
