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


@dataclass(slots=True)
class _Table:
    match: Match
    history: list[int]
    turns: list[Turn] = field(default_factory=list)
    attempt: int = 0


def play(
    game: World,
    matches: Sequence[Match],
    *,
    seed: int,
    slots: int = 256,
    retries: int = 0,
    on_turn: Callable[[Match, Turn], None] | None = None,
) -> Iterator[Episode]:
    """Play `matches`, up to `slots` of them in lockstep, and yield each game's record as it ends.

    A reply that is not legal is refused; after `retries` more tries at the same move the game is lost. Each
    player is asked once a tick for all its games together. An agent's own exceptions are not caught: a fault of
    a player's machinery is never a move or a loss.

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
        actions = _one_tick(game, tables, state, seed, on_turn)
        lost = np.array([table.attempt > retries for table in tables])
        moved = np.flatnonzero(actions >= 0)
        put(state, moved, game.step(take(state, moved), actions[moved]))
        for row in moved:
            tables[row].history.append(int(actions[row]))
        over = game.done(state) | lost
        if over.any():
            returns = game.returns(state)
            yield from (_record(game, tables[row], seed, returns[row], lost[row]) for row in np.flatnonzero(over))
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
    game: World, tables: list[_Table], state: Any, seed: int, on_turn: Callable[[Match, Turn], None] | None
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
        asked = [
            View(board, int(seats[r]), tuple(t.history), int(keys[r]), t.attempt, t.match.number)
            for r, t in ((row, tables[row]) for row in rows)
        ]
        given = agents[which].act(asked)
        if len(given) != len(rows):
            raise ValueError(f"the player {agents[which].name!r} gave {len(given)} replies to {len(rows)} views")
        replies.update(zip(rows, given, strict=True))
    verdicts = game.judge(state, [replies[row].text for row in range(len(tables))])
    for row, (table, verdict) in enumerate(zip(tables, verdicts, strict=True)):
        turn = Turn(int(seats[row]), replies[row], verdict)
        table.turns.append(turn)
        table.attempt = 0 if verdict.legal else table.attempt + 1
        if on_turn is not None:
            on_turn(table.match, turn)
    return np.array([verdict.action for verdict in verdicts], np.int64)


def _record(game: World, table: _Table, seed: int, returns: Floats, lost: bool) -> Episode:
    ending = "rules"
    result = (float(returns[0]), float(returns[1]))
    if lost:
        last = table.turns[-1]
        ending = last.verdict.kind
        result = game.forfeit if last.seat == 0 else (game.forfeit[1], game.forfeit[0])
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
