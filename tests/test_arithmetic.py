import ast
import itertools
import operator
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.problem import RIGHT, Grade, ProblemGame, State, Task, process_reward, questions, split_of
from envs.problems.arithmetic import Arithmetic, Node, expression, worked
from envs.reply import format_reply

ARITHMETIC = Arithmetic()
WORLD = ProblemGame(ARITHMETIC)
LEVELS = range(1, ARITHMETIC.levels + 1)
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def python_value(text: str) -> Fraction:
    """What Python's own grammar makes of an expression, in fractions, without eval."""

    def value(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        assert isinstance(node, ast.Constant)
        assert isinstance(node.value, int)
        return Fraction(node.value)

    return value(ast.parse(text, mode="eval").body)


def posed(question: str) -> Task:
    """A question of our own choice, its tree read by Python."""
    nodes: list = []

    def build(node: ast.expr) -> tuple[int, int]:
        if isinstance(node, ast.Constant):
            return node.value, 0
        (x, needs), (y, more) = build(node.left), build(node.right)
        value = OPERATORS[type(node.op)](Fraction(x), y)
        assert value.denominator == 1
        op = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}[type(node.op)]
        nodes.append((x, op, y, int(value), needs | more))
        return int(value), 1 << (len(nodes) - 1)

    answer = build(ast.parse(question, mode="eval").body)[0]
    nodes = [Node(*node) for node in nodes]
    return Task(question, str(answer), "\n".join(map(worked, nodes)), tuple(nodes))


def grade(task: Task, body: str, answer: str | None = None) -> Grade:
    return ARITHMETIC.grade(task, body, task.answer if answer is None else answer)


def reward(task: Task, reply: str) -> float:
    """The process reward of a whole reply, by the rules of the world."""
    world = ProblemGame(ARITHMETIC)
    world._known[(0, 1, 0)] = task
    state = State(*(np.array([field]) for field in (0, 1, 0, -1)))
    return process_reward(world.judge(state, [reply])[0], ARITHMETIC.partial)


def generated(level: int, n: int, split: int = 0) -> list[Task]:
    return questions(ARITHMETIC, np.full(n, split), np.full(n, level), np.arange(n))


EXAMPLE = posed("12+3*4")
STEPS = "3*4=12\n12+12=24"


@pytest.mark.parametrize(
    ("reply", "worth"),
    [
        # form
        ("<think></think><answer>24</answer>", 0),
        ("<think> \n </think><answer>24</answer>", 0),
        (f"<think>{STEPS}<answer>24</answer>", 0),
        (f"<Think>{STEPS}</Think><answer>24</answer>", 0),
        (f"<think>{STEPS}</think><answer>24</answer><answer>24</answer>", 0),
        (f"<think>{STEPS}</think><answer>24</answer>" * 2, 0),
        (f"<think>{STEPS}<answer>24</answer></think>", 0),
        (f"So: <think>{STEPS}</think><answer>24</answer>", 0),
        (f"<think>{STEPS}</think><answer>24</answer> done", 0),
        (f"<think>{STEPS}</think><answer>２4</answer>", 0),
        (f"<think>{STEPS}</think><answer>2\u200b4</answer>", 0),
        (f"<think>{STEPS}</think><answer>24", 0),
        # guesses and wrong ways
        *(
            (format_reply(body, "24"), 0)
            for body in (
                "easy",
                "24=24",
                "12+3*4=24",
                "\n".join(["1+1=2"] * 20),
                "20+4=24",
                "12*4=48, 48/3=16, 16+8=24",
                "2*4=9\n" + STEPS,
                "3*4=11, 12+11=24",
            )
        ),
        (format_reply("12+3=15\n15*4=60", "60"), 0),
        # half the way
        (format_reply("3*4=12", "24"), 0.15),
        (format_reply("3*4=12", "25"), 0.15),
        (format_reply("\n".join(["3*4=12"] * 10), "24"), 0.15),
        # all the way to a wrong answer
        *((format_reply(STEPS, answer), 0.297) for answer in ("25", "12+3*4", "24,25", "\\boxed{24}", "(24, 25)")),
        # full marks
        (format_reply("First I take 3*4=12, and then\nI know that 12+12=24. Done", "24"), 1),
        (format_reply(STEPS, "24/1"), 1),
        (format_reply(STEPS, "24.00"), 1),
        (format_reply("1+1=2\n" + STEPS + "\n2+2=4", "24"), 1),
        (f" \n<think>\n{STEPS}\n</think>\n <answer> 24 </answer>\n", 1),
    ],
)
def test_required_scores(reply: str, worth: float) -> None:
    assert reward(EXAMPLE, reply) == pytest.approx(worth, abs=1e-12)


