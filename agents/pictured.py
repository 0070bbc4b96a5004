"""A game as pictures, ply by ply, and as a piece of HTML without scripts for notebooks.

The chess pieces are python-chess's (Colin M.L. Burnett's set, GPL). Texts of players are cut, cleaned and escaped.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import chess
import chess.svg
import numpy as np

from agents.episode import Episode, Turn
from agents.pgn import ending_of
from agents.susceptibility import ANSWERS
from envs import game_named
from envs.arena import arena_named
from envs.game import Game, replay
from envs.problem import RIGHT, SPLITS
from envs.problems import PROBLEMS, problem_named
from envs.render import letters_of, svg
from envs.reply import parse_reply
from envs.saying import parse_said
from envs.visible import clean

SHOWN = 16
"""boards in a notebook; of a longer game the last ones"""
_MARKED = "#D55E00cc"
Look = Mapping[str, str]
"""The attribute that gives each part its looks: `style` in a notebook, `class` on a page that forbids inline styles."""
INLINE: Look = {
    "game": 'style="font-family:system-ui,sans-serif;line-height:1.35;max-width:62em"',
    "film": 'style="display:flex;flex-wrap:wrap;gap:12px;margin:6px 0"',
    "cell": 'style="margin:0;width:150px;overflow-wrap:anywhere;font-size:12px"',
    "cell two": 'style="margin:0;width:300px;overflow-wrap:anywhere;font-size:12px"',
    "picture": 'style="width:150px"',
    "wrong": 'style="color:#D55E00"',
    "lines": 'style="white-space:pre-wrap"',
}
CLASSES: Look = {name: f'class="{name}"' for name in INLINE}


@dataclass(frozen=True, slots=True)
class Picture:
    """A board as SVG; a notebook draws it."""

    svg: str

    def _repr_html_(self) -> str:
        return f'<div style="max-width:320px">{self.svg}</div>'


@dataclass(frozen=True, slots=True)
class Frame:
    """A game after one reply (or before any), as one sees it."""

    boards: tuple[str, ...]
    """SVG: the board, and where they have parted the board that both players believe in; none of a problem"""
    player: str = ""
    answer: str = ""
    words: str = ""
    """the message, where there is one, else the thinking"""
    wrong: str = ""
    """what the rules say against it"""
    law: str = ""


def board(game: Game, state: Any, last: int | None = None) -> Picture:
    """The first position of `state`, the move `last` marked."""
    if game.name.partition(":")[0] not in ("chess", "chess960"):
        return Picture(svg(game, state, 0, last))
    letters = "".join(reversed(letters_of(game, state)))
    pieces = {square: chess.Piece.from_symbol(letter) for square, letter in enumerate(letters) if letter != "."}
    position = chess.BaseBoard.empty()
    position.set_piece_map(pieces)
    move = chess.Move.from_uci(game.moves[last][:4]) if last is not None else None
    return Picture(_chess(position, move))


def _chess(position: chess.BaseBoard, move: chess.Move | None, marked: tuple[str, ...] = ()) -> str:
    squares = [chess.parse_square(name) for name in marked if name in chess.SQUARE_NAMES]
    drawn: str = chess.svg.board(position, lastmove=move, fill=dict.fromkeys(squares, _MARKED), coordinates=True)
    return drawn


def frames(episode: Episode) -> list[Frame]:
    """The game's beginning, and what it came to with each reply; of a problem one frame a reply.

    Raises:
        ValueError: the world is unknown, or the record holds what its rules do not allow.
    """
    if episode.game in PROBLEMS:
        return [_said(episode, turn, ()) for turn in episode.turns]
    return _table(episode) if episode.game.startswith("arena:") else _grid(episode)


def _grid(episode: Episode) -> list[Frame]:
    game = game_named(episode.game)
    state = replay(game, np.array([episode.opening], np.int64).reshape(1, -1))
    last = episode.opening[-1] if episode.opening else None
    found = [Frame((board(game, state, last).svg,))]
    for turn in episode.turns:
        if turn.verdict.action >= 0:
            last = turn.verdict.action
            state = game.step(state, np.array([last]))
        found.append(_said(episode, turn, (board(game, state, last).svg,)))
    return found


def _table(episode: Episode) -> list[Frame]:
    arena, history = arena_named(episode.game), list(episode.opening)
    at = arena.position(history)
    found = [Frame((_chess(at.real, None),))]
    for turn in episode.turns:
        if turn.verdict.action >= 0:
            history.append(turn.verdict.action)
            at = arena.position(history)
        ruling = turn.verdict.ruling
        marked = ruling.squares if ruling is not None and not ruling.legal else ()
        last = at.real.peek() if at.real.move_stack and at.real.peek() else None
        boards = (_chess(at.real, last, marked), *((_chess(at.agreed, None, marked),) if at.drifted else ()))
        found.append(_said(episode, turn, boards))
    return found


def _said(episode: Episode, turn: Turn, boards: tuple[str, ...]) -> Frame:
    """The frame of a reply."""
    form = parse_said(turn.reply.text) if episode.game.startswith("arena:") else parse_reply(turn.reply.text)
    verdict, ruling = turn.verdict, turn.verdict.ruling
    false = next((claim for claim in verdict.claims if claim.finding == "false"), None)
    # whoever resigns or protests breaks no rule
    wrong = "" if verdict.legal or verdict.kind in ANSWERS else verdict.kind.replace("_", " ")
    law = verdict.reason if wrong else ""
    if verdict.legal and episode.game in PROBLEMS and verdict.action != RIGHT:
        wrong = verdict.reason or "wrong"
    if ruling is not None and not ruling.legal:
        wrong = f"{ruling.kind} {ruling.sub}".strip().replace("_", " ") + (", let pass" if verdict.action >= 0 else "")
        law = f"{ruling.en} FIDE {ruling.article}"
    elif not wrong and false is not None:
        wrong, law = "false claim", f"{false.en} {f'FIDE {false.article}' if false.article else ''}".strip()
    words = verdict.said or turn.reply.thought or (turn.reply.text if form.fault else form.think)
    return Frame(boards, episode.players[turn.seat], form.answer or "no answer", words, wrong, law)


def episode_html(episode: Episode, look: Look = INLINE) -> str:
    """The game for a notebook or a page: boards in a row, each with what was answered, said or thought, and ruled."""
    try:
        found = frames(episode)
    except ValueError as error:
        return f"<div {look['game']}>{escape(clean(f'{episode.game}: {error}'))}</div>"
    head = f"{escape(_who(episode))} <small>{escape(clean(episode.game, 60))}: {escape(_ending(episode))}</small>"
    if episode.game in PROBLEMS:
        sheets = "".join(_sheet(frame, look) for frame in found)
        return f"<div {look['game']}><b>{head}</b>{_question(episode, look)}{sheets}</div>"
    left = max(0, len(found) - SHOWN)
    note = f"<small>{left} earlier boards are left out</small>" if left else ""
    cells = "".join(_figure(frame, look) for frame in found[left:])
    return f"<div {look['game']}><b>{head}</b> {note}<div {look['film']}>{cells}</div></div>"


def _who(episode: Episode) -> str:
    names = dict.fromkeys(episode.players) if episode.game in PROBLEMS else episode.players
    return " against ".join(clean(name, 40) for name in names)


def _ending(episode: Episode) -> str:
    result = {1.0: "1–0", -1.0: "0–1", 0.0: "½–½"}.get(episode.returns[0], "")
    ending = clean(ending_of(episode.game, episode.history, episode.ending).replace("_", " "), 40)
    return ending if episode.game in PROBLEMS else f"{result} ({ending})"


def _figure(frame: Frame, look: Look) -> str:
    """A board, or two of them, with what belongs to it."""
    answer = escape(clean(frame.answer or "start", 20))
    drawn = "".join(
        f'<img {look["picture"]} alt="{answer}: {"the agreed board" if n else "the board"}" src="{_address(board)}">'
        for n, board in enumerate(frame.boards)
    )
    wrong = f"<b {look['wrong']}>✗ {escape(clean(frame.wrong, 60))}</b> " if frame.wrong else ""
    thought = f"<i>{escape(clean(frame.words, 120))}</i>" if frame.words else ""
    cell = look["cell two" if len(frame.boards) > 1 else "cell"]
    return f"<figure {cell}>{drawn}<figcaption><b>{answer}</b> {wrong}{thought}</figcaption></figure>"


def _address(picture: str) -> str:
    """The picture within an address: nothing in it meets the page around."""
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}"


def _question(episode: Episode, look: Look) -> str:
    game = problem_named(episode.game)
    task = game.tasks(replay(game, np.array([episode.opening], np.int64)))[0]
    split, level, number = episode.opening
    where = f"{SPLITS[split]} question {number}, level {level}"
    return f"<pre {look['lines']}>{_lines(task.question)}</pre><small>{escape(where)}</small>"


def _sheet(frame: Frame, look: Look) -> str:
    wrong = f"<b {look['wrong']}>✗ {escape(clean(frame.wrong, 200))}</b>" if frame.wrong else "✓"
    answer = f"answer <b>{escape(clean(frame.answer, 60))}</b> {wrong}"
    return f"<pre {look['lines']}>{_lines(frame.words)}</pre>{answer}"


def _lines(text: str) -> str:
    return "\n".join(escape(clean(line, 200)) for line in text.split("\n")[:60])
