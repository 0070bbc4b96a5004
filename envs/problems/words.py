"""Word problems of one to four steps, in English and in Chinese, with numbers that nothing needs at higher levels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from envs.problem import Task
from envs.templates import NUMBERS, FromTemplates, Template, task_from

TITLES = {"en": "Word problems", "zh": "Word problems in Chinese"}
PEOPLE = {
    "en": "Ann Ben Mia Tom Eva Leo Zoe Max Ida Sam".split(),
    "zh": "小明 小红 小刚 小丽 小华 小芳 小军 小雨 小东 小梅".split(),
}
THINGS = {
    "en": [(name, "") for name in "apples pens books eggs stamps marbles cards cookies roses balls".split()],
    "zh": [
        *(("苹果", "个"), ("钢笔", "支"), ("书", "本"), ("鸡蛋", "个"), ("邮票", "张")),
        *(("弹珠", "颗"), ("卡片", "张"), ("饼干", "块"), ("玫瑰", "朵"), ("球", "个")),
    ],
}
"""With the measure word that Chinese puts behind a number."""
DISTRACTIONS = {
    "en": (
        *("{k} is {z} years old. ", "It is {z} degrees outside. ", "{k} lives at number {z}. "),
        *("The shop opens for {z} hours. ", "{k}'s class has {z} children. "),
    ),
    "zh": ("{k}今年{z}岁。", "外面{z}度。", "{k}住在{z}号。", "商店营业{z}小时。", "{k}班上有{z}个孩子。"),
}


class Words(FromTemplates):
    levels = 6
    """The number of steps; then two or three steps beside a number that nothing needs, then up to four with larger
    numbers as well."""
    draws = 7 + NUMBERS

    def __init__(self, language: str) -> None:
        self.language = language
        self.name = "words" if language == "en" else f"words-{language}"
        self.title = TITLES[language]

    def task(self, level: int, draws: Sequence[float]) -> Task:
        templates = _LEVELS[level - 1]
        template = templates[int(draws[0] * len(templates))]
        people, things = PEOPLE[self.language], THINGS[self.language]
        first, second = _two(draws[1], draws[2], len(people))
        thing, another = _two(draws[3], draws[4], len(things))
        words = dict(zip("nkouwv", (people[first], people[second], *things[thing], *things[another]), strict=True))
        extra = ""
        if level > 4:
            sentences = DISTRACTIONS[self.language]
            extra = sentences[int(draws[5] * len(sentences))]
            words["z"] = str(5 + int(draws[6] * 25))
        return task_from(template, self.language, draws[7:], 3 if level == 6 else 1, words, extra)


def _two(draw: float, other: float, count: int) -> tuple[int, int]:
    first = int(draw * count)
    return first, (first + 1 + int(other * (count - 1))) % count


def _from(draw: float, low: int, high: int) -> int:
    return low + int(draw * (high - low + 1))


def _template(en: str, zh: str, routes: str, numbers: Callable[[Sequence[float], int], tuple[int, ...]]) -> Template:
    """`routes` has a `|` between them; `numbers` gives those called a, b, c, … in the text."""
    made = tuple(route.strip() for route in routes.split("|"))
    return Template({"en": en, "zh": zh}, made, lambda u, s: dict(zip("abcdef", numbers(u, s), strict=False)))


def _sum(u: Sequence[float], s: int) -> tuple[int, ...]:
    return _from(u[0], 2, 60 * s), _from(u[1], 2, 60 * s)


def _difference(u: Sequence[float], s: int) -> tuple[int, ...]:
    b = _from(u[0], 2, 50 * s)
    return b + _from(u[1], 1, 49 * s), b


def _product(u: Sequence[float], s: int) -> tuple[int, ...]:
    return _from(u[0], 2, 12 * s), _from(u[1], 2, 12 * s)


def _quotient(u: Sequence[float], s: int) -> tuple[int, ...]:
    b = _from(u[0], 2, 12)
    return b * _from(u[1], 2, 12 * s), b


def _product_and_more(u: Sequence[float], s: int) -> tuple[int, ...]:
    return *_product(u, s), _from(u[2], 2, 30 * s)


def _product_and_less(u: Sequence[float], s: int) -> tuple[int, ...]:
    a, b = _product(u, s)
    return a, b, _from(u[2], 2, a * b - 1)


def _change(u: Sequence[float], s: int) -> tuple[int, ...]:
    a, b = _product(u, s)
    return a, b, a * b + _from(u[2], 1, 50 * s)


def _shared_sum(u: Sequence[float], s: int) -> tuple[int, ...]:
    c = _from(u[0], 2, 9)
    whole = c * _from(u[1], 3, 15 * s)
    a = _from(u[2], 2, whole - 2)
    return a, whole - a, c


def _rate(u: Sequence[float], s: int) -> tuple[int, ...]:
    b = _from(u[0], 2, 9)
    return b * _from(u[1], 5, 40 * s), b, _from(u[2], 2, 9)


def _two_products(u: Sequence[float], s: int) -> tuple[int, ...]:
    return *_product(u, s), *_product(u[2:], s)


def _shared_rest(u: Sequence[float], s: int) -> tuple[int, ...]:
    a, b = _product(u, s)
    d = _from(u[2], 2, min(9, a * b - 2))
    return a, b, a * b - d * _from(u[3], 1, (a * b - 2) // d), d


def _rate_and_rest(u: Sequence[float], s: int) -> tuple[int, ...]:
    a, b, c = _rate(u, s)
    return a, b, c, a // b * c + _from(u[3], 5, 200 * s)


def _change_of_two(u: Sequence[float], s: int) -> tuple[int, ...]:
    a, b, c, d = _two_products(u, s)
    return a, b, c, d, a * b + c * d + _from(u[4], 1, 50 * s)


def _shared_earnings(u: Sequence[float], s: int) -> tuple[int, ...]:
    e = _from(u[0], 2, 6)
    a, b, c, d = _two_products(u[1:], s)
    return a * e, b, c * e, d, e


def _seats(u: Sequence[float], s: int) -> tuple[int, ...]:
    c, d, e = *_product(u, s), _from(u[2], 2, 9 * s)
    b = _from(u[3], 5, 12 * s)
    return (c * d + e) // b + _from(u[4], 2, 5 * s), b, c, d, e


def _mean(u: Sequence[float], s: int) -> tuple[int, ...]:
    a, b, c = (_from(draw, 2, 40 * s) for draw in u[:3])
    return a, b, c, (-a - b - c) % 4 + 4 * _from(u[3], 1, 10 * s)


_ONE = (
    _template(
        "{n} has {a} {o} and gets {b} more. How many {o} does {n} have now?",
        "{n}有{a}{u}{o}，又得到{b}{u}。{n}现在有多少{u}{o}？",
        "a+b",
        _sum,
    ),
    _template(
        "{n} has {a} {o} and gives {b} to {k}. How many are left?",
        "{n}有{a}{u}{o}，给了{k}{b}{u}。还剩多少{u}？",
        "a-b",
        _difference,
    ),
    _template("{a} boxes hold {b} {o} each. How many {o}?", "{a}个盒子，每盒{b}{u}{o}。一共多少{u}？", "a*b", _product),
    _template(
        "{n} shares {a} {o} equally among {b} friends. How many does each get?",
        "{n}把{a}{u}{o}平均分给{b}个朋友。每人得到多少{u}？",
        "a/b",
        _quotient,
    ),
)
_TWO = (
    _template(
        "{n} buys {a} bags of {b} {o} and already has {c}. How many {o} now?",
        "{n}买了{a}袋{o}，每袋{b}{u}，原来有{c}{u}。现在一共多少{u}？",
        "a*b p+c",
        _product_and_more,
    ),
    _template(
        "{n} has {a} bags of {b} {o} and gives {c} {o} to {k}. How many are left?",
        "{n}有{a}袋{o}，每袋{b}{u}，给了{k}{c}{u}。还剩多少{u}？",
        "a*b p-c",
        _product_and_less,
    ),
    _template(
        "{n} buys {a} {o} at {b} dollars each and pays with {c} dollars. How much is the change?",
        "{n}买了{a}{u}{o}，每{u}{b}元，付了{c}元。应找回多少元？",
        "a*b c-p",
        _change,
    ),
    _template(
        "{n} has {a} {o} and {k} has {b}. They share all of them among {c} children. How many does each child get?",
        "{n}有{a}{u}{o}，{k}有{b}{u}。他们把全部平均分给{c}个孩子。每个孩子得到多少{u}？",
        "a+b p/c",
        _shared_sum,
    ),
    _template(
        "{n} reads {a} pages each morning and {b} each evening. How many pages in {c} days?",
        "{n}每天早上读{a}页，晚上读{b}页。{c}天一共读多少页？",
        "a+b p*c | a*c b*c p+q",
        _product_and_more,
    ),
    _template(
        "A train goes {a} km in {b} hours. How many km does it go in {c} hours?",
        "一列火车{b}小时行驶{a}千米。{c}小时行驶多少千米？",
        "a/b p*c | a*c p/b",
        _rate,
    ),
)
_THREE = (
    _template(
        "{n} buys {a} {o} at {b} dollars each and {c} {w} at {d} dollars each. How many dollars in all?",
        "{n}买了{a}{u}{o}，每{u}{b}元，又买了{c}{v}{w}，每{v}{d}元。一共多少元？",
        "a*b c*d p+q",
        _two_products,
    ),
    _template(
        "{n} has {a} {o}. {k} has {b} times as many and finds {c} more. How many do both have together?",
        "{n}有{a}{u}{o}，{k}的数量是{n}的{b}倍，后来{k}又捡到{c}{u}。两人一共有多少{u}？",
        "a*b p+c q+a | a*b p+a q+c",
        _product_and_more,
    ),
    _template(
        "{n} has {a} bags of {b} {o}, keeps {c} {o} and shares the rest equally among {d} friends. "
        "How many does each get?",
        "{n}有{a}袋{o}，每袋{b}{u}，自己留下{c}{u}，其余平均分给{d}个朋友。每人得到多少{u}？",
        "a*b p-c q/d",
        _shared_rest,
    ),
    _template(
        "A car goes {a} km in {b} hours. The way is {d} km long. How many km are left after {c} hours at this speed?",
        "一辆汽车{b}小时行驶{a}千米。全程{d}千米。照这样行驶{c}小时后，还剩多少千米？",
        "a/b p*c d-q | a*c p/b d-q",
        _rate_and_rest,
    ),
)
_FOUR = (
    _template(
        "{n} buys {a} {o} at {b} dollars each and {c} {w} at {d} dollars each and pays with {e} dollars. "
        "How much is the change?",
        "{n}买了{a}{u}{o}，每{u}{b}元，又买了{c}{v}{w}，每{v}{d}元，付了{e}元。应找回多少元？",
        "a*b c*d p+q e-r | a*b e-p c*d q-r | c*d e-p a*b q-r",
        _change_of_two,
    ),
    _template(
        "A team earns {a} dollars a day for {b} days, then {c} dollars a day for {d} days. "
        "It shares the money equally among {e} people. How many dollars does each get?",
        "一个小组先工作{b}天，每天挣{a}元，再工作{d}天，每天挣{c}元。钱平均分给{e}个人。每人得到多少元？",
        "a*b c*d p+q r/e",
        _shared_earnings,
    ),
    _template(
        "A hall has {a} rows of {b} seats. {c} classes of {d} children and {e} teachers sit down. "
        "How many seats stay free?",
        "礼堂有{a}排座位，每排{b}个。坐下了{c}个班，每班{d}个学生，还有{e}位老师。还剩多少个空座位？",
        "a*b c*d p-q r-e | a*b c*d q+e p-r | a*b c*d p-e r-q",
        _seats,
    ),
    _template(
        "{n} picks {a} {o} on Monday, {b} on Tuesday, {c} on Wednesday and {d} on Thursday. How many a day on average?",
        "{n}星期一收集{a}{u}{o}，星期二{b}{u}，星期三{c}{u}，星期四{d}{u}。平均每天多少{u}？",
        "a+b p+c q+d r/4 | a+b c+d p+q r/4",
        _mean,
    ),
)
_LEVELS = (_ONE, _TWO, _THREE, _FOUR, _TWO + _THREE, _TWO + _THREE + _FOUR)
