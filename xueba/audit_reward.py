"""`xueba audit-reward`: the corpus of hacks and hostile replies against a reward; what got through."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro
from rich.table import Table

from envs.lookup import not_found
from envs.visible import clean
from xueba.arguments import parsed
from xueba.console import err, hint, out, safe

if TYPE_CHECKING:
    from training.audit import Audit, Found


@dataclass(frozen=True)
class Auditing:
    """Replay hundreds of hacks and hostile replies against a reward.

    Each reply is known to deserve so much and no more: nothing for a guess, a
    forged tag or an answer said twice, a part for reasoning that stops half-way.
    Whatever the reward pays beyond that is printed, and the exit status is 1.

    NAME is one of Xueba's rewards, or FILE:FUNCTION, a function of your own:

      def reward(question: str, reply: str, answer: str) -> float: ...

    where `answer` is the right one. Your file is imported, and the function
    asked, in a process of its own, with a limit on time and memory. It is your
    code and is trusted as such; only this command imports it.

    What a worked solution gets counts as full marks, so any scale will do.

    Examples:
      xueba audit-reward process
      xueba audit-reward r1zero --show 10
      xueba audit-reward my_rewards.py:reward --json
    """

    name: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="NAME")]
    """a reward (process, r1zero, binary, ...), or FILE:FUNCTION"""
    seconds: float = 1.0
    """time limit for one reply, for a function of your own"""
    show: int = 20
    """so many replies of each kind are printed; 0: all"""
    json: bool = False
    """print everything as JSON"""


def run(words: list[str]) -> int:
    """Audit the reward; 1 where something got through or the reward failed.

    Raises:
        ValueError: no reward, file or function is called so, or a number makes no sense.
        RuntimeError: the file cannot be imported, and why.
    """
    chosen = parsed(Auditing, words, "audit-reward NAME")
    if not 0 < chosen.seconds <= 600:
        raise ValueError(f"--seconds is {chosen.seconds}; it must be more than 0 and at most 600")
    if chosen.show < 0:
        raise ValueError(f"--show is {chosen.show}; it must be at least 0")
    from training.audit import audit, score_by, score_of_own
    from training.rewards import REWARDS
    from training.user_reward import UserReward, is_own

    file, _, function = chosen.name.rpartition(":")
    with err().status(f"replaying against {clean(chosen.name, 60)}"):
        if chosen.name in REWARDS:
            found = audit(score_by(REWARDS[chosen.name]))
        elif is_own(chosen.name):
            own = UserReward(Path(file), function, chosen.seconds)
            try:
                found = audit(score_of_own(own))
            finally:
                own.close()
        else:
            raise ValueError(f"{not_found('reward', chosen.name, REWARDS)}; one of your own is called FILE.py:FUNCTION")
    if chosen.json:
        print(json.dumps(_record(chosen.name, found)))
    else:
        _print(chosen, found)
    return 0 if found.passed else 1


def _record(name: str, found: Audit) -> dict[str, Any]:
    kinds = {"through": found.through, "failed": found.failed, "underpaid": found.underpaid}
    rows = {kind: [_row(one) for one in those] for kind, those in kinds.items()}
    return {"reward": name, "replies": found.replies, "passed": found.passed, **rows}


def _row(one: Found) -> dict[str, Any]:
    reply = one.hack.reply
    return {
        "name": one.hack.name,
        "question": one.hack.question,
        "reply": reply if len(reply) <= 400 else f"{reply[:400]}… ({len(reply)} characters)",
        "got": one.got,
        "deserves": one.hack.deserves,
        "fault": one.fault,
    }


def _print(chosen: Auditing, found: Audit) -> None:
    for title, those in (
        ("got through", found.through),
        ("the reward failed", found.failed),
        ("honest, and not paid in full", found.underpaid),
    ):
        if those:
            _table(f"{title}: {len(those)}", those[: chosen.show or None])
            if 0 < chosen.show < len(those):
                out().print(f"and {len(those) - chosen.show} more (--show 0 prints all)\n")
    name = clean(chosen.name, 60)
    if found.passed:
        out().print(f"{name}: nothing got through, of {found.replies} replies", soft_wrap=True)
        return
    out().print(
        f"{name}: {len(found.through)} of {found.replies} replies got more than they deserve, "
        f"{len(found.failed)} made it fail",
        soft_wrap=True,
    )
    if chosen.name != "process":
        hint("a model that is paid by it will learn these; compare: xueba audit-reward process")


def _table(title: str, those: Sequence[Found]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("what", overflow="fold", max_width=32)
    table.add_column("got", justify="right")
    table.add_column("deserves", justify="right")
    table.add_column("reply, or what went wrong", overflow="fold")
    for one in those:
        got = "" if one.got is None else f"{one.got:.3g}"
        told = one.fault or one.hack.reply
        table.add_row(safe(one.hack.name, limit=80), got, f"{one.hack.deserves:.3g}", safe(told, limit=120))
    out().print(table)
    out().print()
