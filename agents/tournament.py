"""Many matches: who meets whom, from which opening, all at once where players are slow, and resumable at any move.

A tournament is a folder: `tournament.json` (what was asked for), `episodes.jsonl` (finished games), `turns/` (a
journal for each match) and `events.jsonl`. Matches run in threads, each through the one turn loop by itself, so that
nobody waits for another table; what is played depends on the seed and the match's number alone. A fault of a player's
machinery stops its match and no other, and is neither a move nor a loss. One process at a time plays in a folder;
whoever only reads there changes nothing.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from agents.agent import Agent
from agents.append_only import append, cut_unfinished, held, whole_lines
from agents.episode import Episode, Turn, from_record, to_record
from agents.journal import Journal, Journaled, StoppedError
from agents.play import NO_CLOCK, Clock, Match, play
from agents.ratings import Pair, Sequential, sprt
from envs.game import World

EPISODES, EVENTS, TURNS = "episodes.jsonl", "events.jsonl", "turns"
FORMATS = ("round-robin", "gauntlet", "swiss")


@dataclass(frozen=True, slots=True)
class Fixture:
    """One game: its number, who sits first and second (numbers of players), and which opening."""

    number: int
    first: int
    second: int
    opening: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is played.

    Raises:
        ValueError: the numbers make no sense.
    """

    players: tuple[str, ...]
    format: str = "round-robin"
    games: int = 2
    """of each pairing, an even number: each opening is played twice, the colours changed"""
    rounds: int = 0
    """of a Swiss tournament; 0: as many as it takes to find a winner"""
    openings: int = 1
    """how many there are"""

    def __post_init__(self) -> None:
        if len(self.players) < 2:
            raise ValueError("a tournament takes two players or more")
        if len(set(self.players)) < len(self.players):
            raise ValueError(f"a player is named twice among {', '.join(self.players)[:200]}")
        if self.games < 2 or self.games % 2:
            raise ValueError(
                f"{self.games} games a pairing: openings are played in pairs, so it must be even, from 2 on"
            )
        if self.format not in FORMATS:
            raise ValueError(f"{self.format[:40]!r} is no format: {', '.join(FORMATS)}")

    @property
    def length(self) -> int:
        """How many rounds there are; all but a Swiss tournament are one."""
        if self.format != "swiss":
            return 1
        count = len(self.players)
        return self.rounds or max(1, (count - 1).bit_length())

    @property
    def all_games(self) -> int:
        """How many games all rounds have together."""
        count = len(self.players)
        pairings = {"swiss": count // 2, "gauntlet": count - 1}.get(self.format, count * (count - 1) // 2)
        return pairings * self.games * self.length

    def round(self, number: int, results: Sequence[Pair]) -> list[Fixture]:
        """The games of round `number` (from 0), after `results`, in the order in which they begin."""
        if self.format == "swiss":
            return self._fixtures(_swiss(self.players, results, number), number * (len(self.players) // 2))
        count = len(self.players)
        if self.format == "gauntlet":
            return self._fixtures([(0, other) for other in range(1, count)], 0)
        return self._fixtures([(a, b) for a in range(count) for b in range(a + 1, count)], 0)

    def _fixtures(self, pairings: Sequence[tuple[int, int]], before: int) -> list[Fixture]:
        """Two games of each opening; all pairings take turns, so that nobody's games come last."""
        found = []
        for game in range(0, self.games, 2):
            for place, (a, b) in enumerate(pairings):
                number = (before + place) * self.games + game
                opening = (game // 2) % self.openings
                found += [Fixture(number, a, b, opening), Fixture(number + 1, b, a, opening)]
        return found


def _swiss(players: Sequence[str], results: Sequence[Pair], number: int) -> list[tuple[int, int]]:
    """Whoever has like points meets, and nobody the same one twice while that can be helped; the last one may sit out.

    The best is paired with the next one that it has not met; where the rest cannot be paired, it takes another one.
    """
    points = [0.0] * len(players)
    place = {name: i for i, name in enumerate(players)}
    met: set[frozenset[int]] = set()
    played = [0] * len(players)
    for pair in results:
        a, b = place[pair.first], place[pair.second]
        points[a] += pair.won + pair.drawn / 2
        points[b] += pair.lost + pair.drawn / 2
        met.add(frozenset((a, b)))
        for one in (a, b):
            played[one] += pair.won + pair.drawn + pair.lost
    order = sorted(range(len(players)), key=lambda i: (-points[i], i))
    most = max(played)
    if len(order) % 2:
        # whoever has sat out already has played less: the lowest of those who have played most sits out now
        order.remove(next(i for i in reversed(order) if played[i] == most))
    if most:
        # a round that was sat out counts as won for the pairing (FIDE Handbook C.04.1), and for nothing else
        order.sort(key=lambda i: (-points[i] - (most - played[i]), i))
    if number == 0:
        half = len(order) // 2
        return list(zip(order[:half], order[half:], strict=True))
    return _paired(order, met) or list(zip(order[::2], order[1::2], strict=True))


def _paired(order: list[int], met: set[frozenset[int]]) -> list[tuple[int, int]] | None:
    if not order:
        return []
    first, *rest = order
    for other in rest:
        if frozenset((first, other)) not in met:
            tail = _paired([one for one in rest if one != other], met)
            if tail is not None:
                return [(first, other), *tail]
    return None


def distinct(episodes: Iterable[Episode], *, said: bool = False) -> list[Episode]:
    """The first of each game that was played move by move: players without chance play the same one again and again.

    Args:
        said: games in which other words were said differ as well, as they do where words are counted.
    """
    found: dict[object, Episode] = {}
    for episode in episodes:
        words = tuple(turn.reply.text for turn in episode.turns) if said else ()
        found.setdefault((episode.players, episode.opening, episode.history, episode.returns, words), episode)
    return list(found.values())


def sequential(episodes: Iterable[Episode], first: str, elo0: float, elo1: float) -> Sequential:
    """Whether `first` is better than the other player by `elo1` or only by `elo0`, by its share of each two games.

    Both games of a pair begin with the same opening. A pair of which one was played before, move by move, is no news.
    """
    pairs: dict[int, list[float]] = {}
    for episode in distinct(episodes):
        seat = episode.players.index(first)
        pairs.setdefault(episode.number // 2, []).append((1 + episode.returns[seat]) / 2)
    return sprt([sum(two) / 2 for two in pairs.values() if len(two) == 2], elo0, elo1)


def results_of(episodes: Iterable[Episode]) -> list[Pair]:
    """Won, drawn and lost of each two players, in the order of their first game."""
    counted: dict[tuple[str, str], list[int]] = {}
    for episode in episodes:
        entry = counted.setdefault(episode.players, [0, 0, 0])
        entry[0 if episode.returns[0] > 0 else 1 if episode.returns[0] == 0 else 2] += 1
    return [Pair(*names, *counts) for names, counts in counted.items()]


@dataclass
class Runner:
    """Plays a plan in a folder.

    Args:
        folder: of the tournament; it exists.
        plan: who meets whom.
        world: the table.
        players: by their names in the plan; safe to be asked from several threads.
        openings: as actions of the world; at least one, which may be empty.
        enough: asked before the first game and after each one, with all results; True ends the tournament.
    """

    folder: Path
    plan: Plan
    world: World
    players: Mapping[str, Agent]
    openings: Sequence[tuple[int, ...]] = ((),)
    seed: int = 0
    retries: int = 0
    clock: Clock = NO_CLOCK
    hear: bool = True
    workers: int = 1
    enough: Callable[[Sequence[Episode]], bool] = lambda _: False
    on_turn: Callable[[Fixture, Turn], None] = lambda _fixture, _turn: None
    on_game: Callable[[Episode], None] = lambda _: None
    on_fault: Callable[[Fixture, str], None] = lambda _fixture, _text: None
    done: dict[int, Episode] = field(default_factory=dict, init=False)
    """finished games by their number"""
    faults: dict[int, str] = field(default_factory=dict, init=False)
    """why games were stopped"""
    stopped: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._out: dict[str, str] = {}  # players that can go on no more, and why
        (self.folder / TURNS).mkdir(exist_ok=True)
        self._read()

    def stop(self) -> None:
        """Leave: replies that are on their way are waited for and kept, nobody is asked again."""
        self.stopped = True

    def run(self) -> list[Episode]:
        """Play what is not played yet; the finished games in the order of their numbers.

        Raises:
            RuntimeError: another process plays in this folder.
        """
        with held(self.folder, f"{self.folder} is being played by another process; wait or stop that"):
            cut_unfinished(self.folder / EPISODES)
            self._read()  # another process may have played since
            for number in range(self.plan.length):
                if self.stopped or self.faults or self.enough(self.finished):
                    break
                fixtures = self.plan.round(number, self._results_before(number))
                self._play([fixture for fixture in fixtures if fixture.number not in self.done])
        return self.finished

    def _read(self) -> None:
        self.done = {episode.number: episode for episode in read_episodes(self.folder / EPISODES)}

    @property
    def finished(self) -> list[Episode]:
        """The games that are over, in the order of their numbers."""
        with self._lock:
            return [self.done[number] for number in sorted(self.done)]

    def _results_before(self, number: int) -> list[Pair]:
        """A Swiss round is paired by the rounds before it, also when it is resumed in its middle."""
        games = number * (len(self.plan.players) // 2) * self.plan.games
        return results_of(episode for episode in self.finished if episode.number < games)

    def _play(self, fixtures: Sequence[Fixture]) -> None:
        waiting = list(reversed(fixtures))
        with ThreadPoolExecutor(self.workers, thread_name_prefix="table") as pool:
            running: set[Future[None]] = set()
            while (waiting and not self.stopped) or running:
                while waiting and len(running) < self.workers and not self.stopped:
                    running.add(pool.submit(self._one, waiting.pop()))
                # a bound, so that a signal is noticed
                finished, running = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in finished:
                    future.result()
                if finished and self.enough(self.finished):
                    waiting.clear()

    def _one(self, fixture: Fixture) -> None:
        """Play one game, or say why it stopped."""
        names = [self.plan.players[seat] for seat in (fixture.first, fixture.second)]
        barred = next((self._out[name] for name in names if name in self._out), "")
        try:
            if barred:
                raise RuntimeError(barred)
            self._keep(self._match(fixture, names))
        except StoppedError:
            return
        except Exception as error:  # noqa: BLE001 (whatever a player's machinery does ends its match, and is told)
            text = f"{type(error).__name__}: {error!s:.400}"
            with self._lock:
                self.faults[fixture.number] = text
                if getattr(error, "player", "") in self.plan.players:
                    self._out[error.player] = str(error)  # type: ignore[attr-defined]
            self._event("fault", f"game {fixture.number + 1}, {' against '.join(names)}: {text}")
            self.on_fault(fixture, text)

    def _match(self, fixture: Fixture, names: Sequence[str]) -> Episode:
        journal = Journal(self.folder / TURNS / f"{fixture.number:06d}.jsonl")
        first, second = (Journaled(self.players[name], journal, lambda: self.stopped) for name in names)
        match = Match(fixture.number, (first, second), self.openings[fixture.opening])
        games = play(
            self.world,
            [match],
            seed=self.seed,
            slots=1,
            retries=self.retries,
            clock=self.clock,
            hear=self.hear,
            on_turn=lambda _, turn: self.on_turn(fixture, turn),
        )
        return next(games)

    def _keep(self, episode: Episode) -> None:
        line = json.dumps({"step": 0, **to_record(episode)}, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            append(self.folder / EPISODES, line)
            self.done[episode.number] = episode
        # the game is whole in the episodes now
        (self.folder / TURNS / f"{episode.number:06d}.jsonl").unlink(missing_ok=True)
        self.on_game(episode)

    def _event(self, kind: str, text: str) -> None:
        row = {"step": 0, "time": time.time(), "kind": kind, "text": text}
        # a full disk has stopped this game, and is to stop no other
        with contextlib.suppress(OSError), self._lock:
            append(self.folder / EVENTS, json.dumps(row).encode() + b"\n")


def read_episodes(path: Path) -> list[Episode]:
    """The finished games so far; a line that is not whole yet is none.

    Raises:
        ValueError: a line is damaged, or its game is there twice; says which.
    """
    found: dict[int, Episode] = {}
    for number, line in enumerate(whole_lines(path), 1):
        try:
            episode = from_record(json.loads(line))
            if episode.number in found:
                raise ValueError(f"game {episode.number} is there twice")
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path}, line {number}: {error!s:.200}") from None
        found[episode.number] = episode
    return list(found.values())
