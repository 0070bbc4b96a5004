"""Watching a run: reading while it is written, moving about, and showing it on a screen or a pipe."""

from __future__ import annotations

import io
import json
import os
import pty
import sys
from pathlib import Path

import pytest
from rich.console import Console

from agents.episode import to_record
from tests.fake_run import episodes, fake_run
from tests.terminal import on_a_terminal
from training.run_folder import EPISODES, RunFolder
from xueba.__main__ import main
from xueba.keys import Keys
from xueba.recorded import MAX_LINE, Recorded
from xueba.replay import Viewer


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return fake_run(tmp_path)


@pytest.fixture
def recorded(run: RunFolder) -> Recorded:
    found = Recorded(run.path / EPISODES)
    found.refresh()
    return found


def test_games_are_read_back(recorded: Recorded) -> None:
    assert [recorded.game(index) for index in range(3)] == [(5, episode) for episode in episodes()]


def test_a_half_written_line_waits_until_it_is_whole(recorded: Recorded) -> None:
    line = json.dumps({"step": 6, **to_record(episodes()[0])}) + "\n"
    with recorded.path.open("a") as file:
        for part, count in ((line[:100], 3), (line[100:-1], 3), ("\n", 4)):
            file.write(part)
            file.flush()
            assert recorded.refresh() == count
    assert recorded.game(3)[0] == 6


def test_damaged_and_overlong_lines_harm_no_other(recorded: Recorded) -> None:
    good = json.dumps({"step": 7, **to_record(episodes()[1])}).encode()
    with recorded.path.open("ab") as file:
        file.write(b"\xff{not json\n" + b"x" * (MAX_LINE + 10) + b"\n[1]\n" + b"[" * 100_000 + b"\n" + good + b"\n")
    assert (recorded.refresh(), recorded.overlong) == (7, 1)
    for index in (3, 4, 5):
        with pytest.raises(ValueError, match=r"not JSON|not an episode"):
            recorded.game(index)
    assert recorded.game(6) == (7, episodes()[1])


def test_a_file_written_anew_is_read_anew(recorded: Recorded) -> None:
    lines = recorded.path.read_bytes().splitlines(keepends=True)
    other = recorded.path.with_suffix(".part")
    other.write_bytes(lines[1])
    other.replace(recorded.path)
    assert recorded.refresh() == 1
    assert recorded.game(0)[1] == episodes()[1]
    other.write_bytes(lines[2] + lines[0] + lines[0])
    other.replace(recorded.path)
    assert recorded.refresh() == 3
    assert recorded.game(0)[1] == episodes()[2]
    with recorded.path.open("r+b") as file:
        file.truncate(len(lines[2]))
    assert recorded.refresh() == 1
    recorded.path.unlink()
    assert recorded.refresh() == 0


def test_keys_move_through_a_game_and_between_games(recorded: Recorded) -> None:
    viewer = Viewer("fake", recorded, 1)
    last = len(viewer.scenes) - 1
    moves = []
    for key in ("right", "right", "left", "end", "right", "home", "left"):
        assert viewer.press(key)
        moves.append(viewer.at)
    assert moves == [1, 2, 1, last, last, 0, 0]
    games = []
    for key in ("up", "down", "down", "down", "up"):
        viewer.press(key)
        games.append(viewer.index)
    assert games == [0, 1, 2, 2, 1]
    assert not viewer.press("q")


def test_n_goes_to_the_next_broken_rule(recorded: Recorded) -> None:
    viewer = Viewer("fake", recorded, 1)
    found = []
    for _ in range(3):
        viewer.press("n")
        turn = viewer.scenes[viewer.at].turn
        found.append((viewer.index, turn.verdict.kind if turn else ""))
    assert found == [(1, "illegal"), (2, "malformed"), (2, "malformed")]


def test_it_plays_by_itself_and_follows_the_newest(recorded: Recorded) -> None:
    viewer = Viewer("fake", recorded, 1)
    viewer.tick()
    assert viewer.at == 0, "nothing moves before it is told to"
    viewer.press(" ")
    for _ in range(len(viewer.scenes)):
        viewer.tick()
    assert (viewer.index, viewer.at) == (1, 0)
    viewer.press("f")
    for _ in range(len(viewer.scenes)):
        viewer.tick()
    assert viewer.index == 2
    with recorded.path.open("a") as file:
        file.write(json.dumps({"step": 6, **to_record(episodes()[0])}) + "\n")
    recorded.refresh()
    for _ in range(len(viewer.scenes)):
        viewer.tick()
    assert viewer.index == 3


