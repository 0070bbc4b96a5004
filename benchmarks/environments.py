"""Steps per second of random legal play, ours beside PettingZoo, OpenSpiel and pgx.

    python benchmarks/environments.py --out docs/results/environments.md

Everyone plays the same thing: a legal move chosen uniformly at random, games that end are begun anew, every result
is looked at. Ours and pgx step a batch (pgx compiled, many steps to one call, on all cores; ours is NumPy on one
core); PettingZoo and OpenSpiel step one game. pgx makes an observation at each step, so ours is shown with one, too.
The players take turns within every repeat, so that what else the machine does touches all alike; medians are compared.
A peer that is not installed is left out and named. Chess is a board at a time for everybody: ours is asked through
PettingZoo's own interface, as PettingZoo's is, both without their wrappers.
"""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from envs import GAMES, game_named
from envs.game import put, random_actions
from envs.observation import planes

Work = Callable[[], tuple[int, int]]
"""Plays on for a moment; how many (steps, games ended) that was."""


@dataclass(frozen=True)
class Line:
    game: str
    player: str
    version: str
    steps_per_second: float
    lowest: float
    highest: float
    games: int
    times_ours: float
    """Our steps per second (those of the game's first player) divided by this player's, medians."""
    times_ours_at_best: float
    """The same of the fastest repeats: what other work on the machine disturbs least."""


def ours(name: str, batch: int, *, observe: bool = False) -> Work:
    game, rng = GAMES[name], np.random.default_rng(0)
    state = game.initial(batch)
    seats = np.zeros(batch, np.int64)

    def work() -> tuple[int, int]:
        nonlocal state
        games = 0
        for _ in range(50):
            state = game.step(state, random_actions(game.legal_mask(state), rng.random(batch)))
            if observe:
                planes(game, state, seats)
            over = np.flatnonzero(game.done(state))
            if len(over):
                game.returns(state)
                put(state, over, game.initial(len(over)))
                games += len(over)
        return 50 * batch, games

    return work


def ours_observing(name: str, batch: int) -> Work:
    return ours(name, batch, observe=True)


def pettingzoo(name: str, batch: int) -> Work:
    from pettingzoo.classic import chess_v6, connect_four_v3, tictactoe_v3

    worlds = {"tic-tac-toe": tictactoe_v3, "connect-four": connect_four_v3, "chess": chess_v6}
    return turn_by_turn(worlds[name].raw_env())


def ours_by_pettingzoo(name: str, batch: int) -> Work:
    from envs.pettingzoo_adapter import GameAEC

    return turn_by_turn(GameAEC(game_named(name)))


def turn_by_turn(world: Any) -> Work:
    """A game of PettingZoo's interface, one after the other."""

    def work() -> tuple[int, int]:
        steps = 0
        world.reset()
        while True:
            seen, _, ended, cut, _ = world.last()
            if ended or cut:
                return steps, 1
            world.step(int(random.choice(np.flatnonzero(seen["action_mask"]))))
            steps += 1

    return work


def open_spiel(name: str, batch: int) -> Work:
    import pyspiel

    game = pyspiel.load_game(name.replace("-", "_"))

    def work() -> tuple[int, int]:
        steps = 0
        for _ in range(20):
            state = game.new_initial_state()
            while not state.is_terminal():
                state.apply_action(random.choice(state.legal_actions()))
                steps += 1
            state.returns()
        return steps, 20

    return work


def pgx(name: str, batch: int) -> Work:
    import jax
    import jax.numpy as jnp
    from pgx import make
    from pgx.experimental import auto_reset

    env = make({"tic-tac-toe": "tic_tac_toe", "connect-four": "connect_four"}[name])
    step = auto_reset(env.step, env.init)

    def one(carry, key):  # type: ignore[no-untyped-def]
        state, games = carry
        choose, restart = jax.random.split(key)
        actions = jax.random.categorical(choose, jnp.where(state.legal_action_mask, 0.0, -jnp.inf))
        state = jax.vmap(step)(state, actions, jax.random.split(restart, batch))
        return (state, games + state.terminated.sum()), None

    @jax.jit
    def many(state, key):  # type: ignore[no-untyped-def]
        (state, games), _ = jax.lax.scan(one, (state, jnp.int32(0)), jax.random.split(key, 50))
        return state, games

    key = jax.random.PRNGKey(0)
    state = jax.jit(jax.vmap(env.init))(jax.random.split(key, batch))

    def work() -> tuple[int, int]:
        nonlocal state, key
        key, here = jax.random.split(key)
        state, games = many(state, here)
        return 50 * batch, int(games)

    return work


