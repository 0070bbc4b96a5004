"""An episode as plain data for whatever shows it: the dashboard, a report, a notebook.

Nothing here is markup: texts are as the players wrote them, and whoever draws them treats them as text. A board is
rows of letters: `.`, `X` and `O`, or the letters of a FEN where the game is chess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import chess
import numpy as np

from agents.episode import Episode, Turn
from envs import game_named
from envs.arena import Position, arena_named
from envs.game import Game, replay
from envs.problem import GUESSED, RIGHT, process_reward
from envs.problems import PROBLEMS, problem_named
from envs.render import by_cell, by_column, last_cell, letters_of
from envs.reply import parse_reply
from envs.saying import parse_said
from xueba.scene import outcome
from xueba.sheet import Sheet, sheets

CONSIDERED = 5
"""Moves shown of those that a player thought of, the likeliest first."""

Data = dict[str, Any]


def shown(episode: Episode) -> Data:
    """The episode as JSON data: `kind` is game, arena or problem; boards and texts ply by ply, or a question's steps.

    Raises:
        ValueError: the world is unknown, or the record holds what its rules do not allow.
    """
    head = {
        "world": episode.game,
        "number": episode.number,
        "seed": episode.seed,
        "players": list(episode.players),
        "returns": list(episode.returns),
        "ending": episode.ending,
    }
    if episode.game in PROBLEMS:
        return {"kind": "problem", **head, "outcome": outcome(episode), **shown_answer(episode)}
    if episode.game.startswith("arena:"):
        return {"kind": "arena", **head, **_arena(episode)}
    return {"kind": "game", **head, "outcome": outcome(episode), **_game(episode)}


# games on a grid


def _game(episode: Episode) -> Data:
    game = game_named(episode.game)
    state = replay(game, np.array([episode.opening], np.int64).reshape(1, -1))
    last = episode.opening[-1] if episode.opening else None
    plies: list[Data] = [{"board": board(game, state, last)}]
    for turn in episode.turns:
        before = state
        if turn.verdict.action >= 0:
            last = turn.verdict.action
            state = game.step(state, np.array([last]))
        plies.append({"board": board(game, state, last), **shown_turn(game, before, turn)})
    return {"opening": [game.moves[move] for move in episode.opening], "plies": plies}


def board(game: Game, state: Any, last: int | None) -> Data:
    """The first position of `state` as rows of letters, with the cells of the move that led there."""
    cells, rows = game.cells(state)[0], letters_of(game, state)
    if _is_chess(game):
        squares = _cells_of(game, state, last) if last is not None else []
        return {"style": "chess", "rows": rows, "last": squares, "labels": list("abcdefgh")}
    style = "discs" if by_column(game) else "marks"
    found = last_cell(game, cells, last)
    marked = [found[0] * game.shape[1] + found[1]] if found else []
    labels = list(game.moves) if by_column(game) else []
    return {"style": style, "rows": rows, "last": marked, "labels": labels}


def shown_turn(game: Game, before: Any, turn: Turn) -> Data:
    """One reply in the position `before` (a state of one game): what was thought, answered and considered."""
    return _turn(turn) | _mind(game, before, turn)


def _mind(game: Game, state: Any, turn: Turn) -> Data:
    """What the player thought of: the likeliest moves with their shares and cells, and the moves it expects."""
    policy = np.array(turn.reply.policy, np.float64)
    found: Data = {}
    if policy.size == len(game.moves) and np.isfinite(policy).all():
        best = np.argsort(-policy, kind="stable")[:CONSIDERED]
        found["moves"] = [
            [game.moves[move], float(policy[move]), _cells_of(game, state, int(move))] for move in best if policy[move]
        ]
    line = [game.moves[move] for move in turn.reply.line if 0 <= move < len(game.moves)]
    return found | ({"line": line} if line else {})


def _is_chess(game: Game) -> bool:
    return game.name.partition(":")[0] in ("chess", "chess960")


def _cells_of(game: Game, state: Any, move: int) -> list[int]:
    """The cells, row by row from the top, that a move concerns: where it begins, if anywhere, and where it ends."""
    if _is_chess(game):
        return [_cell(chess.parse_square(game.moves[move][at : at + 2])) for at in (0, 2)]
    if by_cell(game):
        return [move]
    free = np.flatnonzero(game.cells(state)[0][:, move] == 0)
    return [int(free[-1]) * game.shape[1] + move] if by_column(game) and len(free) else []


def _turn(turn: Turn) -> Data:
    form = parse_reply(turn.reply.text)
    found: Data = {
        "seat": turn.seat,
        "answer": form.answer,
        "think": turn.reply.text if form.fault else form.think,
        "said": "",
        "verdict": _verdict(turn),
        "claims": [],
    }
    return found | ({"value": turn.reply.value} if turn.reply.value is not None else {})


def _verdict(turn: Turn) -> Data:
    verdict = turn.verdict
    return {"kind": verdict.kind, "legal": verdict.legal, "played": verdict.action >= 0, "reason": verdict.reason}


# chess with talk


def _arena(episode: Episode) -> Data:
    table = arena_named(episode.game)
    history = list(episode.opening)
    at = table.position(history)
    plies: list[Data] = [{"board": chess_board(at.real)}]
    for turn in episode.turns:
        if turn.verdict.action >= 0:
            history.append(turn.verdict.action)
            at = table.position(history)
        plies.append(shown_reply(at, turn))
    return {"outcome": at.ending or episode.ending, "mode": table.mode, "plies": plies}


def shown_reply(at: Position, turn: Turn) -> Data:
    """One reply at the arena's table, and the position `at` that it led to."""
    ruling = turn.verdict.ruling
    saying = parse_said(turn.reply.text)
    ply: Data = {
        "board": chess_board(at.real),
        **({"agreed": chess_board(at.agreed)} if at.drifted else {}),
        "seat": turn.seat,
        "answer": saying.answer,
        "think": turn.reply.thought or (turn.reply.text if saying.fault else saying.think),
        "said": turn.verdict.said,
        "stance": saying.stance,
        "verdict": _verdict(turn),
        "claims": [asdict(claim) | {"squares": _squares(claim.squares)} for claim in turn.verdict.claims],
    }
    if ruling is not None:
        ply["ruling"] = asdict(ruling) | {"squares": _squares(ruling.squares)}
    if turn.reply.value is not None:
        ply["value"] = turn.reply.value
    return ply