@pytest.mark.parametrize("game", [1, 2, 3])
def test_the_screen_fits_and_is_harmless(recorded: Recorded, game: int) -> None:
    viewer = Viewer("fake", recorded, game)
    for at in range(len(viewer.scenes)):
        viewer.go(viewer.index, at)
        console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
        console.print(viewer.render(24))
        text = console.file.getvalue()  # type: ignore[attr-defined]
        assert text.replace("\n", "").isprintable()
        lines = text.splitlines()
        assert len(lines) <= 24
        assert max(map(len, lines)) <= 80


def test_a_damaged_game_is_told_and_passed(recorded: Recorded) -> None:
    with recorded.path.open("ab") as file:
        file.write(b"{}\n")
    recorded.refresh()
    viewer = Viewer("fake", recorded, -1)
    console = Console(file=io.StringIO(), width=80)
    console.print(viewer.render(24))
    assert "cannot be shown" in console.file.getvalue()  # type: ignore[attr-defined]
    viewer.press("up")
    assert viewer.episode == episodes()[2]


def test_plain_lines_for_a_pipe(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "fake", "--runs", str(run.path.parent), "--game", "2"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("iteration 5, game 1 (stubborn against perfect): X 5")
    assert "✗ illegal: 5 is not legal here" in out
    assert "O wins" in out
    assert "\x1b" not in out
    assert f"xueba play tic-tac-toe --against run:fake --runs {run.path.parent}" in err
    assert main(["watch", str(run.path), "--game", "3"]) == 0
    assert capsys.readouterr().out.replace("\n", "").isprintable()


def test_a_game_as_a_picture(run: RunFolder, tmp_path: Path) -> None:
    picture = tmp_path / "deep" / "game.svg"
    assert main(["watch", str(run.path), "--game", "2", "--svg", str(picture)]) == 0
    assert picture.read_text().startswith("<svg")
    assert "url(" not in picture.read_text().replace("url(#", "")  # nothing is fetched from anywhere
    assert "illegal" in picture.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--game", "0"], "has games 1 to 3"),
        (["--game", "4"], "has games 1 to 3"),
        (["--speed", "0"], "--speed is 0"),
        (["--speed", "nan"], "--speed is nan"),
        (["--svg", "game.png"], "must end in .svg"),
    ],
)
def test_bad_words(run: RunFolder, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert main(["watch", str(run.path), *words]) == 1
    assert said in capsys.readouterr().err


def test_an_empty_run_says_so(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    (run.path / EPISODES).unlink()
    assert main(["watch", str(run.path), "--terminal"]) == 1
    assert "has recorded no game yet; --follow waits" in capsys.readouterr().err
    assert main(["watch", str(run.path), "--follow", "--svg", "x.svg"]) == 1
    assert capsys.readouterr().err == "xueba: run fake has recorded no game yet, so there is none to draw\n"


def test_keys_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        with Keys() as keys:
            assert keys.read(0) == ""
            for pressed, name in ((b"\x1b[C", "right"), (b"k", "up"), (b"\x1b[4~", "end"), (b" ", " "), (b"\x04", "q")):
                os.write(ours, pressed)
                assert keys.read(5) == name
    os.close(ours)


def test_on_a_terminal_it_shows_the_game_and_leaves_on_q(run: RunFolder, tmp_path: Path) -> None:
    pressed = []

    def press(seen: bytes) -> bytes:
        if not pressed and b"the game begins" in seen:
            pressed.append(1)
            return b"q"
        return b""

    status, seen, _ = on_a_terminal(f"watch {run.path} --game 1", press, tmp_path)
    assert (status, pressed) == (0, [1])
    assert "game 1 of 3" in seen
    assert "\x1b[?1049l" in seen, "the screen from before is back"
    assert "xueba play tic-tac-toe" in seen.rpartition("\x1b[?1049l")[2]