@pytest.mark.parametrize(
    ("body", "answer", "reason"),
    [
        (STEPS, "24", ""),
        ("12+12=24\n3*4=11", "24", "false_step line 2: 3*4=11"),
        ("easy", "24", "no_steps"),
        ("3*4=12", "24", "not_finished"),
        (STEPS, "25", "wrong_answer: 25"),
        (STEPS, "12+3*4", "unreadable_answer: 12+3*4"),
        ("12+3*4=24", "24", "unreadable_step line 1: 12+3*4=24 (more than one operation)"),
        ("1+1=2, 1+1=2\n1+1=2", "24", "idle_steps line 2: 1+1=2"),
        (STEPS + "\n1+1=3", "24", "false_step line 3: 1+1=3"),
        ("3/0=0", "24", "false_step line 1: 3/0=0"),
    ],
)
def test_the_reason_names_line_and_text(body: str, answer: str, reason: str) -> None:
    assert grade(EXAMPLE, body, answer).reason == reason


@pytest.mark.parametrize(
    ("question", "body", "progress"),
    [
        ("3*4+12", "4*3=12\n12+12=24", 1),
        ("20-8/4", "8/4=2\n2-20=-18", 1 / 2),
        ("20-8/4", "4/8=0.5", 0),
        ("2+3+4", "3+4=7\n2+7=9", 0),
        # the same operation twice takes two steps, whichever of the two is meant first
        ("3*4+3*4", "3*4=12\n12+12=24", 1 / 3),
        ("3*4+3*4", "3*4=12\n4*3=12\n12+12=24", 1),
        ("3*4-(3*4+5)", "3*4=12\n12+5=17\n3*4=12\n12-17=-5", 1),
        ("3*4-(3*4+5)", "3*4=12\n3*4=12\n12+5=17\n12-17=-5", 1),
        ("3*4+5-3*4", "3*4=12\n12+5=17\n3*4=12\n17-12=5", 1),
        ("3*4+5-3*4", "3*4=12\n12+5=17\n17-12=5", 1 / 2),
        # 6 stands in the question and is a result
        ("2*3+6", "6+6=12", 0),
        ("2*3+6", "6+6=12\n2*3=6\n6+6=12", 1),
        # negative on the way
        ("4*(3-8)", "3-8=-5\n4*-5=-20", 1),
        ("4*(3-8)", "3-8=-5\n4*(-5)=-20", 1),
        ("4*(3-8)", "3-8=-5\n-5*4=-20", 1),
        ("4*(3-8)", "3-8=-5\n4*5=-20", 1 / 2),
        ("4-(3-8)", "3-8=-5\n4-(-5)=9", 1),
        ("4-(3-8)", "3-8=-5\n4--5=9", 1),
        ("4-(3-8)", "3-8=-5\n4+5=9", 1 / 2),
        # whole numbers, however they are written
        ("6/3+1", "6/3=2.0\n2.0+1=3", 1),
        ("12/3+1", "12/3=4/1\n4+1=5", 1),
    ],
)
def test_progress_is_the_share_of_the_tree(question: str, body: str, progress: float) -> None:
    found = grade(posed(question), body)
    assert found.progress == pytest.approx(progress)
    assert found.valid == (progress == 1)


def check(level: int, n: int, split: int = 0) -> None:
    for number, task in enumerate(generated(level, n, split)):
        assert grade(task, task.solution) == Grade(True, True, 1.0, "")
        if number % 8:
            continue
        assert python_value(task.question) == int(task.answer)
        assert sum(map(task.question.count, "+-*/")) == level == len(task.solution.split("\n"))
        for line in task.solution.split("\n"):
            left, result = line.split("=")
            assert python_value(left) == int(result)
            assert level > 2 or "-" not in result
            assert abs(int(result)) <= max(144, 48 * level)
        assert split_of(task) == split
        assert python_value(task.same) == int(task.answer)


@pytest.mark.parametrize("level", LEVELS)
def test_own_solutions_are_right_and_valid(level: int) -> None:
    check(level, 2000)
    check(level, 50, 2)


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_many_own_solutions_are_right_and_valid(level: int) -> None:
    check(level, 10_000)


def test_every_operation_is_asked_at_every_level() -> None:
    for level in LEVELS:
        ops = [node.op for task in generated(level, 500) for node in task.data]
        shares = {op: ops.count(op) / len(ops) for op in "+-*/"}
        assert min(shares.values()) > 0.1, (level, shares)


