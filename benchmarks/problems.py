"""How fast are problems made and replies graded, and what share of training does the reward take?

    python benchmarks/problems.py --out docs/results/problems.md

Each kind of problem makes questions (their worked solutions with them, each in the split it belongs to) and grades
whole replies: the form, every step of the reasoning, and the answer. Replies are worked solutions, right and with one
digit changed. Where reasoning-gym (extra `bench`) has a task of the same kind, it makes questions in the same run, in
turns with ours. Then the presets of problems train for a few iterations, and the time spent judging replies and adding
up rewards is set beside all the rest. One core; processor time.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import tyro

from envs.game import padded, replay
from envs.problem import TRAIN, ProblemGame, questions
from envs.problems import PROBLEMS
from envs.reply import format_reply

PEERS: dict[str, tuple[int, str, dict[str, int]]] = {
    "addition": (2, "chain_sum", {"min_terms": 2, "max_terms": 2, "min_digits": 2, "max_digits": 2}),
    "arithmetic": (2, "basic_arithmetic", {"min_terms": 3, "max_terms": 3, "max_digits": 2}),
    "equations": (3, "simple_equations", {}),
    "fractions": (1, "fraction_simplification", {}),
    "geometry": (1, "simple_geometry", {}),
    "knights": (1, "knights_knaves", {}),
    "words": (1, "gsm_symbolic", {}),
    "countdown": (2, "countdown", {"min_numbers": 3, "max_numbers": 3}),
}
"""The nearest task of reasoning-gym, and our level of about the same difficulty (else it is level 1)."""


def makes(name: str, level: int, first: int, count: int) -> int:
    """Make questions that were not made before."""
    numbers = np.arange(first, first + count)
    return len(questions(PROBLEMS[name].problem, np.full(count, TRAIN), np.full(count, level), numbers))


def grades(game: ProblemGame, state: object, said: list[str]) -> int:
    """Whole rewards: the form, every step, the answer."""
    return len(game.judge(state, said))  # type: ignore[arg-type]


def peer(name: str) -> Callable[[int, int], int] | None:
    """reasoning-gym's generator of that kind; None where there is none."""
    if name not in PEERS:
        return None
    try:
        import reasoning_gym
    except ImportError:
        return None
    _, task, options = PEERS[name]

    def make(first: int, count: int) -> int:
        dataset = reasoning_gym.create_dataset(task, seed=first, size=count, **options)
        return len([dataset[index] for index in range(count)])

    return make


def per_second(work: Callable[[], int]) -> float:
    began = time.process_time()
    done = work()
    return done / (time.process_time() - began)


def replies(game: ProblemGame, count: int, first: int) -> tuple[object, list[str]]:
    """Questions of all levels as a state, with replies to them, every second with a wrong digit."""
    levels = 1 + np.arange(count) % game.problem.levels
    state = replay(game, padded([(TRAIN, int(level), first + number) for number, level in enumerate(levels)]))
    said = []
    for number, task in enumerate(game.tasks(state)):
        reply = format_reply(task.solution, task.answer)
        place = next((i for i, c in enumerate(reply) if c.isdigit()), -1)
        wrong = number % 2 and place >= 0
        said.append(reply[:place] + str((int(reply[place]) + 1) % 10) + reply[place + 1 :] if wrong else reply)
    return state, said


def speeds(count: int, repeats: int) -> list[str]:
    rows = [
        "| problem, level | questions/s | at the highest level | reasoning-gym's | ours is | whole rewards/s |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, game in PROBLEMS.items():
        makes(name, 1, 0, 10)
        other, found = peer(name), dict[str, list[float]](low=[], high=[], peer=[], grade=[])
        level = PEERS[name][0] if other else 1
        for repeat in range(1, repeats + 1):
            first = repeat * 10_000_000
            # new texts each time: short replies that were read before are remembered
            state, said = replies(game, min(count, 2000), first)
            found["low"].append(per_second(partial(makes, name, level, first, count)))
            found["high"].append(per_second(partial(makes, name, game.problem.levels, first, count)))
            if other:
                found["peer"].append(per_second(partial(other, first, 100 if name == "countdown" else 1000)))
            found["grade"].append(per_second(partial(grades, game, state, said)))
        middle = {kind: statistics.median(rates) for kind, rates in found.items() if rates}
        beside = f"{middle['peer']:,.0f} | {middle['low'] / middle['peer']:,.1f} x" if other else "- | "
        rows.append(
            f"| {name}, {level} | {middle['low']:,.0f} | {middle['high']:,.0f} | {beside} | {middle['grade']:,.0f} |"
        )
        print(rows[-1], flush=True)
    return rows


class Stopwatch:
    """Adds up the processor time that some calls take."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def around(self, function: Callable[..., object]) -> Callable[..., object]:
        def timed(*arguments: object, **named: object) -> object:
            began = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds += time.process_time() - began

        return timed


def shares(presets: Sequence[str], iterations: int) -> list[str]:
    """How much of an iteration (playing, grading, learning) the reward takes."""
    import torch

    from training import grpo
    from training.learner import new_learner
    from training.presets import PRESETS
    from training.reading import read
    from training.train import one_iteration

    torch.set_num_threads(1)
    rows = ["| preset | seconds an iteration | for the reward | share |", "|---|--:|--:|--:|"]
    judge, rewarded = ProblemGame.judge, grpo.rewarded
    for name in presets:
        config = replace(PRESETS[name], threads=1, measure=replace(PRESETS[name].measure, every=10**6))
        learner, watch = new_learner(config), Stopwatch()
        for step in range(config.warm_up.steps):  # whoever writes nothing well-formed costs nothing to grade
            read(learner, step)
        one_iteration(learner)
        try:
            ProblemGame.judge, grpo.rewarded = watch.around(judge), watch.around(rewarded)  # type: ignore[method-assign, assignment]
            began = time.process_time()
            for _ in range(iterations):
                one_iteration(learner)
            whole = time.process_time() - began
        finally:
            ProblemGame.judge, grpo.rewarded = judge, rewarded  # type: ignore[method-assign]
        rows.append(
            f"| {name} | {whole / iterations:.2f} | {watch.seconds / iterations:.4f} | {watch.seconds / whole:.1%} |"
        )
        print(rows[-1], flush=True)
    return rows


def main(count: int = 20_000, repeats: int = 3, iterations: int = 5, out: Path | None = None) -> None:
    """Measure; `--out` writes the same as `.md`."""
    made = speeds(count, repeats)
    taken = shares(("addition", "arithmetic"), iterations)
    text = "\n".join([*made, "", "## The reward's share of training", "", *taken, ""])
    print(text)
    if out is not None:
        command = f"python benchmarks/problems.py --count {count} --repeats {repeats} --iterations {iterations}"
        out.write_text(f"# Problems made and replies graded\n\n`{command} --out {out}`\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    tyro.cli(main)
