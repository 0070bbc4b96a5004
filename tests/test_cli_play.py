"""A person at the terminal: whole games with typed lines, wrong moves among them, and every way of leaving."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from agents.perfect import PerfectPlayer
from agents.random_player import RandomPlayer
from envs import game_named
from tests.fake_run import Liar
from tests.terminal import on_a_terminal
from xueba.__main__ import main
from xueba.play import one_game

Capture = pytest.CaptureFixture[str]


def played(*lines: str, seat: int = 0, opponent: object = None, game: str = "tic-tac-toe") -> tuple[object, str]:
    typed = iter(lines)
    console = Console(file=io.StringIO(), width=80)

    def read(prompt: str) -> str:
        console.print(prompt)
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    against = opponent or PerfectPlayer()
    episode = one_game(game_named(game), against, seat, 1, console, read)  # type: ignore[arg-type]
    return episode, console.file.getvalue()  # type: ignore[attr-defined]


def test_a_whole_game_with_wrong_moves() -> None:
    episode, shown = played("5", "5", "10", "five", "", *"123456789" * 2)
    assert "5 is not allowed here." in shown
    assert "'10' is no move" in shown
    assert "'five' is no move" in shown
    assert "O perfect thinks: " in shown
    assert episode.ending == "rules"  # type: ignore[attr-defined]
    assert episode.players == ("human", "perfect")  # type: ignore[attr-defined]


def test_the_other_seat() -> None:
    episode, shown = played(*"123456789" * 2, seat=1)
    assert "X perfect thinks: " in shown
    assert "You are O." in shown
    assert episode.players == ("perfect", "human")  # type: ignore[attr-defined]


@pytest.mark.parametrize("lines", [("5", "quit"), ("5",), ("resign",)])
def test_leaving_loses(lines: tuple[str, ...]) -> None:
    episode, _ = played(*lines)
    assert episode.returns == (-1, 1)  # type: ignore[attr-defined]


def test_connect_four_can_be_won() -> None:
    class Aside(RandomPlayer):
        """Keeps out of the way."""

        def act(self, views: object) -> list[object]:
            from agents.agent import Reply

            return [Reply(f"<think>x</think><answer>{7 - len(v.history) // 2 % 3}</answer>") for v in views]

    episode, _ = played("1", "1", "1", "1", opponent=Aside(), game="connect-four")
    assert episode.returns == (1, -1)  # type: ignore[attr-defined]


def test_a_hostile_opponent_loses_and_does_no_harm() -> None:
    episode, shown = played("1", opponent=Liar())
    assert episode.returns == (1, -1)  # type: ignore[attr-defined]
    assert shown.replace("\n", "").isprintable()
    assert "✗ malformed" in shown


def test_through_the_command(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("1\n1\n" + "\n".join("23456789" * 2)))
    assert main("play tic-tac-toe --against random --seed 5".split()) == 0
    out, err = capsys.readouterr()
    assert "1 is not allowed here." in out
    assert any(end in out for end in ("You win.", "You lose.", "A draw."))
    assert "xueba play tic-tac-toe --against random --seat second" in err
    assert "\x1b" not in out


def test_the_end_of_the_input_gives_up(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert main("play connect-four --against random".split()) == 0
    out = capsys.readouterr().out
    assert "You gave up." in out
    assert "O wins: you gave up" in out


def test_chess_is_sent_to_the_arena(capsys: Capture) -> None:
    assert main("play chess".split()) != 0
    assert "xueba arena human honest" in capsys.readouterr().err


def test_on_a_terminal_with_an_interrupt(tmp_path: Path) -> None:
    lines, asked = [b"5\n", b"5\n", b"\x03"], 0

    def answer(seen: bytes) -> bytes:
        nonlocal asked
        if seen.count(b"or quit): ") == asked or not lines:
            return b""
        asked = seen.count(b"or quit): ")
        # nobody types before the line editor has taken the terminal over: what comes in that instant can be lost
        time.sleep(0.5)
        return lines.pop(0)

    status, seen, _ = on_a_terminal("play tic-tac-toe --against perfect", answer, tmp_path)
    assert status == 130
    assert "5 is not allowed here" in seen
    assert "Traceback" not in seen
