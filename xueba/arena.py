"""`xueba arena`: players that move and talk, a referee that catches invented rules, and a report of it all."""

from __future__ import annotations

import json
import math
import os
import secrets
import signal
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import TYPE_CHECKING, Any

from envs.arena import Arena
from envs.visible import clean
from xueba.arena_asked import Tournament
from xueba.arena_notes import anchors_of, standing
from xueba.arguments import parsed
from xueba.console import err
from xueba.tournaments import FILE, born, told_apart

if TYPE_CHECKING:
    from agents.agent import Agent
    from agents.engine_judge import EngineJudge
    from agents.episode import Episode, Turn
    from agents.tournament import Fixture, Plan, Runner

MAX_GAMES = 100_000
"""of a tournament"""
AFRESH = frozenset({"runs", "workers", "json", "resume", "judge", "anchor"})
"""options that may be others when a tournament goes on"""


def run(words: list[str]) -> int:
    """Play, and write the report.

    Raises:
        ValueError: a player, position, file or number makes no sense; says which, before anything is played.
        RuntimeError: an engine, an address or a package that is needed is not there.
        FileNotFoundError: there is no such tournament, or file of openings.
    """
    chosen = parsed(Tournament, words, "arena PLAYER PLAYER [PLAYER ...]")
    if chosen.demo:
        from xueba.demo import demo

        return int(demo(chosen.out, chosen.runs))
    folder, chosen = _folder(replace(chosen, players=told_apart(chosen.players)), words)
    players = _players(chosen)
    try:
        return _played(chosen, folder, players)
    finally:
        for player in players.values():
            getattr(player, "close", lambda: None)()


def _folder(chosen: Tournament, words: list[str]) -> tuple[Path, Tournament]:
    """The folder of the tournament, and what is played there: what was asked for when it began, if it goes on."""
    from training.run_folder import check_name

    if not chosen.resume:
        if len(chosen.players) < 2:
            raise ValueError("name two players or more, as in: xueba arena honest liar (all: xueba arena --help)")
        _plan(chosen, 1)
        if chosen.sprt is not None:
            _check_sprt(chosen, *chosen.sprt)
        name = chosen.name or _free(chosen.runs)
        check_name(name)
        return chosen.runs / name, chosen
    path = Path(chosen.resume)
    path = path if path.parent != Path() else chosen.runs / chosen.resume
    check_name(path.name)
    try:
        data = json.loads((path / FILE).read_bytes())
        kept = Tournament(
            **{k: _typed(k, v) for k, v in data["asked"].items() if k in {f.name for f in fields(Tournament)}}
        )
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no tournament {path}") from None
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path / FILE} is damaged: {error!s:.200}") from None
    # by the words, since a value may have been written that is the usual one
    given = {word[2:].partition("=")[0].replace("-", "_").removeprefix("no_") for word in words if word[:2] == "--"}
    given |= {"players"} if chosen.players else set()
    changed = [
        f"--{name.replace('_', '-')} was {before!r}, is {now!r}"
        for name in sorted(given - AFRESH)
        if (before := getattr(kept, name)) != (now := getattr(chosen, name))
    ]
    if changed:
        raise ValueError(f"tournament {path.name} goes on as it began: {'; '.join(changed)[:300]}")
    return path, replace(kept, **{name: getattr(chosen, name) for name in given & AFRESH | {"runs", "json", "resume"}})


def _typed(name: str, value: Any) -> Any:
    """Lists of JSON are tuples here, and paths texts."""
    value = tuple(value) if isinstance(value, list) else value
    return Path(value) if name in ("openings", "out", "runs") and value is not None else value


def _free(root: Path) -> str:
    number = 1
    while (root / (name := "arena" if number == 1 else f"arena-{number}")).exists():
        number += 1
    return name


