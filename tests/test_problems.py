"""One contract for every problem: its questions have addresses, its splits share nothing, and its verifier gives full
marks to the worked solution and to nothing that cannot be right. (A few questions of each are kept by test_golden.)
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from envs import problem as problem_module
from envs.game import padded, replay
from envs.problem import (
    RIGHT,
    SPLITS,
    TEST,
    TRAIN,
    VALIDATION,
    Grade,
    Problem,
    ProblemGame,
    Task,
    contaminated,
    questions,
    split_of,
)
from envs.problems import PROBLEMS, problem_named
from envs.reply import MAX_ANSWER, MAX_REPLY, format_reply
from tests.mutations import mutations

EVERY = [(name, level) for name, game in PROBLEMS.items() for level in range(1, game.problem.levels + 1)]
# where there are many levels: both ends and the middle
SOME = [(name, level) for name, level in EVERY if level in {1, 2, 3, 8, PROBLEMS[name].problem.levels}]
each_level = pytest.mark.parametrize(("name", "level"), SOME, ids=[f"{name}-{level}" for name, level in SOME])
every_level = pytest.mark.parametrize(("name", "level"), EVERY, ids=[f"{name}-{level}" for name, level in EVERY])
each_problem = pytest.mark.parametrize("name", PROBLEMS)

HOSTILE = [
    *("9**9**9**9", "9^{9^{9}}", "3^{999999999}", "(1+2i)^{10^8}", "((9!)!)!", "binomial(10**9,5*10**8)"),
    *("sum(range(10**8))", "(x+y+z+w+1)^60", "(" * 5000, "-" * 16000 + "1", r"\frac{1}" * 300, "9" * 16000),
    *("\n" * 16000, "=" * 16000, " " * 16000, "1e9999999", "nan", "inf", "1/0", "0/0", "2_4", "0x18", "024"),
    *("<answer>" * 2000, r"\boxed{" * 2000, "__import__('os').system('x')", "[open('x')]", "().__class__", "None"),
    *("٢٤", "２４", "²⁴", "\0", "\u202e24", "24" + "\u0301" * 5000, "\ud800", "'\"\\", "%s%d{0}{x}", "½", "-", ":"),
    *(">", "?", "!", "a=b=c=d", "A:A:A", "1=" * 5000, "1+" * 5000, "1+1=2\n" * 2000, "+-*/=:>?!;, .()" * 500, "e9i9"),
]


def problem_of(name: str) -> Problem:
    return PROBLEMS[name].problem


def some(name: str, level: int, count: int, split: int = TRAIN, first: int = 0) -> list[Task]:
    numbers = np.arange(first, first + count)
    return questions(problem_of(name), np.full(count, split), np.full(count, level), numbers)


def checked(name: str, task: Task, body: str, answer: str) -> Grade:
    """The grade, where what it says fits together."""
    grade = problem_of(name).grade(task, body, answer)
    said = f"{name}: {task.question!r}, {body[:200]!r}, {answer[:80]!r}: {grade}"
    assert (type(grade.right), type(grade.valid)) == (bool, bool), said
    assert isinstance(grade.progress, float), said
    assert 0 <= grade.progress <= 1, said
    assert grade.progress == 1 or not grade.valid, said
    assert (grade.reason == "") == (grade.right and grade.valid), said
    assert len(grade.reason) <= 300, said
    return grade


# Questions


@each_problem
def test_names_agree(name: str) -> None:
    problem = problem_of(name)
    assert problem.name == PROBLEMS[name].name == name
    assert problem_named(name) is PROBLEMS[name]
    assert problem.title.strip()
    assert problem.levels >= 1
    assert problem.draws >= 1
    assert 0 < problem.partial <= 0.3


def test_an_unknown_problem_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"no problem is called 'adition'.*addition.*did you mean 'addition'"):
        problem_named("adition")


@each_level
def test_a_question_depends_on_its_address_alone(name: str, level: int) -> None:
    """Not on those beside it, on their order, or on what was asked before."""
    splits, levels = np.arange(24) % 3, np.full(24, level)
    together = questions(problem_of(name), splits, levels, np.arange(24))
    backwards = questions(problem_of(name), splits[::-1], levels, np.arange(24)[::-1])[::-1]
    for number, task in enumerate(together):
        alone = questions(problem_of(name), *np.array([[number % 3], [level], [number]]))[0]
        assert alone == task == backwards[number]
    game = ProblemGame(problem_of(name))
    state = game.initial(24)
    for actions in (splits, levels, np.arange(24)):
        state = game.step(state, actions)
    assert game.tasks(state) == together == game.tasks(state)


@each_level
def test_questions_are_short_plain_text_that_a_reply_can_answer(name: str, level: int) -> None:
    for split in range(len(SPLITS)):
        for task in some(name, level, 10 if split else 100, split):
            assert task.question.strip(), task
            assert task.question.replace("\n", "").isprintable(), task
            assert len(task.question) <= 1024, task
            assert 1 <= len(task.answer) <= MAX_ANSWER, task
            assert len(format_reply(task.solution, task.answer)) <= MAX_REPLY, task


@each_level
def test_no_question_stands_in_two_splits(name: str, level: int) -> None:
    train, validation, test = (some(name, level, count, split) for split, count in enumerate((400, 20, 20)))
    assert [{split_of(task) for task in tasks} for tasks in (train, validation, test)] == [
        {TRAIN},
        {VALIDATION},
        {TEST},
    ]
    assert contaminated(train, validation + test) == contaminated(validation, test) == []
    # what is the same counts as the same wherever it is met: by its words alone a question tells its split
    same = {task.question: task.same for task in train + validation + test}
    assert all(same[task.question] == task.same for task in train + validation + test)


def check_held_out(name: str, trained: int, held_out: int) -> None:
    levels = problem_of(name).levels
    train, validation, test = (
        questions(problem_of(name), np.full(count, split), 1 + np.arange(count) % levels, np.arange(count))
        for split, count in ((TRAIN, trained), (VALIDATION, held_out), (TEST, held_out))
    )
    assert contaminated(validation, train) == contaminated(test, train) == contaminated(test, validation) == []


@each_problem
def test_no_held_out_question_is_met_in_training(name: str) -> None:
    # a question about chess is a game that is played
    check_held_out(name, 2_000 if name == "chess-moves" else 10_000, 100)


@pytest.mark.slow
@pytest.mark.timeout(600)
@each_problem
def test_no_held_out_question_is_ever_met_in_training(name: str) -> None:
    check_held_out(name, 100_000, 5_000)


def test_contamination_is_found_in_whatever_words() -> None:
    one, turned, other = (Task(text, "7", "", None, same) for text, same in (("3+4", "3+4"), ("4+3", "3+4"), ("5", "")))
    assert contaminated([one, other, turned], [turned]) == [one, turned]
    assert contaminated([one, other], [Task("5", "5", "")]) == [other], "without `same` it is the question that counts"
    assert contaminated([Task("3+4", "7", "", None, "x")], [one]) == [Task("3+4", "7", "", None, "x")], "the same text"
    assert contaminated([one], []) == contaminated([], [one]) == []


@each_level
def test_there_is_more_than_one_question(name: str, level: int) -> None:
    for split in range(len(SPLITS)):
        assert len({task.question for task in some(name, level, 20, split)}) > 1


def test_threads_may_forget_questions_while_others_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problem_module, "_KNOWN", 8)
    game = ProblemGame(problem_of("addition"))

    def ask(first: int) -> bool:
        for number in range(first, first + 300):
            state = replay(game, padded([(TRAIN, 1, number), (TRAIN, 2, number // 2)]))
            if game.tasks(state)[0] != some("addition", 1, 1, first=number)[0]:
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(0, 4000, 1000)))
    assert len(game._known) <= 10


# Grades


@each_level
def test_the_worked_solution_is_right(name: str, level: int) -> None:
    for task in some(name, level, 500):
        assert checked(name, task, task.solution, task.answer) == Grade(True, True, 1.0), task


@pytest.mark.slow
@every_level
def test_ten_thousand_worked_solutions_are_right(name: str, level: int) -> None:
    for split in range(len(SPLITS)):
        for task in some(name, level, 10_000 if split == TRAIN else 1_000, split):
            assert checked(name, task, task.solution, task.answer) == Grade(True, True, 1.0), task


def check_mutations(name: str, level: int, count: int) -> None:
    tasks = some(name, level, count + 1)
    for task, other in pairwise(tasks):
        made = mutations(name, task, other)
        assert len(set(made)) >= 10, task
        for what, body, answer in made:
            grade = checked(name, task, body, answer)
            assert not (grade.right and grade.valid), (what, task, body, answer)
            assert not grade.right or what != "answer", (what, task, answer)
            assert not grade.valid or what in ("answer", "other"), (what, task, body)


@each_level
def test_no_mutation_of_it_is(name: str, level: int) -> None:
    check_mutations(name, level, 20)


@pytest.mark.slow
@every_level
def test_no_mutation_of_ten_thousand_is(name: str, level: int) -> None:
    check_mutations(name, level, -(-10_000 // problem_of(name).levels))


@each_problem
def test_a_rewarded_reply_is_the_solution_and_the_world_says_so(name: str) -> None:
    game, count = PROBLEMS[name], 32
    levels = 1 + np.arange(count) % game.problem.levels
    state = game.initial(count)
    for actions in (np.full(count, TEST), levels, np.arange(count)):
        state = game.step(state, actions)
    verdicts = game.judge(state, [format_reply(task.solution, task.answer) for task in game.tasks(state)])
    assert [(verdict.kind, verdict.action) for verdict in verdicts] == [("legal", RIGHT)] * count
    state = game.step(state, np.array([verdict.action for verdict in verdicts]))
    assert game.done(state).all()
    assert game.returns(state)[:, 0].tolist() == [1] * count


# Hostile text


@each_problem
@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(text[:12]) for text in HOSTILE])
def test_hostile_text_is_graded_and_earns_nothing(name: str, text: str) -> None:
    for task in some(name, 1, 2) + some(name, problem_of(name).levels, 2):
        assert not checked(name, task, text, text).right
        assert not checked(name, task, text, task.answer).valid
        assert not checked(name, task, task.solution, text).right
        assert not checked(name, task, text + "\n" + task.solution, text).right
        checked(name, task, task.solution + text, task.answer)
        checked(name, task, task.solution.replace("=", text[:99]), task.answer + text[:9])


ALPHABET = st.sampled_from("0123456789+-*/=()<>.,:;?!&| \n\tabxyABKNPQkn") | st.characters()


@each_problem
@settings(
    phases=[Phase.generate],
    deadline=None,
    max_examples=50,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
)
@given(data=st.data())
def test_whatever_is_written_is_graded(name: str, data: st.DataObject) -> None:
    task = some(name, data.draw(st.integers(1, problem_of(name).levels)), 1, TEST, data.draw(st.integers(0, 999)))[0]
    text = st.text(ALPHABET, max_size=60)
    lines = st.lists(st.sampled_from(task.solution.split("\n")) | text, max_size=12).map("\n".join)
    at = data.draw(st.integers(0, len(task.solution)))
    cut = task.solution[:at] + data.draw(text) + task.solution[at + data.draw(st.integers(0, 3)) :]
    body = data.draw(lines | st.just(cut))
    answer = data.draw(text | st.just(task.answer))
    checked(name, task, body, answer)
    verdict = PROBLEMS[name]._verdict(task, format_reply(body, answer))
    assert verdict.kind in ("legal", "malformed")
