"""reasoning-gym's tasks behind our own protocol: what they pay for is theirs, and none of it reaches us unasked."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import envs.reasoning_gym_adapter as adapter
from envs.problem import RIGHT, TEST, TRAIN, WRONG, ProblemGame
from envs.reasoning_gym_adapter import BLOCKED, ReasoningGym, task_names

HERE = importlib.util.find_spec("reasoning_gym") is not None
needed = pytest.mark.skipif(not HERE, reason="the extra `reasoning-gym` is not installed")


@pytest.mark.parametrize("task", BLOCKED)
def test_what_is_dangerous_is_refused_with_its_reason(task: str) -> None:
    with pytest.raises(ValueError, match=BLOCKED[task].split(",")[0]):
        ReasoningGym(task)


def test_without_it_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"xueba\[reasoning-gym\]"):
        ReasoningGym("gcd")


@needed
@pytest.mark.slow
def test_every_task_that_evaluates_answers_is_blocked() -> None:
    """Read from its source: no task left evaluates what it is given."""
    from reasoning_gym.factory import DATASETS

    for name in task_names():
        source = Path(sys.modules[DATASETS[name][0].__module__].__file__ or "").read_text(encoding="utf-8")
        scoring = source.partition("def score_answer")[2].partition("class ")[0].replace('eval(entry["answer"])', "")
        assert not any(call in scoring for call in ("eval(", "exec(", "parse_expr(", "sympify(")), name


@needed
@pytest.mark.slow
def test_an_unknown_task_is_told_from_a_known_one() -> None:
    with pytest.raises(ValueError, match="did you mean 'chain_sum'"):
        ReasoningGym("chain_sums")


@needed
def test_a_reply_is_right_or_wrong_and_nothing_in_between() -> None:
    game = ProblemGame(ReasoningGym("gcd"))
    state = game.initial(3)
    for actions in ([TRAIN] * 3, [1] * 3, [0, 1, 2]):
        state = game.step(state, np.array(actions))
    gold = [task.answer for task in game.tasks(state)]
    # contained in a longer text, the answer is paid for in part by the task itself
    for said, action in ((gold, RIGHT), ([f"{answer} or so" for answer in gold], WRONG), (["nothing"] * 3, WRONG)):
        verdicts = game.judge(state, [f"<think>hm</think><answer>{answer}</answer>" for answer in said])
        assert [verdict.action for verdict in verdicts] == [action] * 3
        assert {verdict.reason for verdict in verdicts} == {adapter.UNVERIFIED}
    assert all(
        0 < np.gcd.reduce([int(n) for n in task.question.split(":")[1].split(".")[0].split(",")]) == int(task.answer)
        for task in game.tasks(state)
    )


@needed
@pytest.mark.slow
def test_neighbouring_numbers_share_no_question() -> None:
    game = ProblemGame(ReasoningGym("chain_sum"))
    asked = []
    for split in (TRAIN, TEST):
        state = game.initial(64)
        for actions in (np.full(64, split), np.ones(64, int), np.arange(64)):
            state = game.step(state, actions)
        asked += [task.question for task in game.tasks(state)]
    assert len(set(asked)) == 128


AGAIN = """
import json
from envs.reasoning_gym_adapter import ReasoningGym
print(json.dumps([ReasoningGym(name).task(1, (0.25, 0.75)).question for name in ("family_relationships", "gcd")]))
"""


@needed
@pytest.mark.slow
def test_the_same_seed_asks_the_same_in_every_process(monkeypatch: pytest.MonkeyPatch) -> None:
    found = set()
    for seed in ("1", "2"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        run = subprocess.run([sys.executable, "-c", AGAIN], cwd=Path(__file__).parent.parent, stdout=-1, check=True)
        found.add(tuple(json.loads(run.stdout)))
    assert len(found) == 1


@needed
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_task_asks_scores_its_own_answer_and_survives_others(record_property: object) -> None:
    hostile = [
        "9" * 120,
        "(" * 120,
        "[1,2",
        "1e999",
        "nan",
        "1/0",
        "null",
        "9**9**9",
        "\\",
        "->" * 40,
        "__import__('os')",
    ]
    for name in task_names():
        problem = ReasoningGym(name)
        task = problem.task(1, (0.5, 0.125))
        assert problem.grade(task, "", task.answer).right, name
        for said in hostile:
            grade = problem.grade(task, "", said)
            assert not grade.right or said == task.answer, (name, said)
