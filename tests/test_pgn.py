"""PGN of games at the arena's table: what is marked, and what it is called."""

from __future__ import annotations

import io

import chess.pgn
import pytest

from agents.pgn import ending_of, to_pgn
from agents.pictured import frames
from agents.play import Match, play
from agents.scripted import Reciter
from envs.arena import Arena


def game(mode: str, white: list[str], black: list[str]) -> tuple[str, chess.pgn.Game]:
    arena = Arena(mode)
    seats = (Reciter([f"<answer>{a}</answer>" for a in white]), Reciter([f"<answer>{a}</answer>" for a in black]))
    (episode,) = play(arena, [Match(0, seats)], seed=0, retries=arena.tries)
    text = to_pgn(episode)
    read = chess.pgn.read_game(io.StringIO(text))
    assert read is not None
    return text, read


def test_a_legal_move_bears_no_mark_for_what_was_refused_before_it() -> None:
    text, read = game("explain", ["Ke2", "e4", "resign"], ["e5"])
    assert [node.nags for node in read.mainline()] == [set(), set()]
    assert "ILLEGAL (own_capture" in text
    assert read.headers["Termination"] == "resignation"


def test_what_is_no_move_is_not_called_illegal() -> None:
    text, _ = game("explain", ["hello there", "e4", "resign"], ["e5"])
    assert "NO MOVE (" in text
    assert "ILLEGAL" not in text


def test_a_false_claim_of_check_is_still_dubious() -> None:
    _, read = game("explain", ["e4+", "resign"], ["e5"])
    assert read.next() is not None
    assert read.next().nags == {chess.pgn.NAG_DUBIOUS_MOVE}  # type: ignore[union-attr]


def test_to_resign_is_no_offence_in_a_picture() -> None:
    arena = Arena("explain")
    seats = (Reciter(["<answer>resign</answer>"]), Reciter([]))
    (episode,) = play(arena, [Match(0, seats)], seed=0)
    assert frames(episode)[-1].wrong == ""


@pytest.mark.parametrize(
    ("world", "history", "ending", "told"),
    [
        ("arena:explain", (), "clock", "clock"),
        ("tic-tac-toe", (1, 2), "rules", "rules"),
        ("arena:explain", (-7, 10**9), "rules", "rules"),
        ("arena:nonsense", (), "rules", "rules"),
        ("arena:explain", (0,) * 20_000, "rules", "rules"),
    ],
)
def test_what_cannot_be_replayed_ended_as_it_says(world: str, history: tuple[int, ...], ending: str, told: str) -> None:
    assert ending_of(world, history, ending) == told
