"""The documents keep their word: the worked example of CONTRIBUTING.md is a game, and links lead somewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from agents.play import Match, play
from agents.random_player import RandomPlayer
from envs.problem import Grade
from tests.mutations import mutations

ROOT = Path(__file__).parent.parent


def example(name: str, number: int, monkeypatch: pytest.MonkeyPatch) -> Any:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    game, problem = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile((game, problem)[number], "CONTRIBUTING.md", "exec"), module.__dict__)
    return module


@pytest.fixture
def nim(monkeypatch: pytest.MonkeyPatch) -> Any:
    return example("nim", 0, monkeypatch)


def test_the_example_of_a_problem_gives_full_marks_to_its_solution_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = example("doubling", 1, monkeypatch).Doubling()
    for level in (1, 2, 3):
        tasks = [problem.task(level, [(number + 0.5) / 20]) for number in range(20)]
        for task in tasks:
            assert task.answer == str(int(task.question.removeprefix("2^")) and 2 ** int(task.question[2:]))
            assert problem.grade(task, task.solution, task.answer) == Grade(True, True, 1.0)
            for what, body, answer in mutations("doubling", task, tasks[0]):
                grade = problem.grade(task, body, answer)
                assert not (grade.right and grade.valid), (what, body, answer)
                assert 0 <= grade.progress <= 1


def test_the_example_is_solved_as_bouton_proved(nim: Any) -> None:
    game = nim.Nim()
    won = np.zeros(nim.HEAP + 1, bool)
    for heap in range(1, nim.HEAP + 1):
        state = nim.State(np.full(3, heap, np.int8), np.ones(3, np.int8))
        legal = np.flatnonzero(game.legal_mask(state)[0])
        after = game.step(nim.State(state.heap[legal], state.ply[legal]), legal)
        wins_now = game.returns(after)[:, 1] == 1
        won[heap] = (wins_now | ~won[after.heap]).any()
    assert np.flatnonzero(~won).tolist() == [0, 4, 8, 12]


def test_the_example_is_played_by_the_turn_loop(nim: Any) -> None:
    random = RandomPlayer()
    episodes = list(play(nim.Nim(), [Match(number, (random, random)) for number in range(200)], seed=1, slots=64))
    for episode in episodes:
        assert sum(action + 1 for action in episode.history) == nim.HEAP
        last = (len(episode.history) - 1) % 2
        assert (episode.returns[last], episode.returns[1 - last], episode.ending) == (1.0, -1.0, "rules")
    assert len({episode.history for episode in episodes}) > 100


def test_the_example_refuses_what_the_heap_does_not_hold(nim: Any) -> None:
    state = nim.State(np.array([12, 0, 2], np.int8), np.zeros(3, np.int8))
    with pytest.raises(ValueError, match="game 2: 3 is more than"):
        nim.Nim().step(state, np.array([2, 2, 2]))


@pytest.mark.parametrize("document", sorted(path.name for path in ROOT.glob("*.md")))
def test_links_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    missing = [link for link in links if not (ROOT / link.partition("#")[0]).exists()]
    assert not missing, f"{document} links to {missing}"


def test_every_make_target_named_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in ROOT.glob("*.md"):
        named = set(re.findall(r"`?make ([a-z]+)", document.read_text(encoding="utf-8")))
        commands = {name for name in named if f"`make {name}" in document.read_text(encoding="utf-8")}
        assert commands <= targets, f"{document.name} names {commands - targets}"
