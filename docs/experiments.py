"""The experiments of `docs/results`, several seeds each, with intervals and a control that must fail.

    python docs/experiments.py rewards --out docs/results/rewards.md
    python docs/experiments.py guesses --out docs/results/guesses.md
    python docs/experiments.py hacks --out docs/results/hacks.md
    python docs/experiments.py steps --out docs/results/worked-steps.md
    python docs/experiments.py distillation --out docs/results/distillation.md
    python docs/experiments.py controls --out docs/results/controls.md
    python docs/experiments.py chess --seeds 1 --iterations 25

What is compared shares a seed's warm-up and differs in nothing else. Held-out questions (test split), greedy, without a
mask; means over seeds with 95% intervals (Student's t). Progress goes to the standard error.
"""

from __future__ import annotations

import random
import statistics
import tempfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import tyro
from over_seeds import Row, over_seeds, per_seed, table, told

from agents.episode import Episode
from envs.lookup import not_found
from envs.problem import TEST, ProblemGame, Task
from envs.problems.chess_moves import asked
from envs.steps import steps_of
from llm_policy.checkpoint import save_model
from llm_policy.player import LanguageModelPlayer
from training import reading
from training.config import (
    Config,
    DistillationConfig,
    OptimizerConfig,
    PlayConfig,
    ProblemConfig,
    WarmUpConfig,
)
from training.exam import exam
from training.learner import Learner, new_learner
from training.presets import PRESETS
from training.rewards import REWARDS
from training.train import one_iteration

QUESTIONS = 1000
MAX_SEEDS = 10


def warmed_up(config: Config, steps: int | None = None) -> Learner:
    """A learner that has read its worked solutions."""
    learner = new_learner(config)
    for step in range(config.warm_up.steps if steps is None else steps):
        reading.read(learner, step)
    return learner


def branch(learner: Learner, **changes: Any) -> Learner:
    """A copy that goes on with another config."""
    copy = new_learner(replace(learner.config, **changes))
    copy.model.load_state_dict(learner.model.state_dict())
    # a state that is loaded is not copied: the arms would go on with each other's moments
    copy.optimizer.load_state_dict(deepcopy(learner.optimizer.state_dict()))
    copy.steps = learner.steps
    return copy


def practised(learner: Learner) -> Learner:
    """After all iterations of its config."""
    while learner.iteration < learner.config.iterations:
        one_iteration(learner)
    return learner


def measured(learner: Learner) -> Row:
    """What a learner is worth on held-out questions."""
    config, world = learner.config, learner.game
    assert isinstance(world, ProblemGame)
    agent = LanguageModelPlayer(learner.model, config.view, max_new=config.policy_gradient.max_new)
    found = exam(world, agent, replace(config.problem, measured=QUESTIONS), config.seed, TEST)
    answers = max(1e-9, found["eval/answers_count"])
    return {
        "right": found["eval/right"],
        "answers": found["eval/answers"],
        "guessed": found["eval/guessed_count"] / answers,
        "valid but wrong": found["eval/valid_but_wrong"],
        "tokens": found["eval/length"],
    }


# Which reward


REWARD_ARMS = {"process (default)": "process", "answer and form (r1zero)": "r1zero", "binary": "binary"}


KNIGHTS = replace(
    PRESETS["arithmetic"],
    game="knights",
    warm_up=WarmUpConfig(steps=400, batch=128, lr=3e-3),
    optimizer=OptimizerConfig(lr=3e-4, beta2=0.98),
    play=PlayConfig(games=512),
    problem=ProblemConfig(level=1, measured=1000),
    policy_gradient=replace(PRESETS["arithmetic"].policy_gradient, credit="reply", max_new=96),
)
"""Read by halves: three persons, so an answer is one of eight, and whoever does not find it may guess."""


def rewards(seeds: int, iterations: int, preset: Config = PRESETS["arithmetic"]) -> str:
    """GRPO by three rewards from the same warm-up, and by rewards dealt out by chance."""

    def arms(seed: int) -> dict[str, Callable[[], Row]]:
        config = replace(preset, seed=seed, threads=1, iterations=iterations)
        start = warmed_up(config)

        def by(name: str) -> Row:
            graded = replace(config.policy_gradient, rewards={name: 1.0})
            return measured(practised(branch(start, policy_gradient=graded)))

        REWARDS["by chance"] = lambda episode, seat: float(hash((episode.number, seed)) % 2)
        found: dict[str, Callable[[], Row]] = {"warm-up alone": lambda: measured(start)}
        found |= {title: (lambda name=name: by(name)) for title, name in REWARD_ARMS.items()}  # type: ignore[misc]
        return found | {"control: rewards by chance": lambda: by("by chance")}

    rows = over_seeds(seeds, arms)
    shown = table(rows, ("right", "answers", "guessed", "valid but wrong", "tokens"))
    return "\n\n".join([shown, per_seed(rows, "right"), per_seed(rows, "guessed")])