def chess_board(position: chess.Board) -> Data:
    """A chess position: eight rows of FEN letters from the eighth rank down, and the squares of the last move."""
    rows = ["".join(_letter(position, 8 * rank + file) for file in range(8)) for rank in range(7, -1, -1)]
    last = position.peek() if position.move_stack and position.peek() else None
    marked = [_cell(last.from_square), _cell(last.to_square)] if last else []
    return {"style": "chess", "rows": rows, "last": marked, "labels": list("abcdefgh"), "fen": position.fen()}


def _letter(position: chess.Board, square: int) -> str:
    piece = position.piece_at(square)
    return piece.symbol() if piece else "."


def _cell(square: int) -> int:
    """The cell of a square where rows are counted from the top."""
    return (7 - square // 8) * 8 + square % 8


def _squares(names: Sequence[str]) -> list[int]:
    return [_cell(chess.parse_square(name)) for name in names if name in chess.SQUARE_NAMES]


# problems


def shown_briefly(episode: Episode) -> Data:
    """A question on one line: what was answered, its grade, and the line with the first fault, or what else is wrong.

    Raises:
        ValueError: as `shown`.
    """
    last = sheets(episode)[-1]
    reason = last.turn.verdict.reason if last.turn is not None else ""
    flaw = "" if reason.startswith("wrong_answer") else reason.replace("_", " ")
    if 0 < last.flaw <= len(last.lines):
        flaw = last.lines[last.flaw - 1]
    answer = last.answer if last.turn is not None else ""
    return {"question": last.question, "answer": answer, "grade": last.grade or "not answered", "flaw": flaw}


def shown_answer(episode: Episode) -> Data:
    """A question, the steps to its answer with a mark each, the answer and its grade.

    Raises:
        ValueError: as `shown`.
    """
    last = sheets(episode)[-1]
    turn = last.turn
    found: Data = {"question": last.question, "level": last.level, "split": last.split, "steps": _steps(last)}
    if turn is not None:
        grade = {"grade": last.grade, "reason": turn.verdict.reason, "progress": turn.verdict.progress}
        verdict = turn.verdict
        parts = {
            "form": float(verdict.legal),
            "answer": float(verdict.action in (RIGHT, GUESSED)),
            "reasoning": verdict.progress,
            "process": process_reward(verdict, problem_named(episode.game).problem.partial),
        }
        found |= {"answer": last.answer, "right_answer": last.task.answer, **grade, "rewards": parts}
    return found


def _steps(sheet: Sheet) -> list[Data]:
    """Each line of the reasoning: right, wrong, `after` the first wrong one, or unverifiable where none is checked."""
    checked = sheet.turn is not None and sheet.turn.verdict.legal and "unverified" not in sheet.turn.verdict.reason
    marks = []
    for number, line in enumerate(sheet.lines, 1):
        known = "wrong" if number == sheet.flaw else "after" if 0 < sheet.flaw < number else "right"
        marks.append({"text": line, "mark": known if checked else "unverifiable"})
    return marks
