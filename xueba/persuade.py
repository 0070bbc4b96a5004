"""`xueba persuade`: the same positions with nothing said, something neutral, true, false, or of a new rule."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zlib import crc32

import tyro
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from envs.visible import clean
from xueba.arguments import parsed
from xueba.console import err, hint, out
from xueba.markdown import escaped, table

if TYPE_CHECKING:
    from agents.agent import Agent
    from agents.engine_judge import EngineJudge
    from agents.persuasion import Persuasion


@dataclass(frozen=True)
class Persuade:
    """Put players to the persuasion test. Each is asked the same positions five times
    over: with no message of its opponent, a neutral, a true and a false one, and
    one about a new rule. Everything else is the same, so what changes was caused
    by the words: illegal moves accepted, resignations, other moves. Shares come
    with 95% intervals.

    Players are those of the arena but persons and runs. Replies are kept as
    they come: after Ctrl-C or a fault the same command goes on where it
    stopped, and with more --times only what is new is asked.

    Examples:
      xueba persuade believer sceptic
      xueba persuade chat:MODEL@http://127.0.0.1:8000/v1 --times 20
      xueba persuade chat:MODEL --language zh --json
    """

    players: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="PLAYER")] = ()
    """one or more, as in `xueba arena --help`"""
    times: int = 10
    """replies for each of the six positions and five messages"""
    language: Literal["en", "zh"] = "en"
    """of the messages"""
    workers: int = 4
    """replies at the same time"""
    seed: int = 0
    """of players that play by chance"""
    judge: str = "stockfish?nodes=3000"
    """an engine that judges the messages about results; without it, exact knowledge does"""
    json: bool = False
    """print the figures as JSON"""
    out: Path = Path("persuasion")
    """the folder where replies and figures are kept, and report.md is written"""


def run(words: list[str]) -> int:
    """Ask, and tell what the messages caused.

    Raises:
        ValueError: a player or number makes no sense; says which, before anybody is asked.
        RuntimeError: an engine, an address or a package that is needed is not there, or another process asks already.
    """
    from agents.append_only import held

    chosen = _checked(parsed(Persuade, words, "persuade PLAYER [PLAYER ...]"))
    players: dict[str, Agent] = {}
    found = {}
    try:
        with _interruptible():
            for name in chosen.players:
                players[name] = _player(name)
            chosen.out.mkdir(parents=True, exist_ok=True)
            with held(chosen.out, f"{chosen.out} is in use by another process; wait, or choose another --out"):
                for name, player in players.items():
                    found[name] = _tested(chosen, name, player)
    except KeyboardInterrupt:
        hint("what was said so far is kept: the same command goes on")
        return 130
    finally:
        for player in players.values():
            getattr(player, "close", lambda: None)()
    if chosen.json:
        print(json.dumps({name: one.to_data() for name, one in found.items()}, indent=1))
    else:
        out().print("\n\n".join(map(str, found.values())), soft_wrap=True)
    report = chosen.out / "report.md"
    report.write_text(_report(chosen, found), encoding="utf-8")
    hint(f"the report: {report}", f"kept in {chosen.out}: figures as JSON, and every reply")
    return 0


def _checked(chosen: Persuade) -> Persuade:
    if not chosen.players:
        raise ValueError("name a player, as in: xueba persuade believer (who there is: xueba list players)")
    for name, least, most in (("times", 1, 10_000), ("workers", 1, 256)):
        if not least <= getattr(chosen, name) <= most:
            raise ValueError(f"--{name} is {getattr(chosen, name)}; it must be between {least} and {most}")
    if "human" in chosen.players:
        raise ValueError("a person remembers the positions: the test is for players that do not")
    for name in chosen.players:
        if name.startswith("run:"):
            raise ValueError(f"{name[:80]!r} hears no messages, and so cannot be persuaded of anything")
    return chosen


def _report(chosen: Persuade, found: Mapping[str, Persuasion]) -> str:
    """The figures as Markdown; names of players are others' words."""
    options = f"--times {chosen.times} --language {chosen.language} --seed {chosen.seed}"
    parts = [
        "# What messages caused",
        escaped(f"xueba persuade {' '.join(chosen.players)} {options}"),
        f"{chosen.times} replies for each of six positions and five kinds of message; 95% intervals (Wilson, Newcombe)."
        " Everything but the message is the same. They hold for these positions.",
    ]
    for name, one in found.items():
        parts += [f"## {escaped(name, 80)}", table(("counted", "message", "share", "more than in silence"), one.rows())]
        shifts = [
            (kind, f"{shift.distance:.2f}", f"{shift.expected:.2f}", f"{shift.p:.3f}")
            for kind, shift in one.shifts.items()
        ]
        parts.append(table(("answers to", "how far from those to silence, 0 to 1", "by chance", "p"), shifts))
    return "\n\n".join(parts) + "\n"


def _player(name: str) -> Agent:
    from agents.chat import ChatPlayer
    from xueba.players import seated

    player = seated(name)
    if isinstance(player, ChatPlayer):
        with err().status(f"asking {clean(name, 60)} whether it is there"):
            player.check()
    return player


def _tested(chosen: Persuade, name: str, player: Agent) -> Persuasion:
    from agents.chat import ChatPlayer
    from agents.journal import Journal
    from agents.persuasion import persuasion
    from agents.persuasion_cases import cases
    from training.run_folder import write_json

    stem = f"{_plain(name)}-{chosen.language}-{chosen.seed}"
    path = chosen.out / f"{stem}.jsonl"
    if isinstance(player, ChatPlayer):
        player.run = _identity(path)
    journal = Journal(path)
    known = len(journal.replies)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err(), transient=True) as progress, _judged(chosen.judge) as evaluate:
        task = progress.add_task(clean(name, 40), total=None)
        found = persuasion(
            player,
            cases(chosen.language),
            times=chosen.times,
            seed=chosen.seed,
            evaluate=evaluate,
            journal=journal,
            workers=chosen.workers,
            on_reply=lambda done, of: progress.update(task, completed=done, total=of),
        )
    write_json(chosen.out / f"{stem}.json", found.to_data() | {"asked_before": known, "time": time.time()})
    return found


def _identity(journal: Path) -> str:
    """Of these questions: the same for as long as there is the journal of the replies, and that of no other.

    A service that knows idempotency keys thus answers a repeated question once, and none with the reply to another.
    """
    from training.run_folder import write_json

    path = journal.with_suffix(".id")
    if not (journal.exists() and path.exists()):
        write_json(path, secrets.token_hex(6))
        # nothing is asked before both are there
        journal.touch()
    return str(json.loads(path.read_bytes()))


@contextmanager
def _judged(name: str) -> Iterator[EngineJudge | None]:
    """White's expected score by an engine; nothing where there is none of this name, which is said once."""
    from agents.engine_judge import EngineJudge
    from agents.uci_engine import engine_named

    try:
        judge = EngineJudge(engine_named(name)) if name else None
        if judge is not None:
            judge.check()
    except (RuntimeError, ValueError) as error:
        err().print(f"without an engine ({clean(str(error), 120)}): results are judged by exact knowledge alone")
        judge = None
    try:
        yield judge
    finally:
        if judge is not None:
            judge.close()


def _plain(name: str) -> str:
    """A player's name as that of a file, another for each name."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:80]
    return plain if plain == name else f"{plain}-{crc32(name.encode('utf-8', 'replace')):08x}"


@contextmanager
def _interruptible() -> Iterator[None]:
    """The second Ctrl-C leaves at once; replies are on the disk as soon as they are there."""

    def asked(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, asked)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
