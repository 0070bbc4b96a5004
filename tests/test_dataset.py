"""Questions of the user's own: nothing broken is asked, nothing stands in two splits, and no doubtful answer counts."""

from __future__ import annotations

import importlib.util
import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from envs.dataset import SHOWN, Dataset, Room, is_dataset
from envs.json_lines import MAX_LINE
from envs.problem import RIGHT, SPLITS, TEST, TRAIN, VALIDATION, WRONG, Listed, ProblemGame, Task, questions, split_of
from envs.reply import format_reply


def written(path: Path, lines: Sequence[dict[str, Any] | bytes]) -> str:
    path.write_bytes(b"".join((x if isinstance(x, bytes) else json.dumps(x).encode()) + b"\n" for x in lines))
    return str(path)


def sums(first: int = 0, last: int = 200) -> list[dict[str, Any] | bytes]:
    return [{"question": f"{n}+{n}", "answer": f"{n}+{n}={2 * n}\n#### {2 * n}"} for n in range(first, last)]


def asked(dataset: Dataset, split: int) -> list[Task]:
    return [dataset.at(split, 1, number) for number in range(dataset.count(split))]


def test_each_question_is_in_the_split_of_its_hash_once(tmp_path: Path) -> None:
    again: list[dict[str, Any] | bytes] = [{"question": " 7 + 7", "answer": 14}, {"question": "7  +\n7", "answer": 14}]
    dataset = Dataset(written(tmp_path / "a.jsonl", [*sums(), *again]))
    found = {split: asked(dataset, split) for split in range(3)}
    assert sorted(task.question for tasks in found.values() for task in tasks) == sorted(
        [f"{n}+{n}" for n in range(200)] + ["7 + 7"]
    )
    for split, tasks in found.items():
        assert {split_of(task) for task in tasks} == {split}
    assert dataset.counts["repeated"] == 1
    assert dataset.counts["questions"] == 201
    # the numbers go round
    assert dataset.at(TEST, 1, dataset.count(TEST) + 1) == dataset.at(TEST, 1, 1)


def test_files_of_the_splits_own(tmp_path: Path) -> None:
    names = [
        written(tmp_path / f"{split}.jsonl", sums(*ends))
        for split, ends in zip(SPLITS, ((0, 50), (50, 60), (60, 80)), strict=True)
    ]
    dataset = Dataset(*names)
    for split, ends in ((TRAIN, (0, 50)), (VALIDATION, (50, 60)), (TEST, (60, 80))):
        assert {task.question for task in asked(dataset, split)} == {f"{n}+{n}" for n in range(*ends)}
    # only what has no file of its own is taken out of the first
    half = Dataset(names[0], test=names[2])
    everything = [task for split in (TRAIN, VALIDATION) for task in asked(half, split)]
    assert sorted(task.question for task in everything) == sorted(f"{n}+{n}" for n in range(50))
    assert {task.question for task in asked(half, TEST)} == {f"{n}+{n}" for n in range(60, 80)}
    assert set(half.sha256) == {names[0], names[2]}


def test_what_is_measured_on_is_not_learned_from(tmp_path: Path) -> None:
    train, test = written(tmp_path / "train.jsonl", sums()), written(tmp_path / "test.jsonl", sums(190, 195))
    with pytest.raises(
        ValueError, match=r"train.jsonl, line 19\d: the question of .*test.jsonl, line \d, again .5 such"
    ):
        Dataset(train, test=test)
    dataset = Dataset(train, test=test, skip_broken=True)
    assert dataset.counts["left out"] == 5
    assert dataset.count(TEST) == 5
    assert not {task.question for task in asked(dataset, TEST)} & {task.question for task in asked(dataset, TRAIN)}


BROKEN: dict[bytes, str] = {
    b"nonsense": "not JSON",
    b'{"question": "?"}': "no field 'answer'",
    b'{"question": 1, "answer": "2"}': "'question' is a number",
    b'{"question": "", "answer": "2"}': "'question' is empty",
    b'{"question": "\xff", "answer": "2"}': "not UTF-8",
    b'{"question": "?", "answer": NaN}': "NaN is no number",
    b'{"question": "?", "answer": "2", "x": ' + b"[" * 5000: "deeply nested",
    b'{"question": "a\\u0000", "answer": "2"}': r"unprintable character '\\x00'",
    b'{"question": "\\ud800", "answer": "2"}': r"unprintable character '\\ud800'",
    b'{"question": "\\u202e?", "answer": "2"}': r"unprintable character '\\u202e'",
    b'{"question": "?", "answer": "x</think><answer>3</answer> #### 2"}': "would be no reply: </think>",
    b'{"question": "?", "answer": "\xc2\xb2 #### 2"}': "not one of the digits",
    b'{"question": "' + b"?" * 2000 + b'", "answer": "2"}': "2,000 characters, and the model has room for 1,000",
    b'{"question": "?", "answer": "2", "solution": "' + b"?" * 2000 + b'"}': "solution of 2,001 characters",
    b"x" * (MAX_LINE + 1): "longer than 1,048,576 bytes",
}
ROOM = Room(1000, 1000)