def _plan(chosen: Tournament, openings: int) -> Plan:
    from agents.tournament import Plan

    if chosen.workers < 1 or chosen.workers > 256:
        raise ValueError(f"--workers is {chosen.workers}; it must be between 1 and 256")
    for name in ("plies", "tokens", "tokens_a_turn", "rounds"):
        if getattr(chosen, name) < 0:
            raise ValueError(f"--{name.replace('_', '-')} is {getattr(chosen, name)}; it must be 0 or more")
    if "human" in chosen.players:
        object.__setattr__(chosen, "workers", 1)  # one terminal, one game
    plan = Plan(chosen.players, chosen.format, chosen.games, chosen.rounds, openings)
    if plan.all_games > MAX_GAMES:
        raise ValueError(f"these are {plan.all_games} games in all; a tournament has up to {MAX_GAMES}")
    return plan


def _check_sprt(chosen: Tournament, elo0: float, elo1: float) -> None:
    from agents.ratings import sprt

    if len(chosen.players) != 2:
        raise ValueError("--sprt compares two players; there are more")
    if not (math.isfinite(elo0) and math.isfinite(elo1) and elo0 < elo1):
        raise ValueError(f"--sprt {elo0:g} {elo1:g}: two Elo, the lower first, as in --sprt 0 20")
    # who wins or loses everything is decided about soonest
    least = 2 * bisect_left(
        range(MAX_GAMES // 2 + 1),
        True,
        key=lambda pairs: any(sprt([score] * pairs, elo0, elo1).decision for score in (0.0, 1.0)),
    )
    if chosen.games < least:
        raise ValueError(
            f"--sprt {elo0:g} {elo1:g} is decided by {least} games at the very earliest, and --games is {chosen.games}"
        )


def _players(chosen: Tournament) -> dict[str, Agent]:
    """Everybody, looked at before the first move.

    Raises:
        ValueError, RuntimeError: somebody cannot sit down; says who and why.
    """
    from agents.chat import ChatPlayer
    from xueba.players import seated

    made: dict[str, Agent] = {}
    for name in chosen.players:
        if name.startswith("run:") and (chosen.start or chosen.chess960 >= 0):
            raise ValueError(f"{name[:80]!r} has read games from their beginning, and cannot begin elsewhere")
        base = name.rpartition("#")[0]
        player = made[name] = seated(base if base in chosen.players else name, chosen.runs, name)
        if isinstance(player, ChatPlayer):
            with err().status(f"asking {clean(name, 60)} whether it is there"):
                player.check()
    return made


def _world(chosen: Tournament) -> tuple[Arena, EngineJudge | None]:
    """The table, and the judge of results, if there is one; its engine is not started yet."""
    from agents.engine_judge import EngineJudge
    from agents.uci_engine import engine_named

    if chosen.chess960 != -1 and chosen.start:
        raise ValueError("--start and --chess960 both say where to begin; choose one")
    if not -1 <= chosen.chess960 <= 959:
        raise ValueError(f"--chess960 is {chosen.chess960}; positions are numbered 0 to 959")
    import chess

    start = chosen.start or chess.STARTING_FEN
    if chosen.chess960 >= 0:
        start = chess.Board.from_chess960_pos(chosen.chess960).fen()
    judge = EngineJudge(engine_named(chosen.judge)) if chosen.judge else None
    return Arena(chosen.mode, start, chess960=chosen.chess960 >= 0, evaluate=judge), judge


def _openings(chosen: Tournament, arena: Arena) -> list[tuple[int, ...]]:
    from agents.openings import balanced, openings_of

    if arena.position(()).result is not None:
        raise ValueError(f"in {arena.board.fen()} the game is over already; begin elsewhere")
    if chosen.openings is not None:
        return [arena.actions_of(moves) for moves in openings_of(chosen.openings, arena.board)]
    usual = not chosen.start and chosen.chess960 < 0
    if usual and chosen.games > 2:
        lines = [arena.actions_of(moves) for moves in balanced()]
        return lines[chosen.seed % len(lines) :] + lines[: chosen.seed % len(lines)]
    return [()]


def _played(chosen: Tournament, folder: Path, players: Mapping[str, Agent]) -> int:
    from agents.chat import ChatPlayer
    from agents.openings import digest
    from agents.play import Clock, Match
    from agents.tournament import Runner
    from training.live_games import LiveGames
    from xueba.arena_told import told
    from xueba.arena_view import ArenaView

    arena, judge = _world(chosen)
    openings = _openings(chosen, arena)
    plan = _plan(chosen, len(openings))
    anchors_of(asdict(chosen))
    if judge is not None:
        judge.check()
    if not chosen.resume:
        _begin(chosen, folder, arena, digest(openings))
    kept = json.loads((folder / FILE).read_bytes())
    if kept.get("openings", digest(openings)) != digest(openings):
        source = chosen.openings or "this program"
        raise ValueError(f"tournament {folder.name} goes on as it began: the openings of {source} have changed since")
    _ask_anew(chosen, folder, kept)
    for player in players.values():
        if isinstance(player, ChatPlayer):
            player.run = kept.get("id", folder.name)
    view = ArenaView(chosen.players, err(), quiet="human" in chosen.players)
    live = LiveGames(folder)

    def heard(fixture: Fixture, turn: Turn) -> None:
        view.turn(fixture, turn)
        seats = players[chosen.players[fixture.first]], players[chosen.players[fixture.second]]
        live.turn(0, Match(fixture.number, seats, openings[fixture.opening]), turn)

    def enough(episodes: Sequence[Episode]) -> bool:
        test = standing(asdict(chosen), episodes)
        return test is not None and bool(test.decision)

    runner = Runner(
        folder, plan, arena, players, openings, chosen.seed, arena.tries,
        Clock(chosen.plies, chosen.tokens, chosen.tokens_a_turn), chosen.hear, chosen.workers,
        enough, heard, view.game, view.fault,
    )  # fmt: skip
    view.begin(runner.finished, plan.all_games)
    try:
        with view, _interruptible(runner):
            episodes = runner.run()
        return told(chosen, folder, runner, episodes, judge)
    finally:
        if judge is not None:
            judge.close()


def _begin(chosen: Tournament, folder: Path, arena: Arena, openings: str) -> None:
    """Make the folder, whole or not at all: one without its file could neither be resumed nor begun.

    Raises:
        FileExistsError: there is one of this name; says what to do.
    """
    from training.run_folder import write_json

    taken = f"{folder} exists already: --resume {folder.name}, or choose another --name"
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        raise FileExistsError(taken)
    asked = {k: str(v) if isinstance(v, Path) else v for k, v in asdict(chosen).items()}
    # a name may be used again; the id makes questions to paid services differ from those of any other tournament
    data = {"kind": "arena", "id": secrets.token_hex(6), **born(), "asked": asked, "world": arena.name}
    data["openings"] = openings
    with TemporaryDirectory(prefix=".arena-", dir=folder.parent) as place:
        part = Path(place) / "folder"
        part.mkdir()
        write_json(part / FILE, data)
        try:
            part.rename(folder)
        except OSError as error:
            raise FileExistsError(taken) from error


def _ask_anew(chosen: Tournament, folder: Path, kept: dict[str, Any]) -> None:
    """Keep the judge and the anchors of a tournament that goes on with others, so that later reports know them."""
    from training.run_folder import write_json

    now = {"judge": chosen.judge, "anchor": list(chosen.anchor)}
    if any(kept["asked"].get(name) != value for name, value in now.items()):
        write_json(folder / FILE, {**kept, "asked": {**kept["asked"], **now}})


@contextmanager
def _interruptible(runner: Runner) -> Iterator[None]:
    """The first Ctrl-C waits for replies that are on their way and keeps them; the second leaves at once."""

    def asked(number: int, _frame: FrameType | None) -> None:
        if runner.stopped:
            os.write(2, b"\nxueba: left at once; what was said so far is kept\n")
            os._exit(128 + number)
        runner.stop()
        os.write(2, b"\nxueba: keeping the replies that are on their way (Ctrl-C again leaves at once)\n")

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
