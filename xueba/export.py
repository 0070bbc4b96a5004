"""`xueba export`: one game as a page, a picture, a moving picture, or PGN."""

from __future__ import annotations

import os
import re
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from xml.sax.saxutils import escape

import tyro

from agents.episode import Episode
from agents.pgn import to_pgn
from agents.pictured import Frame, frames
from envs.problems import PROBLEMS
from envs.visible import clean
from training.run_folder import EPISODES
from xueba import index, still
from xueba.arguments import parsed
from xueba.console import err, hint
from xueba.pages import replay_page
from xueba.recorded import Recorded
from xueba.shown import shown, shown_answer
from xueba.tournaments import date_of

KINDS = ("html", "png", "gif", "pgn")
MAX_FRAMES = 400
"""of a moving picture; a longer game is refused, and not shown in part"""
_STEP, _LAST = 900, 3000
"""milliseconds of a frame, and of the last one"""
_SIZE = re.compile(r' (?:width|height)="[^"]*"')


@dataclass(frozen=True)
class Export:
    """Write one game as a file of its own, to be shared or opened from a disk.

    GAME is RUN/NUMBER as `xueba games` and the dashboard tell it, RUN alone (its
    last game), or a number in the newest run. A folder elsewhere may stand for RUN.

    Examples:
      xueba export arena-demo/2 --html
      xueba export tic-tac-toe --gif --out game.gif
      xueba export tic-tac-toe/12 --png --ply 5
      xueba export arena/7 --pgn
    """

    game: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="[GAME]")] = ""
    """RUN/NUMBER; without, the last game of the newest run"""
    html: bool = False
    """a page with arrow keys, thinking and rulings, that needs no network"""
    png: bool = False
    """a picture of one position"""
    gif: bool = False
    """a moving picture, a position after the other"""
    pgn: bool = False
    """of chess: for any chess program, with the rulings as comments"""
    ply: int = -1
    """which position --png shows: 0 the beginning, -1 the last"""
    out: Path | None = None
    """the file; RUN-NUMBER.html and the like unless given"""
    runs: Path = Path("runs")
    """where runs are"""


def run(words: list[str]) -> int:
    """Write the file, whole or not at all.

    Raises:
        ValueError: the game cannot be told, its record is damaged, or there is no such picture of it.
        FileNotFoundError: there is no such run or game; says which there are.
        RuntimeError: pictures need an extra that is not installed.
    """
    chosen = parsed(Export, words, "export [GAME] --html|--png|--gif|--pgn")
    kinds = [kind for kind in KINDS if getattr(chosen, kind)]
    if len(kinds) != 1:
        told = " and ".join(f"--{kind}" for kind in kinds) or "none is named"
        raise ValueError(f"say what to write, one of --html, --png, --gif and --pgn ({told})")
    folder, number, episode = game_of(chosen.runs, chosen.game)
    name = folder.resolve().name
    target = chosen.out or Path(f"{name}-{number}.{kinds[0]}")
    with err().status(f"drawing {name}/{number}"):
        data = _written(kinds[0], episode, f"{name}, game {number}", chosen.ply, date_of(folder))
    _whole(target, data)
    print(target)
    if kinds[0] == "html":
        hint(f"open it in a browser: file://{target.resolve()}")
    return 0


def game_of(root: Path, asked: str) -> tuple[Path, int, Episode]:
    """The folder, the number and the record of the game that is meant.

    Raises:
        ValueError: `asked` is no game, or its record is damaged.
        FileNotFoundError: there is no such run or game.
    """
    from envs.lookup import did_you_mean

    folders = {folder.name: folder for folder in index.run_folders(root)}
    there = {name: folder for name, folder in folders.items() if (folder / EPISODES).is_file()}
    if not there and not asked:
        raise FileNotFoundError(f"no game has been recorded in {root}: xueba train, or xueba arena --demo, makes some")
    if asked and (Path(asked) / EPISODES).is_file() and asked not in there:
        there, asked = {Path(asked).name: Path(asked)}, Path(asked).name
    name, _, number = asked.rpartition("/") if "/" in asked else (asked, "", "")
    if (Path(name) / EPISODES).is_file() and name not in there:
        there, name = {Path(name).name: Path(name)}, Path(name).name
    if asked.isdecimal() and asked not in there:
        name, number = "", asked
    if number and not (number.isdecimal() and len(number) < 10):
        raise ValueError(f"{clean(asked, 80)!a} is no game: write RUN/NUMBER, as {next(iter(there), 'tic-tac-toe')}/1")
    name = name or max(there, key=lambda found: index.began(there[found]))
    if name not in there:
        raise FileNotFoundError(f"no run {clean(name, 80)!a} in {root} has games{did_you_mean(name, there)}")
    recorded = Recorded(there[name] / EPISODES)
    count = recorded.refresh()
    if not count:
        raise FileNotFoundError(f"run {name} has recorded no game yet")
    try:
        at = recorded.index_of(int(number) if number else -1)
    except ValueError as error:
        raise FileNotFoundError(f"run {name} has no game {int(number)}; its games are {error}") from None
    return there[name], recorded.numbers[at], recorded.game(at)[1]


