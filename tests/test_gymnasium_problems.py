"""Problems as Gymnasium environments: its own check on each, and what the rewards and the info say."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import xueba
from envs.game import replay
from envs.gymnasium_adapter import environment_id
from envs.gymnasium_problems import ProblemEnv, ProblemVectorEnv, register
from envs.problem import SPLITS, split_of
from envs.problems import PROBLEMS
from envs.reply import format_reply

ROOT = Path(xueba.__file__).parents[1]


@pytest.fixture
def strict() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("name", PROBLEMS)
def test_gymnasium_check_env(name: str) -> None:
    register()
    world = gymnasium.make(environment_id(name), level=PROBLEMS[name].problem.levels, split="test")
    check_env(world.unwrapped)


def test_make_imports_us_by_itself_and_without_torch() -> None:
    script = (
        "import gymnasium, sys\n"
        "print(gymnasium.make('xueba:xueba/Addition-v0', level=2, split='test').reset(seed=0)[0])\n"
        "assert not {'torch', 'chess', 'sympy', 'agents', 'training'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.stderr) == (ProblemEnv("addition", 2, "test").reset(seed=0)[0], "")


@pytest.mark.parametrize("split", SPLITS)
def test_the_worked_solution_is_rewarded(split: str) -> None:
    world = ProblemEnv("addition", level=3, split=split, render_mode="ansi")
    for number in range(20):
        question, before = world.reset(seed=0) if number == 0 else world.reset()
        assert before == {"grade": "", "progress": 0.0, "reason": ""}
        assert world.render() == question
        task = world._desks.tasks[0]
        assert (task.question, SPLITS[split_of(task)]) == (question, split)
        reply = format_reply(task.solution, task.answer)
        assert world.step(reply) == (
            question,
            1.0,
            True,
            False,
            {"grade": "right", "progress": 1.0, "reason": ""},
        )
        assert world.render() == f"{question}\n{reply}\nright"
        with pytest.raises(RuntimeError, match="call reset"):
            world.step(reply)


def test_each_grade_its_reward() -> None:
    """The formula of the process reward: 1, 0.3 * progress up to 0.99, or nothing."""
    world = ProblemEnv("addition", level=3)
    task = next(
        task for _ in range(99) if world.reset() and len((task := world._desks.tasks[0]).solution.split("\n")) == 3
    )
    lines = task.solution.split("\n")
    said = []
    for body, answer in (
        (task.solution, "0"),
        ("easy", task.answer),
        ("easy", "0"),
        ("\n".join(lines[:2]), task.answer),
        ("", task.answer),
    ):
        world._ended = False
        _, reward, _, _, info = world.step(format_reply(body, answer))
        said.append((round(reward, 6), info["grade"], round(info["progress"], 6)))
    assert said == [
        (0.297, "valid but wrong", 1),
        (0, "guessed", 0),
        (0, "wrong", 0),
        (0.2, "guessed", 0.666667),
        (0, "malformed", 0),
    ]


def test_questions_repeat_with_the_seed_and_go_on_without() -> None:
    def asked(seed: int) -> list[str]:
        world = ProblemEnv("addition", level=8)
        return [world.reset(seed=seed)[0], *(world.reset()[0] for _ in range(20))]

    assert asked(1) == asked(1) != asked(2)
    assert len(set(asked(1))) == 21


@pytest.mark.usefixtures("strict")
def test_the_batch_asks_what_the_single_ones_ask() -> None:
    worlds = gymnasium.make_vec("xueba/Addition-v0", num_envs=64, level=4)
    assert isinstance(worlds.unwrapped, ProblemVectorEnv)
    few, single = ProblemVectorEnv("addition", 3, level=4), ProblemEnv("addition", level=4)
    seen, info = worlds.reset(seed=5)
    assert few.reset(seed=5)[0] == seen[:3]
    assert single.reset(seed=5)[0] == seen[0]
    for _ in range(3):
        assert worlds.observation_space.contains(seen)
        assert info["grade"] == [""] * 64
        tasks = worlds.unwrapped._desks.tasks
        replies = tuple(format_reply(task.solution, task.answer if row % 2 else "no") for row, task in enumerate(tasks))
        assert worlds.action_space.contains(replies)
        again, rewards, ended, truncated, info = worlds.step(replies)
        assert again == seen
        np.testing.assert_allclose(rewards, np.tile([0.297, 1], 32))
        assert (ended.all(), truncated.any()) == (True, False)
        assert info["grade"] == ["valid but wrong", "right"] * 32
        assert info["progress"].tolist() == [1] * 64
        few.step(replies[:3])
        seen, rewards, ended, _, info = worlds.step(replies)
        assert not set(seen) & set(again)
        assert (rewards.any(), ended.any()) == (False, False)
        assert few.step(replies[:3])[0] == seen[:3]
        assert single.reset()[0] == seen[0]


def test_faults_are_named() -> None:
    with pytest.raises(ValueError, match="did you mean 'addition'"):
        ProblemEnv("adition")
    with pytest.raises(ValueError, match="addition has the levels 1 to 32, not 33"):
        ProblemEnv("addition", level=33)
    with pytest.raises(ValueError, match=r"no split is called 'tests'.*did you mean 'test'"):
        ProblemVectorEnv("addition", 2, split="tests")
    with pytest.raises(ValueError, match="no render mode is called 'rgb_array'"):
        ProblemEnv("addition", render_mode="rgb_array")
    worlds = ProblemVectorEnv("addition", 2)
    worlds.reset()
    with pytest.raises(ValueError, match="1 replies to 2 questions"):
        worlds.step(["a"])


@pytest.mark.parametrize("opened", [False, True])
def test_the_prompt_may_have_opened_the_thinking(opened: bool) -> None:
    reply = "<think>2+9=11\n1+3+1=5</think><answer>51</answer>"
    one = gymnasium.make("xueba/Addition-v0", level=2, opened=opened)
    many = gymnasium.make_vec("xueba/Addition-v0", num_envs=2, vectorization_mode="vector_entry_point", opened=opened)
    one.reset(seed=0)
    many.reset(seed=0)
    assert (one.step(reply)[4]["grade"] == "malformed") == opened
    one.reset()
    assert (one.step(reply.removeprefix("<think>"))[4]["grade"] != "malformed") == opened
    assert all((grade == "malformed") == opened for grade in many.step([reply, reply])[4]["grade"])


def test_a_reply_that_is_no_text_is_malformed_and_the_others_are_graded() -> None:
    world = PROBLEMS["addition"]
    state = replay(world, np.array([[0, 1, 5]] * 4))
    task = world.tasks(state)[0]
    good = format_reply(task.solution, task.answer)
    verdicts = world.judge(state, [None, good, b"5", ["5"]])  # type: ignore[list-item]
    assert [verdict.kind for verdict in verdicts] == ["malformed", "legal", "malformed", "malformed"]