def guesses(seeds: int, iterations: int) -> str:
    """The same, where guessing pays."""
    return rewards(seeds, iterations, KNIGHTS)


# Rewards that can be hacked


def true_lines(episode: Episode, seat: int) -> float:
    """Deliberately weak: a tenth for each true line, whatever it leads to."""
    steps, _ = steps_of(episode.turns[-1].reply.text.partition("</think>")[0].replace("<think>", ""))
    return min(1.0, sum(step.holds for step in steps) / 10) if seat == 0 else 0.0


def brevity(episode: Episode, seat: int) -> float:
    """Deliberately weak: the shorter a well-formed reply, the better, right or wrong."""
    turn = episode.turns[-1]
    return max(0.0, 1 - len(turn.reply.tokens) / 32) if turn.verdict.legal and seat == 0 else 0.0


def hacks(seeds: int, iterations: int) -> str:
    """Practice for rewards that pay for what is not asked, beside ours, which is watched by the same eyes."""

    def arms(seed: int) -> dict[str, Callable[[], Row]]:
        REWARDS["true lines"], REWARDS["brevity"] = true_lines, brevity
        config = replace(PRESETS["arithmetic"], seed=seed, threads=1, iterations=iterations)
        start = warmed_up(config)

        def by(name: str) -> Row:
            weights = {name: 1.0}
            learner = practised(branch(start, policy_gradient=replace(config.policy_gradient, rewards=weights)))
            return watched(learner)

        return {
            "warm-up alone": lambda: watched(start),
            "process (ours)": lambda: by("process"),
            "control: a tenth for each true line": lambda: by("true lines"),
            "control: the shorter, the better": lambda: by("brevity"),
        }

    rows = over_seeds(seeds, arms)
    return table(rows, ("right", "answers", "valid but wrong", "true lines paid", "brevity paid"))


def watched(learner: Learner) -> Row:
    """Also what the two weak rewards pay for it."""
    from training.algorithms import ALGORITHMS
    from training.self_play import self_play

    episodes = self_play(learner, ALGORITHMS["grpo"])
    return measured(learner) | {
        "true lines paid": statistics.mean(true_lines(episode, 0) for episode in episodes),
        "brevity paid": statistics.mean(brevity(episode, 0) for episode in episodes),
    }


# Worked steps or the answer at once


def steps(seeds: int, iterations: int) -> str:
    """The same questions, steps and model: once with worked solutions, once with the answer alone."""
    del iterations

    def arms(seed: int) -> dict[str, Callable[[], Row]]:
        config = replace(PRESETS["arithmetic"], seed=seed, threads=1)

        def direct() -> Row:
            shown = reading.worked
            try:
                reading.worked = lambda tasks: shown([replace(task, solution="?") for task in tasks])
                return measured(warmed_up(config))
            finally:
                reading.worked = shown

        return {"worked steps": lambda: measured(warmed_up(config)), "the answer at once": direct}

    rows = over_seeds(seeds, arms)
    return "\n\n".join([table(rows, ("answers", "right")), per_seed(rows, "answers")])


# A teacher


def distillation(seeds: int, iterations: int) -> str:
    """A student that has read little learns what a larger model, which has read more, would have said."""
    base = PRESETS["arithmetic"]
    larger = replace(base.model, layers=3)

    def arms(seed: int) -> dict[str, Callable[[], Row]]:
        longer = replace(base.warm_up, steps=1500, lr=3e-3)
        told_by = warmed_up(replace(base, seed=seed, threads=1, model=larger, warm_up=longer))
        folder = Path(tempfile.mkdtemp()) / "teacher"
        save_model(told_by.model, folder)
        config = replace(base, seed=seed, threads=1, iterations=iterations, algorithm="distillation")
        config = replace(config, warm_up=replace(config.warm_up, steps=700))
        start = warmed_up(config)

        def by(divergence: str, own: float) -> Row:
            taught = DistillationConfig(str(folder), divergence, own)
            return measured(practised(branch(start, distillation=taught)))

        def frozen() -> Row:
            still = replace(config.optimizer, lr=0.0, weight_decay=0.0)
            taught = DistillationConfig(str(folder))
            return measured(practised(branch(start, distillation=taught, optimizer=still, iterations=2)))

        return {
            "the teacher": lambda: measured(told_by),
            "the student before": lambda: measured(start),
            "reverse KL, its own replies": lambda: by("reverse", 1.0),
            "forward KL, its own replies": lambda: by("forward", 1.0),
            "forward KL, the teacher's replies": lambda: by("forward", 0.0),
            "control: frozen weights": frozen,
        }

    rows = over_seeds(seeds, arms)
    return "\n\n".join([table(rows, ("right", "answers")), per_seed(rows, "right")])


