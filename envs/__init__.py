"""The worlds: rules of games, problems, and how a reply is judged."""

from functools import lru_cache

from envs.connect_four import ConnectFour
from envs.game import Game, World
from envs.lookup import not_found
from envs.problems import PROBLEMS
from envs.tic_tac_toe import TicTacToe

GAMES: dict[str, Game] = {game.name: game for game in (TicTacToe(), ConnectFour())}
WORLDS: dict[str, World] = {**GAMES, **PROBLEMS}
CHESS = ("chess", "chess960")
"""Chess stands apart: a board at a time, it is too slow to be learned by playing, and it is played at the arena."""


@lru_cache(maxsize=64)
def _chess(name: str) -> Game:
    from envs.chess_game import chess_named

    return chess_named(name)


def game_named(name: str) -> Game:
    """The game of this name; chess also from a position, `chess:FEN`, `chess960:NUMBER`.

    Raises:
        ValueError: there is none; says which there are and which was probably meant.
    """
    if name in GAMES:
        return GAMES[name]
    if name.partition(":")[0] in CHESS:
        return _chess(name)
    raise ValueError(not_found("game", name, GAMES))
