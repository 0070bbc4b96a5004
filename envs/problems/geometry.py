"""Triangles: the sum of angles, isosceles and right ones, perimeter, area, and Pythagoras with whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from envs.problem import Task
from envs.templates import NUMBERS, FromTemplates, Template, task_from

# a²+b²=c² with whole numbers that have no common factor
_TRIPLES = (
    *((3, 4, 5), (5, 12, 13), (8, 15, 17), (7, 24, 25), (20, 21, 29), (12, 35, 37), (9, 40, 41), (28, 45, 53)),
    *((11, 60, 61), (33, 56, 65), (16, 63, 65), (48, 55, 73), (13, 84, 85), (36, 77, 85), (39, 80, 89), (65, 72, 97)),
)
_RIGHT = [tuple(scale * side for side in triple) for triple in _TRIPLES for scale in range(1, 300 // triple[2] + 1)]


class Geometry(FromTemplates):
    levels = 6
    """Two angles or three sides; isosceles triangles and exterior angles; areas; Pythagoras, as the proof of the side
    that the last step squares; then perimeter or area by Pythagoras; angles by their ratio, right triangles."""
    draws = 1 + NUMBERS

    def __init__(self, language: str) -> None:
        self.language = language
        self.name = "geometry" if language == "en" else f"geometry-{language}"
        self.title = "Triangles" if language == "en" else "Triangles in Chinese"

    def task(self, level: int, draws: Sequence[float]) -> Task:
        templates = _LEVELS[level - 1]
        return task_from(templates[int(draws[0] * len(templates))], self.language, draws[1:], 1, {})


def _from(draw: float, low: int, high: int) -> int:
    return low + int(draw * (high - low + 1))


def _template(
    en: str,
    zh: str,
    routes: str,
    numbers: Callable[[Sequence[float]], tuple[int, ...]],
    symmetric: bool = False,
) -> Template:
    made = tuple(route.strip() for route in routes.split("|"))
    names = "abcdef"
    return Template({"en": en, "zh": zh}, made, lambda u, _: dict(zip(names, numbers(u), strict=False)), symmetric)


def _two_angles(u: Sequence[float]) -> tuple[int, ...]:
    a = _from(u[0], 5, 170)
    return a, _from(u[1], 5, 175 - a)


def _sides(u: Sequence[float]) -> tuple[int, ...]:
    a, b = _from(u[0], 2, 60), _from(u[1], 2, 60)
    return a, b, _from(u[2], abs(a - b) + 1, a + b - 1)


def _apex(u: Sequence[float]) -> tuple[int, ...]:
    return (2 * _from(u[0], 1, 89),)


def _base_angle(u: Sequence[float]) -> tuple[int, ...]:
    return (_from(u[0], 1, 89),)


def _exterior(u: Sequence[float]) -> tuple[int, ...]:
    a = _from(u[0], 10, 175)
    return a, _from(u[1], 5, a - 5)


def _legs_and_base(u: Sequence[float]) -> tuple[int, ...]:
    a = _from(u[0], 2, 60)
    return a, _from(u[1], 1, 2 * a - 1)


def _base_and_height(u: Sequence[float]) -> tuple[int, ...]:
    return 2 * _from(u[0], 1, 20), _from(u[1], 2, 40)


def _area_and_base(u: Sequence[float]) -> tuple[int, ...]:
    a, h = _base_and_height(u)
    return a * h // 2, a


def _triple(u: Sequence[float]) -> tuple[int, ...]:
    a, b, c = _RIGHT[int(u[0] * len(_RIGHT))]
    return (a, b, c) if u[1] < 0.5 else (b, a, c)


def _halves(u: Sequence[float]) -> tuple[int, ...]:
    """Leg, base and height of an isosceles triangle: two right ones back to back."""
    height, half, leg = _triple(u)
    return leg, 2 * half, height


def _ratio(u: Sequence[float]) -> tuple[int, ...]:
    a, b, whole = _from(u[0], 1, 9), _from(u[1], 1, 9), (10, 12, 15, 18, 20, 30, 36, 45, 60)[int(u[2] * 9)]
    while a + b >= whole:
        a, b = (a + 1) // 2, (b + 1) // 2
    return a, b, whole - a - b


_ONE = (
    _template(
        "angles {a} {b} ?",
        "三角形两角{a}和{b}，第三角？",
        "a+b T-p | T-a p-b | T-b p-a",
        _two_angles,
        symmetric=True,
    ),
    _template(
        "sides {a} {b} {c} perimeter?",
        "三角形三边{a}、{b}、{c}，周长？",
        "a+b p+c | b+c p+a | a+c p+b",
        _sides,
        symmetric=True,
    ),
)
_TWO = (
    _template("isosceles apex {a} base angle?", "等腰三角形顶角{a}，底角？", "T-a p/2", _apex),
    _template(
        "isosceles base angle {a} apex?", "等腰三角形底角{a}，顶角？", "2*a T-p | a+a T-p | T-a p-a", _base_angle
    ),
    _template(
        "exterior angle {a} opposite {b} ?",
        "三角形外角{a}，不相邻的一个内角{b}，另一个？",
        "a-b | T-a T-p q-b",
        _exterior,
    ),
    _template(
        "isosceles legs {a} base {b} perimeter?",
        "等腰三角形腰{a}，底{b}，周长？",
        "2*a p+b | a+a p+b | a+b p+a",
        _legs_and_base,
    ),
)
_THREE = (
    _template("base {a} height {b} area?", "三角形底{a}，高{b}，面积？", "a*b p/2 | a/2 p*b", _base_and_height),
    _template("area {a} base {b} height?", "三角形面积{a}，底{b}，高？", "2*a p/b | a+a p/b | b/2 a/p", _area_and_base),
)
_FOUR = (
    _template(
        "legs {a} {b} hypotenuse?", "直角三角形两直角边{a}和{b}，斜边？", "a*a b*b p+q c√r", _triple, symmetric=True
    ),
    _template("leg {a} hypotenuse {c} leg?", "直角三角形直角边{a}，斜边{c}，另一边？", "c*c a*a p-q b√r", _triple),
)
_FIVE = (
    _template(
        "leg {a} hypotenuse {c} area?",
        "直角三角形直角边{a}，斜边{c}，面积？",
        "c*c a*a p-q b√r a*s t/2",
        _triple,
    ),
    _template(
        "leg {a} hypotenuse {c} perimeter?",
        "直角三角形直角边{a}，斜边{c}，周长？",
        "c*c a*a p-q b√r a+s t+c | c*c a*a p-q b√r a+c t+s | c*c a*a p-q b√r s+c t+a",
        _triple,
    ),
    _template(
        "legs {a} {b} perimeter?",
        "直角三角形两直角边{a}和{b}，周长？",
        "a*a b*b p+q c√r a+b t+s | a*a b*b p+q c√r a+s t+b | a*a b*b p+q c√r b+s t+a",
        _triple,
        symmetric=True,
    ),
)
_SIX = (
    _template(
        "isosceles legs {a} base {b} area?",
        "等腰三角形腰{a}，底{b}，面积？",
        "b/2 a*a p*p q-r c√s p*t | b/2 a*a p*p q-r c√s b*t u/2",
        _halves,
    ),
    _template(
        "angles in ratio {a} {b} {c} first angle?",
        "三角形三角之比{a}:{b}:{c}，第一个角？",
        "a+b p+c T/q r*a | b+c p+a T/q r*a | a+c p+b T/q r*a",
        _ratio,
    ),
)
_LEVELS = (_ONE, _TWO, _THREE, _FOUR, _FIVE, _SIX)
