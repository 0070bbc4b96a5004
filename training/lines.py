"""The reward for thinking in games: lines of moves that are legal, an outcome that is true, a move that they support.

The thinking of a reply is a line of moves from the position, `5 1 9` or `519`, and what it leads to for the player to
move: `win`, `draw` or `loss`. It is shown to be true by the exact worth of the move played, where all positions of the
game can be looked at; elsewhere by the rules where that move ends the game, and by a search of three plies where a win
or a loss is that near. A line at whose end somebody has won shows nothing by itself: the other may have played along.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from agents.episode import Episode
from agents.perfect import solve
from agents.search_player import outcome_word
from envs import GAMES
from envs.game import Game, Ints, take
from envs.problem import PARTIAL
from envs.reply import parse_reply

OUTCOMES = ("win", "draw", "loss")
SOLVED_PLIES = 9
"""Games no longer than this are solved, once, in less than a second."""


def lines(episode: Episode, seat: int) -> float:
    """The mean over the seat's replies of what their thinking is worth; 1 where it was never asked.

    See `worth_of_line`; a reply that is not legal, or has another move than its line, is worth 0.

    Raises:
        ValueError: the episode is no board game.
    """
    if episode.game not in GAMES:
        raise ValueError(f"the reward 'lines' is for board games, not for {episode.game}")
    game, worth = GAMES[episode.game], []
    states = _states(game, episode)
    for turn, history in _asked(episode):
        if turn.seat == seat:
            form = parse_reply(turn.reply.text)
            legal = turn.verdict.legal and not form.fault
            worth.append(worth_of_line(game, states[len(history)], history, form.think, form.answer) if legal else 0.0)
    return sum(worth) / len(worth) if worth else 1.0


def worth_of_line(game: Game, state: Any, history: Sequence[int], think: str, answer: str) -> float:
    """What `think` is worth, 0 to 1, before the legal move `answer` in the position `state` (`[1]`) after `history`.

    1 where its line is legal and begins with the answer and its claim is shown to be true. A claim that is shown to
    be false, also by the very end of its line, is worth 0, one that nothing is known of PARTIAL * 0.99. Of a line with
    an illegal move, or with no claim after it, PARTIAL * 0.99 * the share that is legal and can be read.
    """
    moves, claim, unread = read_line(game, think)
    if not moves or game.moves[moves[0]] != answer:
        return 0.0
    start, mover, legal = state, int(game.to_move(state)[0]), 0
    for move in moves:
        if game.done(state)[0] or not game.legal_mask(state)[0, move]:
            break
        state, legal = game.step(state, np.array([move])), legal + 1
    if unread or not claim or legal < len(moves):
        return PARTIAL * 0.99 * legal / (len(moves) + unread + (not claim))
    if game.done(state)[0] and outcome_word(float(game.returns(state)[0, mover])) != claim:
        return 0.0
    known = _exactly(game, history, moves[0]) if game.max_plies <= SOLVED_PLIES else _nearly(game, start, moves[0])
    if not known:
        return PARTIAL * 0.99
    return 1.0 if known == claim else 0.0


def _exactly(game: Game, history: Sequence[int], move: int) -> str:
    """What the move is worth."""
    solution = solve(game)
    row = int(solution.rows(np.array([[*history, -1]], np.int64))[0])
    return outcome_word(float(np.sign(solution.scores[row, move])))


def _nearly(game: Game, state: Any, move: int) -> str:
    """What the move is worth, where that shows within three plies, or ""."""
    mover = int(game.to_move(state)[0])
    state = game.step(state, np.array([move]))
    if game.done(state)[0]:
        return outcome_word(float(game.returns(state)[0, mover]))
    replies, _ = _every(game, state)
    worth = game.returns(replies)[:, mover]
    if (game.done(replies) & (worth < 0)).any():
        return "loss"
    # won where whatever is replied can be answered by a move that wins at once
    going = np.flatnonzero(~game.done(replies))
    answers, whose = _every(game, take(replies, going))
    wins = game.done(answers) & (game.returns(answers)[:, mover] > 0)
    won = len(going) == len(worth) and np.isin(np.arange(len(going)), whose[wins]).all()
    return "win" if won else ""


def _every(game: Game, state: Any) -> tuple[Any, Ints]:
    """The positions after every legal move of all these (`[B]`), and which each comes from."""
    which, moves = np.nonzero(game.legal_mask(state))
    return game.step(take(state, which), moves), which


def read_line(game: Game, think: str) -> tuple[list[int], str, int]:
    """The moves that a thinking names, what it claims (or ""), and how many words of it are neither.

    What comes after the first word that is neither is not read as moves.
    """
    words = think.split()
    claim = words.pop() if words and words[-1] in OUTCOMES else ""
    moves: list[int] = []
    for place, word in enumerate(words):
        # names of one character may be written without spaces
        names = [word] if word in game.moves else list(word)
        if any(name not in game.moves for name in names):
            return moves, claim, len(words) - place
        moves += map(game.moves.index, names)
    return moves, claim, 0


def _asked(episode: Episode) -> list[tuple[Any, tuple[int, ...]]]:
    """Each turn, with the moves before it."""
    ply, found = len(episode.opening), []
    for turn in episode.turns:
        found.append((turn, episode.history[:ply]))
        ply += turn.verdict.legal
    return found


def _states(game: Game, episode: Episode) -> list[Any]:
    """The position, `[1]`, after each number of moves."""
    states = [game.initial(1)]
    for move in episode.history:
        states.append(game.step(states[-1], np.array([move])))
    return states