def _written(kind: str, episode: Episode, title: str, ply: int, date: str) -> bytes:
    if kind == "html":
        return replay_page(shown(episode), title).encode("utf-8", "replace")
    if kind == "pgn":
        if not episode.game.startswith("arena:"):
            raise ValueError(f"--pgn is for games of the chess arena; {title} is {clean(episode.game, 40)}")
        return to_pgn(episode, date=date).encode("utf-8", "replace")
    if episode.game in PROBLEMS:
        drawn = answered(shown_answer(episode), title)
        return still.png(drawn) if kind == "png" else still.gif([drawn], [_LAST])
    found = frames(episode)
    if kind == "png":
        if not -len(found) <= ply < len(found):
            raise ValueError(f"--ply is {ply}; this game has positions 0 to {len(found) - 1}")
        return still.png(drawing(found[ply], title))
    if len(found) > MAX_FRAMES:
        raise ValueError(f"{title} has {len(found)} positions, more than {MAX_FRAMES}: write --html instead")
    return still.gif([drawing(frame, title) for frame in found], [*[_STEP] * (len(found) - 1), _LAST])


def drawing(frame: Frame, title: str) -> str:
    """A frame as one SVG: the board, and beside it what was answered, ruled, said or thought."""
    head = f"{clean(frame.player, 30)}: {clean(frame.answer, 30)}" if frame.answer else "the beginning"
    lines = [(line, 24, True) for line in textwrap.wrap(head, 28)[:3]]
    lines += [(line, 20, True) for line in textwrap.wrap(f"✗ {clean(frame.wrong, 60)}" if frame.wrong else "", 34)]
    lines += [(line, 18, False) for line in textwrap.wrap(clean(frame.law, 260), 42)[:5]]
    if frame.words:
        lines += [("", 10, False)]
        lines += [(line, 18, False) for line in textwrap.wrap(f"“{clean(frame.words, 300)}”", 42)[:8]]
    board = _sized(frame.boards[-1]) if frame.boards else ""
    parted = ", the board both believe in" if len(frame.boards) > 1 else ""
    return still.card(board, f"{clean(title, 44)}{parted}", lines, "Xueba")


_MARKS = {"right": "✓", "wrong": "✗", "after": "·", "unverifiable": "?"}


def answered(sheet: dict[str, Any], title: str) -> str:
    """A question with its answer as one SVG: what was asked, and beside it each line, the answer and the grade."""
    asked = [line for part in _lines(sheet["question"]) for line in textwrap.wrap(clean(part, 300), 26) or [""]]
    question = "".join(
        f'<text y="{30 + 32 * n}" font-size="24">{escape(line)}</text>' for n, line in enumerate(asked[:13])
    )
    steps = [f"{_MARKS[step['mark']]} {clean(step['text'], 36)}" for step in sheet["steps"]]
    hidden = [f"… and {len(steps) - 12} lines more"] if len(steps) > 12 else []
    lines = [(line, 18, line.startswith("✗")) for line in [*steps[:12], *hidden, ""]]
    if "answer" in sheet:
        lines += [(line, 22, True) for line in textwrap.wrap(f"answer {sheet['answer']}  {sheet['grade']}", 30)]
        right = sheet["grade"].startswith("✓")
        lines += [] if right else [(f"right is {clean(sheet['right_answer'], 30)}", 18, False)]
    else:
        lines += [("not answered", 22, True)]
    drawn = f'<g font-family="DejaVu Sans" font-weight="bold" fill="#1b242c">{question}</g>'
    return still.card(drawn, clean(title, 44), lines, "Xueba")


def _lines(text: str) -> list[str]:
    return text.replace("↵", "\n").split("\n")


def _sized(board: str) -> str:
    """The board in the room that the card has for it."""
    tag, end, rest = board.replace('font-family="sans-serif"', 'font-family="DejaVu Sans"').partition(">")
    return f'{_SIZE.sub("", tag)} width="{still.SIDE}" height="{still.SIDE}"{end}{rest}'


def _whole(target: Path, data: bytes) -> None:
    """Write `target`, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(part, 0o644)
        os.replace(part, target)
    except BaseException:
        os.unlink(part)
        raise