PLAYERS: dict[str, tuple[str, Callable[[str, int], Work]]] = {
    "xueba": ("xueba", ours),
    "xueba, with observations": ("xueba", ours_observing),
    "pgx": ("pgx", pgx),
    "OpenSpiel": ("open_spiel", open_spiel),
    "PettingZoo": ("pettingzoo", pettingzoo),
}
"""Name in the table: its distribution, and what makes it ready to play."""
BY_PETTINGZOO: dict[str, tuple[str, Callable[[str, int], Work]]] = {
    "xueba, through PettingZoo": ("xueba", ours_by_pettingzoo),
    "PettingZoo": ("pettingzoo", pettingzoo),
}
"""Those who play chess."""


def rate(work: Work, seconds: float) -> tuple[float, int]:
    """(steps per second, games ended) over at least `seconds`."""
    steps = games = 0
    began = time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        more, ended = work()
        steps, games = steps + more, games + ended
    return steps / spent, games


def measure(name: str, batch: int, repeats: int, seconds: float) -> tuple[list[Line], list[str]]:
    """One line for each player that is here, and the names of those that are not."""
    ready, missing = {}, []
    players = PLAYERS if name in GAMES else BY_PETTINGZOO
    for player, (_, make) in players.items():
        try:
            ready[player] = make(name, batch)
        except ImportError as error:
            missing.append(f"{player} ({error.name or error} is not installed)")
    for work in ready.values():
        work()  # compiles
    seen: dict[str, list[tuple[float, int]]] = {player: [] for player in ready}
    for _ in range(repeats):
        for player, work in ready.items():
            seen[player].append(rate(work, seconds))
    us = next(iter(players))
    medians = {player: statistics.median(speed for speed, _ in runs) for player, runs in seen.items()}
    lines = [
        Line(
            name,
            player,
            installed(players[player][0]),
            medians[player],
            min(speed for speed, _ in runs),
            max(speed for speed, _ in runs),
            sum(games for _, games in runs),
            medians[us] / medians[player],
            max(speed for speed, _ in seen[us]) / max(speed for speed, _ in runs),
        )
        for player, runs in seen.items()
    ]
    return lines, missing


def installed(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "-"


def markdown(lines: list[Line], missing: list[str], setting: str) -> str:
    rows = [
        "| game | player | version | steps/s (median) | lowest - highest | games | ours is | at best |",
        "|---|---|---|--:|--:|--:|--:|--:|",
    ]
    rows += [
        f"| {line.game} | {line.player} | {line.version} | {line.steps_per_second:,.0f} | "
        f"{line.lowest:,.0f} - {line.highest:,.0f} | {line.games:,} | "
        f"{line.times_ours:.2f} x | {line.times_ours_at_best:.2f} x |"
        for line in lines
    ]
    absent = [f"Left out: {', '.join(missing)}."] if missing else []
    return "\n\n".join([setting, "\n".join(rows), *absent]) + "\n"


def main(
    batch: int = 4096, repeats: int = 7, seconds: float = 0.5, games: tuple[str, ...] = (), out: Path | None = None
) -> None:
    """Measure and print, these games or all; `--out` writes the same as `.md` or `.json`."""
    lines: list[Line] = []
    missing: list[str] = []
    for name in games or (*GAMES, "chess"):
        more, absent = measure(name, batch, repeats, seconds)
        lines, missing = lines + more, [*missing, *(one for one in absent if one not in missing)]
    setting = (
        f"Random legal play, batch {batch}, {repeats} repeats of {seconds:g} s each, players interleaved; "
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, NumPy {np.__version__}."
    )
    print(markdown(lines, missing, setting))
    if out is not None and out.suffix == ".json":
        record = {"setting": setting, "missing": missing, "lines": [asdict(line) for line in lines]}
        out.write_text(json.dumps(record, indent=1), encoding="utf-8")
    elif out is not None:
        only = f" --games {' '.join(games)}" if games else ""
        options = f"--batch {batch} --repeats {repeats} --seconds {seconds:g}{only} --out {out}"
        command = f"`python benchmarks/environments.py {options}`"
        text = f"# Steps per second of the games\n\n{command}\n\n{markdown(lines, missing, setting)}"
        out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    tyro.cli(main)
