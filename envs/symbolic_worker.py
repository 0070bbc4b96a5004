"""The child of `envs.symbolic`: are two answers in LaTeX the same? By math-verify, its own time-outs off."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse, verify
from sympy import Integer, nan, zoo

logging.disable(logging.CRITICAL)
KINDS = (LatexExtractionConfig(), ExprExtractionConfig())
OTHER = Integer(7919)


def read(text: str) -> list[Any]:
    """The expressions found in `text`, which is LaTeX without marks around it; none if it cannot be read."""
    found = parse(f"${text}$", KINDS, fallback_mode="no_fallback", parsing_timeout=None)
    return [expression for expression in found if not isinstance(expression, str)]


@lru_cache(1024)
def read_gold(text: str) -> tuple[Any, ...]:
    """`read`, kept: the same right answer is asked about many times."""
    return tuple(read(text))


def answer(request: dict[str, str]) -> bool:
    """With `said`: it is the same as `gold`. Without: `gold` can be read, is a value, and is the same as itself."""
    gold = list(read_gold(request["gold"]))
    if "said" in request:
        return bool(verify(gold, read(request["said"]), timeout_seconds=None))
    if not gold or any(expression.has(nan, zoo) for expression in gold):
        return False
    # some other number makes it work itself out: a right answer for which there is no time is found here
    verify(gold, [OTHER], timeout_seconds=None)
    return bool(verify(gold, gold, timeout_seconds=None))


# Once here, so that the first question does not pay for what is loaded when first used
for known, like in (("\\frac{1}{2}", "0.5"), ("(x+1)^2", "x^2+2x+1"), ("\\{1,2\\}", "2, 1"), ("(1,2]", "x>1")):
    answer({"gold": known})
    answer({"gold": known, "said": like})
