"""`xueba arena`: players that move and talk, a referee that catches invented rules, and a report of it all."""

from __future__ import annotations

import json
import math
import os
import secrets
import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import TYPE_CHECKING, Any

from envs.arena import Arena
from envs.visible import clean
from xueba.arena_asked import Tournament
from xueba.arguments import parsed, runs_option
from xueba.console import err, hint, out
from xueba.tournaments import FILE, born, told_apart

if TYPE_CHECKING:
    from agents.agent import Agent
    from agents.episode import Episode, Turn
    from agents.ratings import Sequential
    from agents.tournament import Fixture, Runner

MAX_GAMES = 100_000
LEAST_SPRT = 8
"""games, of which pairs are scored: fewer never decide"""


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
    folder, chosen = _folder(replace(chosen, players=told_apart(chosen.players)))
    players = _players(chosen)
    try:
        return _played(chosen, folder, players)
    finally:
        for player in players.values():
            getattr(player, "close", lambda: None)()


def _folder(chosen: Tournament) -> tuple[Path, Tournament]:
    """The folder of the tournament, and what is played there: what was asked for when it began, if it goes on."""
    from training.run_folder import check_name

    if not chosen.resume:
        if len(chosen.players) < 2:
            raise ValueError("name two players or more, as in: xueba arena honest liar (all: xueba arena --help)")
        _plan(chosen, 1)
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
    default, changed = Tournament(), []
    for field in fields(Tournament):
        now, before = getattr(chosen, field.name), getattr(kept, field.name)
        if field.name not in ("resume", "runs", "workers", "json", "judge", "anchor") and now not in (
            getattr(default, field.name), before
        ):  # fmt: skip
            changed.append(f"--{field.name} was {before!r}, is {now!r}")
    if changed:
        raise ValueError(f"tournament {path.name} goes on as it began: {'; '.join(changed)[:300]}")
    now = {name: getattr(chosen, name) for name in ("runs", "workers", "json", "resume")}
    now |= {name: value for name in ("judge", "anchor") if (value := getattr(chosen, name))}
    return path, Tournament(**{f.name: getattr(kept, f.name) for f in fields(Tournament)} | now)


def _typed(name: str, value: Any) -> Any:
    """Lists of JSON are tuples here, and paths texts."""
    value = tuple(value) if isinstance(value, list) else value
    return Path(value) if name in ("openings", "out", "runs") and value is not None else value


def _free(root: Path) -> str:
    number = 1
    while (root / (name := "arena" if number == 1 else f"arena-{number}")).exists():
        number += 1
    return name


def _plan(chosen: Tournament, openings: int) -> Any:
    from agents.tournament import Plan

    if chosen.workers < 1 or chosen.workers > 256:
        raise ValueError(f"--workers is {chosen.workers}; it must be between 1 and 256")
    if chosen.games > MAX_GAMES:
        raise ValueError(f"--games is {chosen.games}; it may be up to {MAX_GAMES} of each pairing")
    if chosen.sprt is not None:
        _check_sprt(chosen, *chosen.sprt)
    for name in ("plies", "tokens", "tokens_a_turn", "rounds"):
        if getattr(chosen, name) < 0:
            raise ValueError(f"--{name.replace('_', '-')} is {getattr(chosen, name)}; it must be 0 or more")
    if "human" in chosen.players:
        object.__setattr__(chosen, "workers", 1)  # one terminal, one game
    return Plan(chosen.players, chosen.format, chosen.games, chosen.rounds, openings)


