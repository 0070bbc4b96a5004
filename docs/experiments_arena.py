"""The experiments of the arena in `docs/results`: who is fooled, and engines.

    python docs/experiments_arena.py susceptibility --out docs/results/susceptibility.md
    python docs/experiments_arena.py engines --out docs/results/engines.md

Scripts with a ground truth meet believers and sceptics, and the figures are compared with what the scripts have written
down of themselves; Stockfish meets itself at another level. An engine must be installed (apt-get install stockfish).
Progress goes to the standard error.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import chess
import chess.engine
import tyro

from agents import engine_process
from agents.agent import View
from agents.arena_players import arena_player
from agents.engine_judge import EngineJudge
from agents.engine_process import Engine, EngineConfig, EngineFaultError
from agents.episode import Episode
from agents.openings import balanced
from agents.play import Clock
from agents.rates import Rate
from agents.ratings import ratings
from agents.susceptibility import Figures, figures, shares
from agents.tournament import Plan, Runner, distinct, results_of
from agents.uci_engine import engine_named, found_engine
from envs.arena import Arena
from envs.lookup import not_found
from envs.saying import parse_said

PLIES = 80
JUDGE = "stockfish?nodes=10000"
FAKE = Path(__file__).parents[1] / "tests" / "fake_engine.py"
FAULTS = (
    "garbage",
    "illegal",
    "null",
    "dies",
    "dies-later",
    "gone",
    "floods",
    "floods-lines",
    "floods-first",
    "silent",
)


def told(text: str) -> None:
    """How far it is."""
    print(text, file=sys.stderr, flush=True)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown, the first column to the left."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def met(one: str, other: str, games: int, arena: Arena, plies: int = PLIES) -> list[Episode]:
    """`games` games of two players, each opening with both colours, two at a time."""
    began = time.monotonic()
    players = {name: arena_player(name) for name in (one, other)}
    openings = [arena.actions_of(moves) for moves in balanced()]
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan((one, other), games=games, openings=len(openings))
        runner = Runner(Path(folder), plan, arena, players, openings, 0, arena.tries, Clock(plies), workers=2)
        episodes = runner.run()
    for player in players.values():
        getattr(player, "close", lambda: None)()
    if runner.faults:
        raise RuntimeError(f"games stopped: {runner.faults}")
    told(f"{one} against {other}: {len(episodes)} games in {time.monotonic() - began:.0f} s")
    return episodes


# Who is fooled


@dataclass(slots=True)
class Truth:
    """What the scripts say that they have done, counted without the referee."""

    illegal: int = 0
    """illegal moves that the bender played and the other one was asked about"""
    advised: int = 0
    """times that the liar said `you should resign` and the other one was asked next"""
    followed: int = 0
    """and resigned"""
    lies: int = 0
    protests: int = 0


def truth_of(episodes: Iterable[Episode], trickster: str) -> Truth:
    """Counted from `Reply.prompt`."""
    truth = Truth()
    for episode in episodes:
        before: dict[str, object] = {}
        for turn in episode.turns:
            record = json.loads(turn.reply.prompt)
            if episode.players[turn.seat] == trickster:
                before = record if turn.verdict.action >= 0 else {}
                truth.lies += bool(record.get("lie"))
                continue
            truth.illegal += bool(before.get("bends"))
            truth.advised += before.get("about") == "result"
            truth.followed += before.get("about") == "result" and turn.verdict.kind == "resign"
            truth.protests += parse_said(turn.reply.text).stance == "protest"
            before = {}
    return truth


def susceptibility(games: int) -> str:
    """Liars and benders against those who believe everything and those who believe nothing."""
    judge = EngineJudge(engine_named(JUDGE))
    arena = Arena("no_referee", evaluate=judge)
    pairings = [
        (trickster, other)
        for trickster in ("bender:?rate=0.2", "liar", "liar:stockfish?nodes=2000", "honest")
        for other in ("believer", "sceptic")
    ]
    moves, words, said, tricksters = [], [], [], list[Figures]()
    for trickster, other in pairings:
        episodes = met(trickster, other, games, arena)
        truth, found = truth_of(episodes, trickster), figures(episodes, judge)
        fooled, tricks = found[other], found[trickster]
        tried = sum(one.illegal + one.advised > 0 for one in (truth_of([episode], trickster) for episode in episodes))
        victims = Rate(fooled.rates()["fooled, per game"].count, tried)
        rates, names = fooled.rates(), (trickster, other)
        tricksters.append(tricks)
        moves.append(
            [*names, f"{tricks.illegal} in {tricks.moves}", truth.illegal, _rate(rates["fooled, per illegal move met"]),
             _rate(rates["protests' recall"]), _rate(rates["protests' precision"])]
        )  # fmt: skip
        words.append(
            [*names, truth.advised, truth.followed, fooled.resignations, _rate(rates["bogus, per resignation judged"]),
             _rate(victims)]
        )  # fmt: skip
        said.append([*names, truth.lies, *_claims(tricks)])
    judge.close()
    return "\n\n".join(
        [
            f"{games} games each, at most {PLIES} plies, mode `no_referee`, judge `{JUDGE}`. 95% intervals "
            "(Wilson's, of moves and claims over games).",
            "## Moves: accepted or protested against",
            table(("player", "other", "illegal moves", "put to the other (script)", "accepted", "protests' recall",
                   "protests' precision"), moves),
            "## Words: resigning when told to",
            table(("player", "other", "false advice to resign (script)", "followed (script)", "resignations",
                   "of them for nothing (judge)", "games fooled, of those in which it was tried"), words),
            "## What was said",
            table(("player", "other", "lies (script)", "claims checked", "found false", "unverifiable"), said),
            "## Classes of the benders' illegal moves",
            table(("class", "share"), [(kind, _rate(rate)) for kind, rate in shares(tricksters, "classes").items()]),
        ]
    )  # fmt: skip


def _rate(rate: Rate) -> str:
    if not rate.of:
        return "–"
    low, high = rate.interval
    return f"{rate.count} of {rate.of}: {rate.value:.1%} ({low:.1%} to {high:.1%})"


def _claims(player: Figures) -> tuple[str, ...]:
    rates = player.rates()
    false = rates["false claims, per claim checked"]
    return str(false.of), _rate(false), _rate(rates["unverifiable, per claim"])


# Engines


def engines(games: int) -> str:
    """Two levels of Stockfish, what their moves give away, what a question costs, and what becomes of faults."""
    before = children()
    levels = ("uci:stockfish?skill=0&nodes=500", "uci:stockfish?skill=8&nodes=500")
    episodes = met(*levels, games, Arena("strict"), 300)
    left = children() - before
    judge = EngineJudge(engine_named(JUDGE))
    with ThreadPoolExecutor(2) as pool:
        losses = dict(zip((e.number for e in episodes), pool.map(judge.losses, episodes), strict=True))
    judge.close()
    found = figures(episodes, None, lambda episode: losses[episode.number])
    rows = []
    for rating in ratings(results_of(distinct(episodes))):
        means = found[rating.name].means()
        lost = [_mean(means[name]) for name in ("centipawns lost, per move", "expected score lost, per move")]
        rows.append([rating.name, f"{rating.elo:.0f}", rating.interval,
                     f"{rating.points:g} of {rating.games}", *lost])  # fmt: skip
    endings = Counter(Arena("strict").position(episode.history).ending or episode.ending for episode in episodes)
    return "\n\n".join(
        [
            f"{chess_version()}, python-chess {chess.__version__}, {os.cpu_count()} cores.",
            f"## Two levels of Stockfish, {games} games",
            table(("player", "Elo", "95% interval", "points", "centipawns lost a move", "expected score lost a move"),
                  rows),
            f"Endings: {', '.join(f'{name} {count}' for name, count in endings.most_common())}. "
            f"Means over moves with 95% intervals over games, by `{JUDGE}`. Engine processes left: {len(left)}.",
            "## What a question costs",
            costs(),
            "## Faults",
            faults(),
        ]
    )  # fmt: skip


def _mean(mean: object) -> str:
    low, high = mean.interval  # type: ignore[attr-defined]
    return f"{mean.value:.3g} ({low:.3g} to {high:.3g})"  # type: ignore[attr-defined]


def chess_version() -> str:
    """What the engine calls itself."""
    with chess.engine.SimpleEngine.popen_uci(found_engine("stockfish")) as engine:
        return engine.id["name"]


def children() -> set[int]:
    """Processes that this one has started and that are alive."""
    tasks = Path("/proc/self/task").iterdir()
    return {int(pid) for task in tasks for pid in (task / "children").read_text().split()}


def costs() -> str:
    """Milliseconds for each position of a game, asked for through the player and through python-chess alone."""
    arena = Arena("strict")
    (episode,) = met("uci:stockfish?nodes=100", "honest", 2, arena, 60)[:1]
    histories = [episode.history[:ply] for ply in range(len(episode.opening), len(episode.history))]
    rows = [row for nodes in (200, 2000) for row in costs_of(nodes, arena, histories)]
    return table(("nodes", "asked through", "ms a move (median of 5)", "lowest - highest"), rows)


def costs_of(nodes: int, arena: Arena, histories: Sequence[tuple[int, ...]]) -> list[list[object]]:
    """The same for so many nodes a search."""
    boards = [arena.position(history).agreed for history in histories]
    player, limit, game = arena_player(f"uci:stockfish?nodes={nodes}"), chess.engine.Limit(nodes=nodes), object()
    times: dict[str, list[float]] = {}
    with chess.engine.SimpleEngine.popen_uci(found_engine("stockfish")) as engine:
        engine.configure({"Hash": 16, "Threads": 1})
        ways: dict[str, Callable[[int], object]] = {
            "`EnginePlayer.act`": lambda at: player.act([View(arena, 0, histories[at], at)]),
            "python-chess, a new game each time": lambda at: engine.play(boards[at], limit, game=object()),
            "python-chess, one game": lambda at: engine.play(boards[at], limit, game=game),
        }
        for _ in range(5):
            for name, way in ways.items():
                began = time.perf_counter()
                for at in range(len(boards)):
                    way(at)
                times.setdefault(name, []).append((time.perf_counter() - began) / len(boards) * 1e3)
    player.close()  # type: ignore[attr-defined]
    return [[nodes, name, f"{statistics.median(t):.1f}", f"{min(t):.1f} - {max(t):.1f}"] for name, t in times.items()]


def faults() -> str:
    """What `tests/fake_engine.py` does, how soon it was noticed, and how much memory it took."""
    rows = []
    engine_process.SEARCH_SECONDS = 2.0
    with tempfile.TemporaryDirectory() as folder:
        for fault in FAULTS:
            program = Path(folder) / fault
            program.write_text(f"#!/bin/sh\nexec {sys.executable} {FAKE} {fault}\n")
            program.chmod(0o755)
            engine = Engine(EngineConfig(str(program)))
            Path("/proc/self/clear_refs").write_text("5")
            before, began = peak(), time.monotonic()
            try:
                engine.play(chess.Board())
                engine.play(chess.Board())
                raise SystemExit(f"{fault} was not noticed")
            except EngineFaultError as error:
                said = str(error).replace(folder, "").replace("|", "\\|")
            rows.append([fault, f"{time.monotonic() - began:.1f}", f"{max(0, peak() - before) / 1024:.0f}", said])
            engine.close()
    return table(("fault", "seconds", "MB", "told"), rows)


def peak() -> int:
    """The most memory in use since it was last forgotten, in kilobytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


EXPERIMENTS = {"susceptibility": susceptibility, "engines": engines}


@dataclass(frozen=True)
class Experiment:
    """Who is fooled, or what engines do."""

    name: tyro.conf.Positional[str]
    """susceptibility or engines"""
    games: int = 100
    """of each pairing, an even number"""
    out: Path | None = None
    """where the tables are kept"""


def main(chosen: Experiment) -> None:
    """Run it, print its tables, and keep them."""
    if chosen.name not in EXPERIMENTS:
        raise SystemExit(not_found("experiment", chosen.name, EXPERIMENTS))
    text = EXPERIMENTS[chosen.name](chosen.games)
    print(text)
    if chosen.out is not None:
        command = f"python docs/experiments_arena.py {chosen.name} --games {chosen.games} --out {chosen.out}"
        chosen.out.write_text(f"`{command}`\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(tyro.cli(Experiment))
