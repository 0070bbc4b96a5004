"""The engine games that `chess-moves` asks about, beside random ones.

    python docs/make_chess_games.py --games 800

plays Stockfish at skill 0 against itself, each from four random moves, and writes the first 61 moves of every game to
`envs/problems/chess_games.txt.gz`, a game a line.
"""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import chess
import chess.engine
import tyro

TARGET = Path(__file__).parent.parent / "envs" / "problems" / "chess_games.txt.gz"


def main(
    games: int = 800, plies: int = 61, nodes: int = 60, seed: int = 0, engine: str = "/usr/games/stockfish"
) -> None:
    """Play and write.

    Args:
        games: how many.
        plies: moves kept of each.
        nodes: what the engine looks at for a move.
        seed: of the openings.
        engine: a UCI engine.
    """
    draw, lines = random.Random(seed), []
    with chess.engine.SimpleEngine.popen_uci(engine) as player:
        player.configure({"Skill Level": 0, "Threads": 1})
        for _ in range(games):
            board = chess.Board()
            while len(board.move_stack) < plies and not board.is_game_over():
                opening = len(board.move_stack) < 4
                move = (
                    draw.choice(list(board.legal_moves))
                    if opening
                    else player.play(board, chess.engine.Limit(nodes=nodes)).move
                )
                board.push(move)
            lines.append("".join(move.uci() + " " for move in board.move_stack).strip())
    TARGET.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0))


if __name__ == "__main__":
    tyro.cli(main)