def _check_sprt(chosen: Tournament, elo0: float, elo1: float) -> None:
    if len(chosen.players) != 2:
        raise ValueError("--sprt compares two players; there are more")
    if not (math.isfinite(elo0) and math.isfinite(elo1) and elo0 < elo1):
        raise ValueError(f"--sprt {elo0:g} {elo1:g}: two Elo, the lower first, as in --sprt 0 20")
    if chosen.games < LEAST_SPRT:
        raise ValueError(
            f"--sprt decides by pairs of games, and {chosen.games} are too few: --games {LEAST_SPRT} or more"
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


def _world(chosen: Tournament) -> tuple[Arena, Any]:
    """The table, and the judge of results, if there is one."""
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
    if judge is not None:
        judge.check()
    return Arena(chosen.mode, start, chess960=chosen.chess960 >= 0, evaluate=judge), judge


def _openings(chosen: Tournament, arena: Arena) -> list[tuple[int, ...]]:
    from agents.openings import balanced, openings_of

    if arena.position(()).result is not None:
        raise ValueError(f"in {arena.board.fen()} the game is over already; begin elsewhere")
    if chosen.openings is not None:
        found = [arena.actions_of(moves) for moves in openings_of(chosen.openings, arena.board)]
        for number, line in enumerate(found, 1):
            if arena.position(line).result is not None:
                raise ValueError(f"{chosen.openings}, opening {number}: it ends the game")
        return found
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
    from xueba.arena_view import ArenaView

    arena, judge = _world(chosen)
    openings = _openings(chosen, arena)
    plan = _plan(chosen, len(openings))
    anchors = _anchors(chosen)

    def enough(episodes: Any) -> bool:
        return chosen.sprt is not None and bool(sequential(chosen, episodes).decision)

    if not chosen.resume:
        _begin(chosen, folder, arena, digest(openings))
    kept = json.loads((folder / FILE).read_bytes())
    if kept.get("openings", digest(openings)) != digest(openings):
        source = chosen.openings or "this program"
        raise ValueError(f"tournament {folder.name} goes on as it began: the openings of {source} have changed since")
    for player in players.values():
        if isinstance(player, ChatPlayer):
            player.run = kept.get("id", folder.name)
    view = ArenaView(chosen.players, err(), quiet="human" in chosen.players)
    live = LiveGames(folder)

    def told(fixture: Fixture, turn: Turn) -> None:
        view.turn(fixture, turn)
        seats = players[chosen.players[fixture.first]], players[chosen.players[fixture.second]]
        live.turn(0, Match(fixture.number, seats, openings[fixture.opening]), turn)

    runner = Runner(
        folder, plan, arena, players, openings, chosen.seed, arena.tries,
        Clock(chosen.plies, chosen.tokens, chosen.tokens_a_turn), chosen.hear, chosen.workers,
        enough, told, view.game, view.fault,
    )  # fmt: skip
    view.begin(runner.finished, plan.all_games)
    try:
        with view, _interruptible(runner):
            episodes = runner.run()
        return _told(chosen, folder, runner, episodes, judge, anchors)
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


def sequential(chosen: Tournament, episodes: Iterable[Episode]) -> Sequential:
    """The test of --sprt: by the first player's share of each two games from one opening, of games that differ."""
    from agents.ratings import sprt
    from agents.tournament import distinct

    assert chosen.sprt is not None
    scores: dict[int, list[float]] = {}
    for episode in distinct(episodes):
        seat = episode.players.index(chosen.players[0])
        scores.setdefault(episode.number // 2, []).append((1 + episode.returns[seat]) / 2)
    return sprt([sum(two) / 2 for two in scores.values() if len(two) == 2], *chosen.sprt)


def _anchors(chosen: Tournament) -> dict[str, float]:
    found = {}
    for anchor in chosen.anchor:
        name, _, elo = anchor.rpartition("=")
        with suppress(ValueError):
            found[name] = float(elo)
        if not math.isfinite(found.get(name, math.nan)):
            raise ValueError(f"--anchor {anchor[:80]!r}: write PLAYER=ELO")
        if name not in chosen.players:
            raise ValueError(f"--anchor {name[:80]!r} does not play here: {', '.join(chosen.players)[:200]}")
    return found


def _told(
    chosen: Tournament, folder: Path, runner: Runner, episodes: list[Episode], judge: Any, anchors: dict[str, float]
) -> int:
    """The figures, the report, and what to do next."""
    from agents.susceptibility import figures
    from agents.tournament import distinct, results_of
    from xueba.arena_tables import tables
    from xueba.reports import write_reports

    different = distinct(episodes)
    pairs = results_of(different)
    with err().status("judging the moves" if judge is not None else "counting"):
        found = figures(episodes, judge, None if judge is None else judge.losses)
    with err().status("writing the report"):
        written = write_reports(folder, found, anchors) if episodes else []
    where = runs_option(chosen.runs)
    if chosen.json:
        from agents.ratings import ratings

        data = {
            "name": folder.name,
            "games": len(episodes),
            "different": len(different),
            "stopped": {str(number + 1): text for number, text in runner.faults.items()},
            "ratings": [rating.to_data() for rating in ratings(pairs, anchors)] if pairs else [],
            "players": {name: player.to_data() for name, player in found.items()},
        }
        print(json.dumps(data, indent=1))
    elif episodes:
        for table in tables(pairs, found, anchors):
            out().print(table)
    for note in _notes(chosen, episodes, len(different), anchors):
        hint(note)
    if judge is not None and judge.fault:
        hint(f"the judge gave up: {clean(judge.fault, 200)}")
    if written:
        hint(f"the report:   {written[0]}", f"in a browser: xueba watch{where}")
    if runner.faults or runner.stopped:
        why = next(iter(runner.faults.values()), "interrupted")
        left = runner.plan.all_games - len(episodes)
        hint(
            f"{left} game{' is' if left == 1 else 's are'} unfinished: {clean(why, 300)}",
            f"go on:        xueba arena --resume {folder.name}{where}",
        )
        return 130 if runner.stopped else 1
    return 0


def _notes(chosen: Tournament, episodes: list[Episode], different: int, anchors: Mapping[str, float]) -> Iterator[str]:
    """What is to be known of the figures before they are believed."""
    if different < len(episodes):
        yield f"{different} of {len(episodes)} games are different; those that were played before count once"
    for name in anchors.keys() - {name for episode in episodes for name in episode.players}:
        yield f"the anchor {clean(name, 60)} has not played yet"
    if chosen.sprt is not None:
        test = sequential(chosen, episodes)
        taken = {
            "H1": f"better by {chosen.sprt[1]:g} Elo (H1)",
            "H0": f"not better than by {chosen.sprt[0]:g} Elo (H0)",
            "": "not decided yet",
        }
        yield f"--sprt: {taken[test.decision]}; llr {test.llr:.2f} between {test.low:.2f} and {test.high:.2f}"
    said = any(c.kind == "result" for e in episodes for t in e.turns for c in t.verdict.claims)
    resigned = any(turn.verdict.kind == "resign" for episode in episodes for turn in episode.turns)
    if not chosen.judge and (said or resigned):
        yield "no engine judged results and resignations: --judge stockfish, where one is installed"