@pytest.mark.parametrize("line", BROKEN, ids=BROKEN.values())
def test_a_broken_line_is_named_or_left_out(line: bytes, tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", [*sums(0, 100), line, *sums(100, 200)])
    with pytest.raises(
        ValueError, match=rf"a.jsonl has lines that cannot be used: line 101: .*{BROKEN[line]}.*skip-broken"
    ):
        Dataset(path, room=ROOM)
    dataset = Dataset(path, room=ROOM, skip_broken=True)
    assert (dataset.counts["left out"], dataset.counts["questions"]) == (1, 200)
    assert "1 lines are left out" in dataset.report()
    assert "a.jsonl, line 101" in dataset.report()


def test_a_few_complaints_are_enough(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", [*sums(), *[b"nonsense"] * 1000])
    with pytest.raises(ValueError, match="line 205") as caught:
        Dataset(path)
    assert str(caught.value).count("not JSON") == SHOWN
    assert Dataset(path, skip_broken=True).counts["left out"] == 1000


def test_a_right_answer_that_cannot_be_read_is_never_asked(tmp_path: Path) -> None:
    unreadable = ["\\frac{1}{2}", "one or two", "x" * 500, "2/4", "007", "9" * 13, "1e5"]
    lines = [{"question": f"{answer}?", "answer": answer} for answer in unreadable]
    no_box = {"problem": "boxless?", "solution": "It is 2."}
    dataset = Dataset(written(tmp_path / "a.jsonl", [*sums(), *lines, no_box]))
    assert dataset.counts["masked"] == len(unreadable) + 1
    assert dataset.counts["left out"] == 0
    assert dataset.counts["questions"] == 200
    assert all("?" not in task.question for split in range(3) for task in asked(dataset, split))
    with pytest.raises(ValueError, match=r"no question for train in 1 lines; 1 masked: .*line 1: none is found"):
        Dataset(written(tmp_path / "b.jsonl", [no_box]))


def test_answers_alone_decide_and_it_is_said(tmp_path: Path) -> None:
    game = ProblemGame(Dataset(written(tmp_path / "a.jsonl", sums())))
    state = game.initial(4)
    for actions in ([TRAIN] * 4, [1] * 4, [5] * 4):
        state = game.step(state, np.array(actions))
    task = game.tasks(state)[0]
    replies = [
        format_reply(task.solution, task.answer),
        format_reply("a guess", task.answer),
        format_reply("?", "-1"),
        "",
    ]
    verdicts = game.judge(state, replies)
    assert [verdict.action for verdict in verdicts] == [RIGHT, RIGHT, WRONG, -1]
    assert [verdict.reason for verdict in verdicts[:3]] == [
        "process=unverified",
        "process=unverified",
        "wrong_answer: -1, process=unverified",
    ]
    assert isinstance(game.problem, Listed)


def test_a_file_that_changes_meanwhile_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    dataset = Dataset(written(path, sums()))
    path.write_bytes(path.read_bytes().replace(b"#### 2", b"#### 3"))
    with pytest.raises(RuntimeError, match=r"a.jsonl, line \d+: the file has changed"):
        asked(dataset, TRAIN)
    path.unlink()
    with pytest.raises(RuntimeError, match="was there when"):
        dataset.at(TRAIN, 1, 0)


def test_characters_that_the_model_does_not_know_are_counted(tmp_path: Path) -> None:
    lines = [{"question": "学霸 1+1?", "answer": 2}, {"question": "霸 1+2?", "answer": "é: 3 #### 3"}]
    room = Room(alphabet=frozenset(map(chr, range(32, 127))))
    dataset = Dataset(written(tmp_path / "a.jsonl", [*sums(), *lines]), room=room)
    assert dataset.counts["foreign"] == 2
    assert dataset.characters["霸"] == 2
    assert "2 have characters that the model does not know" in dataset.report()


def test_a_byte_order_mark_and_other_line_ends(tmp_path: Path) -> None:
    plain = Dataset(written(tmp_path / "a.jsonl", sums()))
    path = tmp_path / "b.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + (tmp_path / "a.jsonl").read_bytes().replace(b"\n", b"\r\n"))
    marked = Dataset(str(path))
    assert asked(marked, TRAIN) == asked(plain, TRAIN)
    assert marked.sha256[str(path)] != plain.sha256[plain.name]


def test_no_question_is_kept_in_memory(tmp_path: Path) -> None:
    """10 MB of questions, and what their index takes: 40 bytes each."""
    lines = [{"question": f"{n}?" + "x" * 1000, "answer": n, "solution": "y" * 300} for n in range(8000)]
    path = written(tmp_path / "a.jsonl", lines)
    tracemalloc.start()
    try:
        game = ProblemGame(Dataset(path))
        numbers = np.arange(2000)
        for first in range(0, 8000, 2000):
            questions(game.problem, numbers * 0, numbers * 0 + 1, numbers + first)
            state = game.initial(1)
        kept, _ = tracemalloc.get_traced_memory()
        for number in range(500):
            state = game.initial(1)
            for action in (TRAIN, 1, number):
                state = game.step(state, np.array([action]))
            game.tasks(state)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 8000 * 80
    assert after - kept < 100_000


@pytest.mark.skipif(importlib.util.find_spec("math_verify") is None, reason="the extra `symbolic` is not installed")
def test_latex_is_compared_where_it_is_asked_for(tmp_path: Path) -> None:
    latex = [{"problem": f"Half of {n}?", "solution": f"$\\boxed{{\\frac{{{n}}}{{2}}}}$"} for n in range(1, 4)]
    words = {"problem": "Who?", "solution": "\\boxed{nobody in particular}"}
    dataset = Dataset(written(tmp_path / "a.jsonl", [*sums(), *latex, words]), compared="symbolic")
    assert (dataset.counts["questions"], dataset.counts["masked"]) == (203, 1)
    task = Task("?", "\\frac{3}{2}", "?")
    assert [dataset.grade(task, "", said).right for said in ("3/2", "1.5", "\\dfrac{3}{2}", "3", "")] == [1, 1, 1, 0, 0]
    assert dataset.grade(Task("?", "42", ""), "", "6*7").right is False


def test_names_of_files() -> None:
    assert [is_dataset(name) for name in ("a.jsonl", "b/c", "./d.json", "addition", "connect-four")] == [1, 1, 1, 0, 0]
