"""What do the worst replies cost, and does any of them get full marks that it does not deserve?

    python benchmarks/hostile.py --out docs/results/hostile.md

Tier 0: each reply of the corpus (`xueba audit-reward`), and random changes of worked solutions, are graded by every
problem; the slowest is told in processor time, and for the corpus also what memory was asked for at the peak
(`tracemalloc`, which is too slow for all of them). Tier
1: answers that a computer algebra system does not come back from are given to math-verify behind our own checks, in its
killable process, each followed by an honest one.
"""

from __future__ import annotations

import random
import statistics
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tyro

from envs.game import padded, replay
from envs.problem import TEST, ProblemGame, process_reward
from envs.problems import PROBLEMS
from envs.reply import format_reply
from envs.symbolic import SymbolicGrader
from training.audit import audit, score_by
from training.hacks import COSTLY, hacks
from training.rewards import REWARDS

PIECES = (*"=0987-+*/().,x%_^\n ", "**", "1+1=2\n", "0=0\n", "１", "²", "\u200b", "\0", "<answer>", "</think>")


def changed(text: str, chance: random.Random) -> str:
    """One to three pieces put in, taken out, or written over."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, len(text))
        text = text[:at] + chance.choice(("", *PIECES)) + text[at + chance.randint(0, 4) :]
    return text


def replies(game: ProblemGame, fuzzed: int) -> Iterator[tuple[object, str]]:
    """Questions of all levels, each as a state of one game, with a reply."""
    chance, levels = random.Random(0), 1 + np.arange(max(fuzzed, len(hacks()))) % game.problem.levels
    states = replay(game, padded([(TEST, int(level), number) for number, level in enumerate(levels)]))
    tasks = game.tasks(states)
    for number, hack in enumerate(hacks()):
        yield type(states)(*(field[number : number + 1] for field in states)), hack.reply
    for number in range(fuzzed):
        task = tasks[number]
        reply = changed(format_reply(task.solution, task.answer), chance)
        yield type(states)(*(field[number : number + 1] for field in states)), reply


def tier_0(fuzzed: int) -> list[str]:
    rows = ["| problem | replies | slowest, ms | median, ms | memory at its peak, MB |", "|---|--:|--:|--:|--:|"]
    for name, game in PROBLEMS.items():
        times, peak = [], 0
        for state, reply in list(replies(game, fuzzed)):
            game.tasks(state)  # type: ignore[arg-type]
            began = time.process_time()
            verdict = game.judge(state, [reply])[0]  # type: ignore[arg-type]
            times.append(time.process_time() - began)
            assert 0 <= process_reward(verdict, game.problem.partial) <= 1
        for state, reply in replies(game, 0):
            tracemalloc.start()
            game.judge(state, [reply])  # type: ignore[arg-type]
            peak = max(peak, tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        slowest, middle = 1000 * max(times), 1000 * statistics.median(times)
        rows.append(f"| {name} | {len(times):,} | {slowest:.2f} | {middle:.3f} | {peak / 1e6:.2f} |")
        print(rows[-1], flush=True)
    return rows


def tier_1() -> str:
    worst, unharmed = 0.0, 0
    with SymbolicGrader(wait=60.0, remember=1) as grader:
        grader.same("1+x", "x+1")
        for number, costly in enumerate(COSTLY):
            grader.wait = 1.0
            began = time.perf_counter()
            wrong = grader.same(costly, "x^2+2x+1")
            worst = max(worst, time.perf_counter() - began)
            assert wrong is False, costly[:40]
            grader.wait = 60.0
            unharmed += grader.same(f"1+2x+{number}+x^2-{number}", "x^2+2x+1") is True
    return (
        f"{len(COSTLY)} answers: the slowest took {worst:.2f} s of the clock (the limit is 1 s, then the process is "
        f"killed); {unharmed} of {len(COSTLY)} honest answers right after them were judged as ever."
    )


def main(fuzzed: int = 1000, out: Path | None = None) -> None:
    """Measure; `--out` writes the same as `.md`."""
    rows = tier_0(fuzzed)
    found = audit(score_by(REWARDS["process"]))
    text = "\n".join(
        [
            "## Tier 0\n",
            *rows,
            f"\nOf {len(hacks())} replies of the corpus the reward `process` pays {len(found.through)} more than they "
            "deserve.\n",
            "## Tier 1\n",
            tier_1(),
            "",
        ]
    )
    print(text)
    if out is not None:
        command = f"python benchmarks/hostile.py --fuzzed {fuzzed} --out {out}"
        out.write_text(f"# Hostile replies\n\n`{command}`\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    tyro.cli(main)
