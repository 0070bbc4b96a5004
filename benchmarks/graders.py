"""Two tiers of grading beside each other: on 2,000 ordinary answers, do they agree, and how fast are they?

    python benchmarks/graders.py --out docs/results/graders.md

Each answer is a number, a tuple or a set, written in one of some ways, right or wrong by half; what is right is known
from how it was made. `envs.literals` (tier 0), math-verify by itself and `envs.symbolic` (tier 1: math-verify behind
our own checks, in a process of its own) judge the same pairs in the same run. Where they differ, the way of writing
says why. Speed is processor time for the first two, which run here, and time by the clock for tier 1; they take turns.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import NamedTuple

import tyro

from envs import symbolic_worker
from envs.literals import format_answer, same_answer
from envs.symbolic import SymbolicGrader


class Case(NamedTuple):
    way: str
    said: str
    gold: str
    right: bool


def _whole(n: Fraction) -> bool:
    return n.denominator == 1


def _decimal(n: Fraction) -> str:
    return f"{float(n):.3f}".rstrip("0").rstrip(".")


# how a number may be written: which numbers, how, and what tier 0 makes of it
WAYS: dict[str, tuple[str, Callable[[Fraction], str], str]] = {
    "integer": ("whole", str, ""),
    "fraction": ("ratio", str, ""),
    "decimal": ("decimal", _decimal, ""),
    "decimal with zeros": ("decimal", lambda n: f"{float(n):.5f}", ""),
    "integer as decimal": ("whole", lambda n: f"{n}.00", ""),
    "LaTeX fraction": (
        "ratio",
        lambda n: ("-" if n < 0 else "") + f"\\frac{{{abs(n.numerator)}}}{{{n.denominator}}}",
        "LaTeX is for tier 1",
    ),
    "thousands": (
        "large",
        lambda n: f"{n.numerator:,}",
        "tier 0 takes no separators: a comma parts the members of a tuple",
    ),
    "fraction not in lowest terms": (
        "ratio",
        lambda n: f"{3 * n.numerator}/{3 * n.denominator}",
        "tier 0 wants lowest terms: reducing is work",
    ),
    "integer as fraction": ("whole", lambda n: f"{2 * n.numerator}/2", "tier 0: a division left to do is no answer"),
    "plus sign": ("whole", lambda n: f"{n.numerator:+d}", "tier 0 takes no plus"),
    "leading zero": ("natural", lambda n: f"0{n}", "no number begins with 0, for either tier of ours"),
    "point first": ("small", lambda n: _decimal(n).replace("0.", ".", 1), "tier 0 wants a digit before the point"),
    "percent": ("whole", lambda n: f"{n}%", "a percentage is another number; math-verify takes it for either"),
    "assignment": ("whole", lambda n: f"x={n}", "tier 0 takes the value alone"),
    "scientific": ("whole", lambda n: f"{_decimal(n / 10)} \\times 10^1", "LaTeX is for tier 1"),
    "product": (
        "whole",
        lambda n: f"{n}*1",
        "work left to do is no answer: whoever repeats the question would be right",
    ),
    "sum": ("whole", lambda n: f"{n - 1}+1", "work left to do is no answer"),
    "two answers": ("natural", lambda n: f"{n - 1} or {n}", "two answers are none"),
    "chain": ("natural", lambda n: f"1={n}", "an equation that ends in the answer is no answer"),
    "tuple": (
        "tuple",
        str,
        "",
    ),
    "set": ("set", str, ""),
}


def _number(rng: Random, kind: str) -> Fraction:
    sign = rng.choice((-1, 1))
    if kind == "ratio":
        below = rng.randint(2, 40)
        return Fraction(sign * (below * rng.randint(0, 5) + 1), below)
    if kind == "decimal":
        return sign * Fraction(rng.randint(0, 9999) * 8 + 1, 1000)
    if kind == "small":
        return Fraction(rng.randint(1, 999), 1000)
    if kind == "large":
        return Fraction(sign * rng.randint(1000, 10**9))
    return Fraction(rng.randint(2, 999) * (sign if kind == "whole" else 1))


def cases(count: int, seed: int = 0) -> list[Case]:
    """`count` ordinary answers, each way of writing as often as any other, right and wrong in turn."""
    rng, made = Random(seed), []
    for number in range(count):
        way = list(WAYS)[number % len(WAYS)]
        kind, write, _ = WAYS[way]
        right = number // len(WAYS) % 2 == 0
        if kind in ("tuple", "set"):
            members = rng.sample(range(-50, 50), 3 if kind == "set" else rng.randint(2, 4))
            gold = format_answer(
                tuple(map(Fraction, members)) if kind == "tuple" else frozenset(map(Fraction, members))
            )
            if kind == "set":
                members.reverse()
            said = ", ".join(str(n + (not right and i == 0) * 100) for i, n in enumerate(members))
            made.append(Case(way, f"({said})" if kind == "tuple" else f"{{{said}}}", gold, right))
            continue
        value = _number(rng, kind)
        gold = _decimal(value) if kind in ("decimal", "small") else str(value)
        wrong = value + (Fraction(1, 8) if kind == "small" else Fraction(rng.choice((1, 2, 10))))
        made.append(Case(way, write(value if right else wrong), gold, right))
    return made


INTEGERS = ", integers alone"


def per_second(grade: Callable[[Case], object], these: list[Case], clock: Callable[[], float]) -> float:
    began = clock()
    for case in these:
        grade(case)
    return len(these) / (clock() - began)


def alone(case: Case) -> bool:
    """math-verify by itself, here: both answers read anew, as for answers never seen before."""
    symbolic_worker.read_gold.cache_clear()
    return symbolic_worker.answer({"said": case.said, "gold": case.gold})


def markdown(these: list[Case], found: dict[str, list[bool | None]], speeds: dict[str, list[float]]) -> str:
    names = list(found)
    rows = ["| written as | n | " + " | ".join(f"{name}: wrong of them" for name in names) + " | why |"]
    rows.append("|---|--:|" + "--:|" * len(names) + "---|")
    lists = []
    for way, (_, _, why) in WAYS.items():
        at = [i for i, case in enumerate(these) if case.way == way]
        missed = [sum(found[name][i] is not these[i].right for i in at) for name in names]
        rows.append(f"| {way} | {len(at)} | {' | '.join(map(str, missed))} | {why if any(missed) else ''} |")
        kinds = Counter(
            tuple(found[name][i] for name in names) for i in at if len({found[name][i] for name in names}) > 1
        )
        for verdicts, count in kinds.items():
            example = next(these[i] for i in at if tuple(found[name][i] for name in names) == verdicts)
            lists.append(
                f"| {way} | {count} | `{example.said}` for `{example.gold}` | "
                + " | ".join({True: "same", False: "different", None: "unreadable"}[verdict] for verdict in verdicts)
                + " |"
            )
    middle = {name: statistics.median(rates) for name, rates in speeds.items()}
    timing = ["| | per second (median) | lowest - highest | tier 0 is |", "|---|--:|--:|--:|"]
    for name, rates in speeds.items():
        base = "tier 0" + INTEGERS * name.endswith(INTEGERS)
        times = f"{middle[base] / middle[name]:,.0f} x" if name != base else ""
        timing.append(f"| {name} | {middle[name]:,.0f} | {min(rates):,.0f} - {max(rates):,.0f} | {times} |")
    head = "| written as | times | e.g. | " + " | ".join(names) + " |\n|---|--:|---|" + "---|" * len(names)
    return (
        '"Wrong" is a verdict that is not what the value says; a value written in a way that a tier does not take is '
        "wrong there as well.\n\n" + "\n".join(rows) + "\n\n## Where they differ\n\n" + head + "\n" + "\n".join(lists)
        + "\n\n## Speed\n\n" + "\n".join(timing) + "\n"
    )  # fmt: skip


def main(count: int = 2000, repeats: int = 3, wait: float = 10.0, out: Path | None = None) -> None:
    """Compare and measure; `--out` writes the same as `.md`."""
    these = cases(count)
    with SymbolicGrader(wait, remember=1) as grader:
        graders: dict[str, tuple[Callable[[Case], bool | None], Callable[[], float], int]] = {
            "tier 0": (lambda case: same_answer(case.said, case.gold), time.process_time, 1),
            "math-verify": (alone, time.process_time, 4),
            "tier 1": (lambda case: grader.same(case.said, case.gold), time.perf_counter, 4),
        }
        found = {name: [grade(case) for case in these] for name, (grade, _, _) in graders.items()}
        whole = [case for case in these if case.way == "integer"]
        speeds: dict[str, list[float]] = {}
        for _ in range(repeats):
            for name, (grade, clock, share) in graders.items():
                speeds.setdefault(name, []).append(per_second(grade, these[: count // share], clock))
            for name in ("tier 0", "math-verify"):
                grade, clock, _ = graders[name]
                speeds.setdefault(name + INTEGERS, []).append(per_second(grade, whole, clock))
        faults = {fault.cause for fault in grader.faults}
    right = {
        name: sum(a is case.right for a, case in zip(verdicts, these, strict=True)) for name, verdicts in found.items()
    }
    text = (
        f"{count} answers, math-verify {version('math-verify')}; verdicts as the value says: "
        + ", ".join(f"{name} {n}" for name, n in right.items())
        + f"; faults: {', '.join(sorted(faults)) or 'none'}.\n\n"
        + markdown(these, found, speeds)
    )
    print(text)
    if out is not None:
        command = f"python benchmarks/graders.py --count {count} --repeats {repeats} --wait {wait:g} --out {out}"
        out.write_text(f"# Two tiers of grading\n\n`{command}`\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    tyro.cli(main)
