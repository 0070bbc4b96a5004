"""The one turn loop. Self-play, evaluation, the arena and a person's game differ only in who sits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from agents.agent import Agent, Reply, View
from agents.episode import Episode, Turn
from envs.game import Floats, Game, Ints, World, join, padded, put, random_actions, replay, take
from envs.random_streams import stream_keys, uniform

Seats = tuple[Agent, Agent]


@dataclass(frozen=True, slots=True)
class Match:
    """One game to be played: its number, who sits where, and the moves already made."""

    number: int
    seats: Seats
    opening: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """What a game may take; 0: as much as it likes. Counted in moves and tokens, so that a slow machine costs no game.

    After `plies` the game is drawn, unfinished. Who has spent more than `tokens`, in a game or at one turn, loses it.
    """

    plies: int = 0
    tokens: int = 0
    tokens_a_turn: int = 0


NO_CLOCK = Clock()
UNFINISHED, CLOCK = "unfinished", "clock"
"""Endings of games that the clock ended."""


@dataclass(slots=True)
class _Table:
    match: Match
    history: list[int]
    turns: list[Turn] = field(default_factory=list)
    attempt: int = 0
    heard: list[tuple[int, str]] = field(default_factory=list)
    """what was said aloud, and by which seat"""
    spent: list[int] = field(default_factory=lambda: [0, 0])
    late: bool = False
    """the last turn overdrew its clock"""


def play(
    game: World,
    matches: Sequence[Match],
    *,
    seed: int,
    slots: int = 256,
    retries: int = 0,
    clock: Clock = NO_CLOCK,
    hear: bool = True,
    on_turn: Callable[[Match, Turn], None] | None = None,
) -> Iterator[Episode]:
    """Play `matches`, up to `slots` of them in lockstep, and yield each game's record as it ends.

    A reply that is not legal is refused; after `retries` more tries at the same move the game is lost. Each
    player is asked once a tick for all its games together. An agent's own exceptions are not caught: a fault of
    a player's machinery is never a move or a loss. `hear` says whether players hear what is said aloud.

    Raises:
        ValueError: `slots` is less than 1, or an opening is not legal or ends its game.
    """
    if slots < 1:
        raise ValueError(f"{slots} slots: at least one game must be played at a time")
    waiting = iter(matches)
    tables: list[_Table] = []
    state: Any = game.initial(0)
    while True:
        fresh = [match for _, match in zip(range(slots - len(tables)), waiting, strict=False)]
        if fresh:
            tables += [_Table(match, list(match.opening)) for match in fresh]
            state = join([state, _openings(game, fresh)])
        if not tables:
            return
        actions = _one_tick(game, tables, state, seed, clock, hear, on_turn)
        lost = np.array([table.attempt > retries or table.late for table in tables])
        moved = np.flatnonzero(actions >= 0)
        put(state, moved, game.step(take(state, moved), actions[moved]))
        for row in moved:
            tables[row].history.append(int(actions[row]))
        over = game.done(state) | lost
        over |= np.array([bool(clock.plies) and len(table.history) >= clock.plies for table in tables])
        if over.any():
            returns = game.returns(state)
            finished = game.done(state)
            for row in np.flatnonzero(over):
                ending = _ending(tables[row], lost[row], finished[row])
                drawn = ending == CLOCK and _saved(game, take(state, [row]), tables[row])
                yield _record(game, tables[row], seed, returns[row], ending, drawn=drawn)
            tables = [table for table, ended in zip(tables, over, strict=True) if not ended]
            state = take(state, ~over)


def random_openings(game: Game, numbers: Ints, plies: int | Ints, seed: int) -> list[tuple[int, ...]]:
    """For each of `numbers` (`[B]`, each an address of its own): `plies` random legal moves that do not end the game.

    Raises:
        ValueError: games of so many random moves are (almost) always over.
    """
    lengths = np.broadcast_to(plies, len(numbers))
    found = np.full((len(numbers), int(lengths.max(initial=0))), -1, np.int64)
    wanted = np.arange(len(numbers))
    for attempt in range(100):
        draws = uniform(stream_keys(seed, numbers[wanted], attempt), found.shape[1])
        state = game.initial(len(wanted))
        for ply in range(found.shape[1]):
            going = lengths[wanted] > ply
            actions = random_actions(game.legal_mask(take(state, going)), draws[going, ply])
            found[wanted[going], ply] = actions
            put(state, going, game.step(take(state, going), actions))
        wanted = wanted[game.done(state)]
        if not wanted.size:
            return [tuple(row[row >= 0].tolist()) for row in found]
    raise ValueError(f"{int(lengths.max())} random moves of {game.name} leave no game to be played; take fewer")


def _openings(game: World, matches: Sequence[Match]) -> Any:
    for match in matches:
        if min(match.opening, default=0) < 0:
            raise ValueError(f"match {match.number}: the opening {match.opening} has a move below 0")
    state = replay(game, padded([match.opening for match in matches]))
    ended = game.done(state)
    if ended.any():
        match = matches[int(ended.argmax())]
        raise ValueError(f"match {match.number}: the opening {match.opening} already ends the game")
    return state


def _one_tick(
    game: World,
    tables: list[_Table],
    state: Any,
    seed: int,
    clock: Clock,
    hear: bool,
    on_turn: Callable[[Match, Turn], None] | None,
) -> Ints:
    """Ask everyone once; `[B]` actions, -1 where the reply was refused."""
    seats = game.to_move(state)
    plies = [len(table.history) for table in tables]
    keys = stream_keys(seed, [t.match.number for t in tables], plies, [t.attempt for t in tables])
    views: dict[int, list[int]] = {}
    agents: dict[int, Agent] = {}
    for row, table in enumerate(tables):
        agent = table.match.seats[seats[row]]
        agents[id(agent)] = agent
        views.setdefault(id(agent), []).append(row)
    replies: dict[int, Reply] = {}
    board = cast(Game, game)  # a player of board games is only ever seated at one
    for which, rows in views.items():
        asked = [_view(board, tables[row], int(seats[row]), int(keys[row]), clock, hear) for row in rows]
        given = agents[which].act(asked)
        if len(given) != len(rows):
            raise ValueError(f"the player {agents[which].name!r} gave {len(given)} replies to {len(rows)} views")
        replies.update(zip(rows, given, strict=True))
    verdicts = game.judge(state, [replies[row].text for row in range(len(tables))])
    for row, (table, verdict) in enumerate(zip(tables, verdicts, strict=True)):
        turn = Turn(int(seats[row]), replies[row], verdict)
        table.turns.append(turn)
        table.attempt = 0 if verdict.action >= 0 else table.attempt + 1
        table.late = _late(table, turn, clock)
        if verdict.said:
            table.heard.append((turn.seat, verdict.said))
        if on_turn is not None:
            on_turn(table.match, turn)
    return np.array([verdict.action for verdict in verdicts], np.int64)


def _view(game: Game, table: _Table, seat: int, key: int, clock: Clock, hear: bool) -> View:
    refused = table.turns[len(table.turns) - table.attempt :]
    return View(
        game,
        seat,
        tuple(table.history),
        key,
        table.attempt,
        table.match.number,
        heard=tuple(said for said in table.heard if hear or said[0] == seat),
        refused=tuple(turn.verdict.reason for turn in refused),
        refused_zh=tuple(turn.verdict.zh or turn.verdict.reason for turn in refused),
        tokens_left=max(0, clock.tokens - table.spent[seat]) if clock.tokens else -1,
        tokens_a_turn=clock.tokens_a_turn or -1,
    )


def _late(table: _Table, turn: Turn, clock: Clock) -> bool:
    spent = turn.reply.spent or len(turn.reply.tokens)
    table.spent[turn.seat] += spent
    over_turn = bool(clock.tokens_a_turn) and spent > clock.tokens_a_turn
    return over_turn or (bool(clock.tokens) and table.spent[turn.seat] > clock.tokens)


def _ending(table: _Table, lost: bool, finished: bool) -> str:
    if finished:
        return "rules"
    return CLOCK if table.late else table.turns[-1].verdict.kind if lost else UNFINISHED


def _saved(game: World, state: Any, table: _Table) -> bool:
    """Whether nobody loses by this clock, since the other one could never have won."""
    cannot_win = getattr(game, "cannot_win", None)
    return table.late and cannot_win is not None and bool(cannot_win(state, 1 - table.turns[-1].seat)[0])


def _record(game: World, table: _Table, seed: int, returns: Floats, ending: str, *, drawn: bool) -> Episode:
    """The record of a game that is over; `drawn`: by the clock, and lost by nobody."""
    result = (0.0, 0.0) if drawn else (float(returns[0]), float(returns[1]))
    if ending not in ("rules", UNFINISHED) and not drawn:
        result = game.forfeit if table.turns[-1].seat == 0 else (game.forfeit[1], game.forfeit[0])
    match = table.match
    return Episode(
        game=game.name,
        seed=seed,
        number=match.number,
        players=(match.seats[0].name, match.seats[1].name),
        opening=match.opening,
        turns=tuple(table.turns),
        history=tuple(table.history),
        returns=result,
        ending=ending,
    )
