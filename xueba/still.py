"""A picture of the worst moment, for sharing: the board before and after, what was said, which law it breaks.

The pieces are python-chess's (Colin M.L. Burnett's set, GPL); drawn by resvg (extra `arena`) with the font that
matplotlib brings along, so that it looks the same everywhere. The worst moment is, in this order: an illegal move that
was accepted, one that was refused, a false claim; among the same kind the class that stands first in `ORDER`.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import chess
import chess.svg

from agents.episode import Episode, Turn
from envs.arena import arena_named
from envs.ruling import FALSE

ORDER = (
    *("missing_piece", "pawn_as_knight", "empty_source", "opponent_piece", "own_capture", "castling", "king_safety"),
    *("en_passant_expired", "promotion", "pawn", "path_blocked", "geometry"),
)
SIDE, WIDTH, HEIGHT = 400, 880, 520
_MARK = "#D55E00cc"


@dataclass(frozen=True, slots=True)
class Moment:
    """What is shown."""

    before: chess.Board
    after: chess.Board
    squares: tuple[str, ...]
    player: str
    what: str
    law: str
    quote: str
    answer: str


def pictures_possible() -> bool:
    """Whether the extra is installed."""
    return find_spec("resvg_py") is not None and find_spec("PIL") is not None


def worst(episodes: list[Episode]) -> Moment | None:
    """The worst moment of these games; nothing where everything was in order."""
    found = [(rank, n, episode, at) for n, episode in enumerate(episodes) for at, rank in _ranks(episode)]
    if not found:
        return None
    _, _, episode, at = min(found, key=lambda item: item[:2])
    return moment(episode, at)


def _ranks(episode: Episode) -> list[tuple[int, tuple[int, int]]]:
    """Turns at which something was wrong, by how bad it was."""
    found = []
    for at, turn in enumerate(episode.turns):
        ruling = turn.verdict.ruling
        if ruling is not None and not ruling.legal and ruling.kind in ORDER:
            found.append((at, (0 if turn.verdict.action >= 0 else 1, ORDER.index(ruling.kind))))
        elif any(claim.finding == FALSE for claim in turn.verdict.claims):
            found.append((at, (2, 0)))
    return found


def moment(episode: Episode, at: int) -> Moment:
    """The turn number `at` of a game, before and after."""
    arena = arena_named(episode.game)
    turn = episode.turns[at]
    played = [other.verdict.action for other in episode.turns[:at] if other.verdict.action >= 0]
    before = arena.position([*episode.opening, *played])
    after = arena.position([*episode.opening, *played, turn.verdict.action]) if turn.verdict.action >= 0 else before
    what, law, squares = _wrong(turn)
    return Moment(
        before.agreed, after.agreed, squares, episode.players[turn.seat], what, law, turn.verdict.said, _answer(turn)
    )


def _wrong(turn: Turn) -> tuple[str, str, tuple[str, ...]]:
    ruling = turn.verdict.ruling
    if ruling is not None and not ruling.legal:
        kind = ruling.kind.replace("_", " ") + (f", {ruling.sub.replace('_', ' ')}" if ruling.sub else "")
        passed = ", and accepted" if turn.verdict.action >= 0 else ""
        return f"illegal: {kind}{passed}", f"{ruling.en} FIDE {ruling.article}", ruling.squares
    claim = next(claim for claim in turn.verdict.claims if claim.finding == FALSE)
    return "false claim", f"{claim.en} {f'FIDE {claim.article}' if claim.article else ''}", claim.squares


def _answer(turn: Turn) -> str:
    from envs.saying import parse_said

    return parse_said(turn.reply.text).answer


def svg(shown: Moment, *, after: bool) -> str:
    """The picture of a moment, before the move or after it."""
    board = shown.after if after else shown.before
    marked = [chess.parse_square(name) for name in shown.squares if name in chess.SQUARE_NAMES]
    drawn = chess.svg.board(board, size=SIDE, fill=dict.fromkeys(marked, _MARK), coordinates=True)
    lines = [(line, 26, True) for line in textwrap.wrap(f"{shown.player[:40]} plays {shown.answer[:20]}", 28)]
    lines += [(line, 22, True) for line in textwrap.wrap(shown.what, 34)]
    lines += [(line, 20, False) for line in textwrap.wrap(shown.law, 40)[:6]]
    if shown.quote:
        lines += [("", 14, False)] + [(line, 20, False) for line in textwrap.wrap(f"“{shown.quote[:240]}”", 40)[:7]]
    return card(drawn, "after it was accepted" if after and shown.after is not shown.before else "the position", lines)


def card(drawn: str, caption: str, lines: Sequence[tuple[str, int, bool]], foot: str = "Xueba chess arena") -> str:
    """A board of `SIDE` pixels with a caption above, and beside it lines of text: (words, size, whether bold)."""
    text, y = [], 90
    for line, size, bold in lines:
        weight = ' font-weight="bold"' if bold else ""
        text.append(f'<text x="{SIDE + 40}" y="{y}" font-size="{size}"{weight}>{escape(_plain(line))}</text>')
        y += round(size * 1.4)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect width="100%" height="100%" fill="#fbfaf7"/><g transform="translate(16,60)">{drawn}</g>'
        '<g font-family="DejaVu Sans" fill="#1b242c">'
        f'<text x="16" y="36" font-size="20">{escape(_plain(caption))}</text>'
        f'{"".join(text)}<text x="{WIDTH - 16}" y="{HEIGHT - 16}" font-size="14" text-anchor="end" fill="#56626c">'
        f"{escape(foot)}</text></g></svg>"
    )


def _plain(text: str) -> str:
    """What XML and a font can hold."""
    return "".join(c for c in text if c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF)


def png(drawing: str) -> bytes:
    """A drawing as PNG.

    Raises:
        RuntimeError: the extra is not installed.
    """
    if not pictures_possible():
        raise RuntimeError("pictures need the extra arena: pip install 'xueba[arena]'")
    import matplotlib
    import resvg_py

    font = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    bold = font.with_name("DejaVuSans-Bold.ttf")
    drawn: Any = resvg_py.svg_to_bytes(svg_string=drawing, font_files=[str(font), str(bold)], skip_system_fonts=True)
    return bytes(drawn)


def gif(drawings: Sequence[str], milliseconds: Sequence[int]) -> bytes:
    """Drawings one after the other, for as long as each is told, and again from the beginning.

    Raises:
        RuntimeError: the extra is not installed.
    """
    pictures = [png(drawing) for drawing in drawings]
    from PIL import Image

    frames = [Image.open(io.BytesIO(data)).convert("P", palette=Image.Palette.ADAPTIVE) for data in pictures]
    target = io.BytesIO()
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:], duration=list(milliseconds), loop=0)
    return target.getvalue()


def write(shown: Moment, folder: Path, name: str = "worst") -> list[Path]:
    """`worst.png` and `worst.gif` in `folder`."""
    drawings = [svg(shown, after=after) for after in (False, True)]
    paths = [folder / f"{name}.png", folder / f"{name}.gif"]
    paths[0].write_bytes(png(drawings[1]))
    paths[1].write_bytes(gif(drawings, (1500, 2500)))
    return paths