# Controls of the games


def controls(seeds: int, iterations: int) -> str:
    """The presets of games with nothing to learn from: outcomes by chance, and search's findings on other positions."""
    from training import expert_iteration
    from training.evaluate import measure
    from training.warm_up import warm_up

    rows = ["| preset | what is wrong | seed | iterations | measured |", "|---|---|--:|--:|---|"]
    examples_of = expert_iteration.examples_of

    def elsewhere(*given: Any, **named: Any) -> Any:
        found = examples_of(*given, **named)
        order = torch.randperm(len(found.value), generator=torch.Generator().manual_seed(0)).numpy()
        return found._replace(**{name: getattr(found, name)[order] for name in ("policy", "value", "outcome", "lines")})

    for seed in range(seeds):
        for preset, what, count in (
            ("tic-tac-toe-ppo", "outcomes by chance", 2 * iterations),
            ("tic-tac-toe", "search's findings on other positions", iterations),
            ("connect-four", "search's findings on other positions", iterations // 4),
        ):
            config = replace(PRESETS[preset], seed=seed, threads=1)
            learner = new_learner(config)
            for step in range(config.warm_up.steps):
                warm_up(learner, step)
            REWARDS["by chance"] = lambda episode, place, seed=seed: float(
                (hash((episode.number, seed)) % 3 - 1) * (1 - 2 * place)
            )
            if config.algorithm == "ppo":
                graded = replace(config.policy_gradient, rewards={"by chance": 1.0}, both_seats=False)
                learner.config = replace(config, policy_gradient=graded)
            try:
                expert_iteration.examples_of = elsewhere
                for _ in range(count):
                    one_iteration(learner)
            finally:
                expert_iteration.examples_of = examples_of
            found = measure(learner)
            shown = ("eval/lost_lines", "eval/lines", "eval/agreement_result", "arena/random_points", "eval/legal")
            said = ", ".join(f"{name.partition('/')[2]} {found[name]:.3g}" for name in shown if name in found)
            rows.append(f"| {preset} | {what} | {seed} | {count} | {said} |")
            told(rows[-1])
    return "\n".join(rows)


# What a game of chess tells


def chess(seeds: int, iterations: int) -> str:
    """The preset that reads games of chess, and the same where the moves of each game stand in no order."""
    drawn = reading.drawn_tasks

    def in_no_order(*given: Any) -> list[Task]:
        order = random.Random(int(given[2][0]))
        found = []
        for task in drawn(*given):
            moves = [*task.data, task.answer]
            order.shuffle(moves)
            found.append(replace(task, question=asked(moves[:-1]), answer=moves[-1]))
        return found

    def arms(seed: int) -> dict[str, Callable[[], Row]]:
        config = replace(PRESETS["chess"], seed=seed, iterations=iterations)

        def shuffled() -> Row:
            try:
                reading.drawn_tasks = in_no_order
                return measured(practised(new_learner(config)))
            finally:
                reading.drawn_tasks = drawn

        return {"as played": lambda: measured(practised(new_learner(config))), "in no order": shuffled}

    rows = over_seeds(seeds, arms)
    return "\n\n".join([table(rows, ("right", "answers")), per_seed(rows, "answers")])


@dataclass(frozen=True)
class Experiment:
    """One of the experiments."""

    name: tyro.conf.Positional[str]
    """rewards, guesses, hacks, steps, distillation, controls or chess"""
    seeds: int = 5
    iterations: int = 60
    out: Path | None = None
    """write the tables here as well"""


EXPERIMENTS: dict[str, Callable[[int, int], str]] = {
    "rewards": rewards,
    "guesses": guesses,
    "hacks": hacks,
    "steps": steps,
    "distillation": distillation,
    "controls": controls,
    "chess": chess,
}


def main(chosen: Experiment) -> None:
    """Run it, print its tables, and keep them."""
    if chosen.name not in EXPERIMENTS:
        raise SystemExit(not_found("experiment", chosen.name, EXPERIMENTS))
    if not 1 <= chosen.seeds <= MAX_SEEDS:
        raise SystemExit(f"--seeds is {chosen.seeds}: it must be between 1 and {MAX_SEEDS}")
    torch.set_num_threads(1)
    text = EXPERIMENTS[chosen.name](chosen.seeds, chosen.iterations)
    command = f"python docs/experiments.py {chosen.name} --seeds {chosen.seeds} --iterations {chosen.iterations}"
    print(text)
    if chosen.out is not None:
        chosen.out.write_text(f"`{command} --out {chosen.out}`\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(tyro.cli(Experiment))