def test_questions_that_differ_by_a_swap_are_the_same() -> None:
    draws = [[0.0, op / 4, 0.25, u] for op in range(4) for u in (0.5, 0.75)]
    assert ARITHMETIC.task(1, [0, 0.0, 0.25, 0.75]).same == ARITHMETIC.task(1, [0, 0.0, 0.75, 0.25]).same
    assert ARITHMETIC.task(1, [0, 0.5, 0.25, 0.75]).same == ARITHMETIC.task(1, [0, 0.5, 0.75, 0.25]).same
    assert len({ARITHMETIC.task(1, row).same for row in draws}) == len(draws)


def mutations(task: Task) -> Iterator[tuple[str, str, str]]:
    """Replies that must not earn full marks: `(kind, body, answer)`."""
    lines, answer = task.solution.split("\n"), task.answer
    for place, node in enumerate(task.data):
        before, after = lines[:place], lines[place + 1 :]
        left, result = lines[place].split("=")

        def told(*instead: str, before: list[str] = before, after: list[str] = after) -> str:
            return "\n".join([*before, *instead, *after]) or "nothing"

        yield "left out", told(), answer
        yield "result off by one", told(f"{left}={int(result) + 1}"), answer
        yield "another sign", told(f"{left}={-int(result) or 7}"), answer
        yield "no operation", told(f"{result}={result}"), answer
        yield "another operation", told(f"{node.value + 401}-401={result}"), answer
        yield "two operations", told(f"{left}+0={result}"), answer
        yield "a decimal cut off", told(f"{left}={result}.5"), answer
        yield "three idle steps", told(*["400+1=401"] * 3, lines[place]), answer
        if node.op in "-/" and node.left != node.right:
            swapped = f"{node.right}{node.op}{node.left}" if node.left >= 0 else f"{node.right}-({node.left})"
            yield "operands swapped", told(f"{swapped}={result}"), answer
        parent = next((n for n in task.data[place + 1 :] if n.needs >> place & 1), None)
        if parent and len(set(lines)) == len(lines):
            yield "order turned round", "\n".join([*lines[place + 1 :], *lines[: place + 1]]), answer
    yield "answer off by one", task.solution, str(int(answer) + 1)
    yield "answer not calculated", task.solution, task.question
    yield "half the answer", task.solution, answer + "0" if answer != "0" else "10"
    yield "words", "it is easy", answer


@pytest.mark.parametrize("level", [1, 2, 3, 6])
def test_mutated_solutions_lose_marks(level: int) -> None:
    kinds = set()
    for task in generated(level, 160 // level):
        for kind, body, answer in mutations(task):
            found = grade(task, body, answer)
            assert not (found.right and found.valid), (kind, task.question, body, answer)
            assert found.reason
            kinds.add(kind)
    assert len(kinds) >= 13 - (level == 1)


def test_any_order_of_the_steps_that_the_tree_allows_is_valid() -> None:
    seen = 0
    for task in generated(4, 100):
        steps = [worked(node) for node in task.data]
        for order in itertools.permutations(range(4)):
            before = [sum(1 << done for done in order[:place]) for place in range(4)]
            if not any(task.data[node].needs & ~done for node, done in zip(order, before, strict=True)):
                assert grade(task, "\n".join(steps[node] for node in order)).valid, (task.question, order)
                seen += 1
    assert seen > 150


@settings(deadline=None)
@given(st.integers(1, ARITHMETIC.levels), st.lists(st.floats(0, 1, exclude_max=True), min_size=32, max_size=32))
def test_any_draws_make_a_question(level: int, draws: list[float]) -> None:
    task = ARITHMETIC.task(level, draws)
    assert python_value(task.question) == int(task.answer)
    assert grade(task, task.solution).valid


@settings(deadline=None)
@given(st.text(alphabet="0123456789+-*/=(). ,\n<>x", max_size=200), st.text(max_size=20))
def test_nothing_typed_at_random_is_worth_anything(body: str, answer: str) -> None:
    found = grade(posed("17*3-(19+2)*4"), body, answer)
    assert not found.valid
    assert found.reason


def test_a_reading_of_equal_operations_stays_affordable() -> None:
    task = posed("1*1*(1*1)*(1*1*(1*1*1))")
    found = grade(task, "\n".join(["1*1=1"] * 64))
    assert found.progress == 1
    assert not found.valid


def test_the_world_grades_its_own_solution() -> None:
    state = State(*(np.array(column) for column in ([0, 1, 2], [1, 2, 3], [5, 6, 7], [-1, -1, -1])))
    replies = [format_reply(task.solution, task.answer) for task in WORLD.tasks(state)]
    assert [verdict.action for verdict in WORLD.judge(state, replies)] == [RIGHT] * 3


def test_an_expression_takes_four_draws_for_each_operation() -> None:
    draws = iter([0.5] * 12)
    expression(3, draws, (-144, 144), [])
    assert not list(draws)
