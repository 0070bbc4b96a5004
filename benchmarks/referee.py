"""Verdicts per second of the chess referee on one core, beside what python-chess alone needs to parse the same answers.

    python benchmarks/referee.py --out referee.md

Answers of four sorts in positions of random games, each with its whole history: legal moves in standard notation and as
UCI, and illegal ones of both. The referee says more than python-chess (which law, both languages, squares, false
marks), so its parser is the limit and not a rival; beside it stands the least that a verdict on a legal move needs, the
parser and the move's own SAN, without which a false capture, check or mate is not seen. All take turns within every
repeat.
"""

from __future__ import annotations

import contextlib
import os
import platform
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import chess
import tyro

from envs import notation
from envs.referee import rule

Answer = tuple[chess.Board, str]
Judge = Callable[[chess.Board, str], object]
LEGAL = ("legal, SAN", "legal, UCI")


def answers(games: int, plies: int = 80) -> dict[str, list[Answer]]:
    """The same positions for each sort; SAN that is illegal was legal in another position."""
    chance = random.Random(0)
    found: dict[str, list[Answer]] = {sort: [] for sort in (*LEGAL, "illegal, SAN", "illegal, UCI")}
    boards: list[chess.Board] = []
    for _ in range(games):
        board = chess.Board()
        for _ in range(plies):
            moves = list(board.legal_moves)
            if not moves:
                break
            here, move = board.copy(), chance.choice(moves)
            boards.append(here)
            found["legal, SAN"].append((here, here.san(move)))
            found["legal, UCI"].append((here, move.uci()))
            board.push(move)
    written = [san for _, san in found["legal, SAN"]]
    for board in boards:
        san, own = chance.choice(written), list(chess.SquareSet(board.occupied_co[board.turn]))
        source, target = chance.choice(own), chance.randrange(64)
        uci = chess.square_name(source) + chess.square_name(target)
        found["illegal, SAN"] += [(board, san)] * (not rule(board, san).legal)
        found["illegal, UCI"] += [(board, uci)] * (source != target and not rule(board, uci).legal)
    return found


def anew(board: chess.Board, answer: str) -> None:
    notation._read.cache_clear()
    rule(board, answer)


def parsed(board: chess.Board, answer: str) -> None:
    with contextlib.suppress(ValueError):
        board.parse_san(answer)


def parsed_uci(board: chess.Board, answer: str) -> None:
    with contextlib.suppress(ValueError):
        board.parse_uci(answer)


def judges(sort: str) -> dict[str, Judge]:
    found: dict[str, Judge] = {"referee": rule, "referee, no reading remembered": anew}
    if sort.endswith("SAN"):
        found["python-chess, parse"] = parsed
        if sort in LEGAL:
            found["python-chess, parse and SAN"] = lambda board, answer: board.san(board.parse_san(answer))
    else:
        found["python-chess, parse"] = parsed_uci
        if sort in LEGAL:
            found["python-chess, parse and SAN"] = lambda board, answer: board.san(board.parse_uci(answer))
    return found


def speed(judge: Judge, given: list[Answer]) -> float:
    began = time.process_time()
    for board, answer in given:
        judge(board, answer)
    return len(given) / (time.process_time() - began)


def main(games: int = 40, repeats: int = 9, out: Path | None = None) -> None:
    """Measure and print; `--out` writes the same as `.md`."""
    rows = [
        "| answers | judged by | a second (median) | lowest - highest | beside the referee |",
        "|---|---|--:|--:|--:|",
    ]
    found = answers(games)
    for sort, given in found.items():
        runs: dict[str, list[float]] = {name: [] for name in judges(sort)}
        for _ in range(repeats):
            for name, judge in judges(sort).items():
                runs[name].append(speed(judge, given))
        ours = statistics.median(runs["referee"])
        rows += [
            f"| {sort} | {name} | {statistics.median(seen):,.0f} | {min(seen):,.0f} - {max(seen):,.0f} | "
            f"{statistics.median(seen) / ours:.2f} x |"
            for name, seen in runs.items()
        ]
    setting = (
        f"{', '.join(f'{len(given):,} {sort}' for sort, given in found.items())}; {repeats} repeats, processor time; "
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, "
        f"python-chess {chess.__version__}."
    )
    text = "\n".join([setting, "", *rows, ""])
    print(text)
    if out is not None:
        command = f"python benchmarks/referee.py --games {games} --repeats {repeats} --out {out}"
        out.write_text(f"`{command}`\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    tyro.cli(main)
