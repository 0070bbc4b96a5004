"""A game as a file: a page, a picture, PGN; and a run as a report that opens anywhere."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import chess.pgn
import pytest

from agents.arena_players import arena_player
from agents.play import Match, play
from envs.arena import Arena
from tests.fake_answers import answers
from tests.tiny_run import TINY, finished_run, question_run
from training.run_folder import RunFolder, create_run
from xueba.__main__ import main
from xueba.export import answered
from xueba.shown import shown_answer

HOSTILE = "<script>alert(1)</script>|`\u202e\x1b[2J"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from agents.episode import to_record

    root = tmp_path_factory.mktemp("runs")
    finished_run(root, "game", TINY)
    finished_run(root, "problem", question_run())
    folder = root / "table"
    folder.mkdir()
    (folder / "tournament.json").write_text(json.dumps({"kind": "arena"}))
    seats = (arena_player("bender:pawn_as_knight"), arena_player("believer"))
    (episode,) = play(Arena("no_referee"), [Match(0, seats)], seed=1)  # type: ignore[arg-type]
    (folder / "episodes.jsonl").write_text(json.dumps({"step": 0, **to_record(episode)}) + "\n")
    return root


def exported(root: Path, out: Path, *words: str) -> bytes:
    assert main(["export", *words, "--out", str(out), "--runs", str(root)]) == 0
    return out.read_bytes()


def test_a_page_holds_the_game_and_no_address(root: Path, tmp_path: Path) -> None:
    text = exported(root, tmp_path / "g.html", "game/1", "--html").decode()
    assert "default-src 'none'" in text
    assert not re.search(r"(?:src|href)=\"https?:", text)
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL).group(1))  # type: ignore[union-attr]
    assert data["world"] == "tic-tac-toe"


@pytest.mark.parametrize("game", ["game", "table/1", "problem"])
def test_a_picture_and_a_moving_one(root: Path, tmp_path: Path, game: str) -> None:
    image = pytest.importorskip("PIL.Image")
    pytest.importorskip("resvg_py")
    still = image.open(io.BytesIO(exported(root, tmp_path / "g.png", game, "--png")))
    assert still.size == (880, 520)
    assert len(still.convert("RGB").getcolors(1 << 24)) > 20
    moving = image.open(io.BytesIO(exported(root, tmp_path / "g.gif", game, "--gif")))
    if game != "problem":
        assert moving.n_frames > 2


def test_a_picture_of_a_question_says_what_was_asked_and_how_it_was_graded() -> None:
    for episode, grade in zip(answers(), ("right", "wrong", "guessed", "valid but wrong", "malformed"), strict=False):
        sheet = shown_answer(episode)
        drawn = answered(sheet, "sums, game 1")
        assert sheet["question"] in drawn
        assert grade in drawn
        assert "↵" not in drawn
        ElementTree.fromstring(drawn)


def test_pgn_is_read_by_others(root: Path, tmp_path: Path) -> None:
    text = exported(root, tmp_path / "g.pgn", "table/1", "--pgn").decode()
    read = chess.pgn.read_game(io.StringIO(text))
    assert read is not None
    assert not read.errors


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["game/1"], "--html, --png, --gif and --pgn"),
        (["game/1", "--png", "--gif"], "--png and --gif"),
        (["game/1", "--pgn"], "tic-tac-toe"),
        (["game/99999", "--html"], "has no game 99999"),
        (["gmae/1", "--html"], "did you mean 'game'"),
        (["game/x", "--html"], "RUN/NUMBER"),
        (["game/1", "--png", "--ply", "77"], "positions 0 to"),
        (["../../etc/passwd/1", "--html"], "no run"),
        ([f"{HOSTILE}/1", "--html"], "no run"),
    ],
)
def test_what_cannot_be_done_is_said(
    root: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert main(["export", *words, "--runs", str(root)]) == 1
    error = capsys.readouterr().err
    assert told in error
    assert not {"\x1b", "\u202e"} & set(error)


def test_a_failed_picture_leaves_nothing(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xueba.export.os.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    assert main(["export", "game/1", "--html", "--out", str(tmp_path / "g.html"), "--runs", str(root)]) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["game", "problem"])
def test_a_report_says_what_was_measured(root: Path, tmp_path: Path, name: str) -> None:
    assert main(["report", name, "--out", str(tmp_path), "--runs", str(root)]) == 0
    page, text = (tmp_path / "report.html").read_text(), (tmp_path / "report.md").read_text()
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)
    assert "data:image/png" in page
    rows = RunFolder(root / name).metrics()
    key = "eval/lost_lines_first" if name == "game" else "eval/right"
    last = [row for row in rows if key in row][-1]
    counts = (
        f"{last[key]:,.0f} of {last['eval/lines_first']:,.0f}"
        if name == "game"
        else f"{last[f'{key}_count']:g} of {last[f'{key}_of']:g}"
    )
    assert counts in page
    assert counts in text


def test_the_command_makes_such_a_run(root: Path, tmp_path: Path) -> None:
    """What the report tells to type is the run's own config, whole."""
    import shlex

    import tyro

    from training.presets import PRESETS
    from xueba.run_report import command

    for name in ("game", "problem"):
        config = RunFolder(root / name).config()
        xueba, train, preset, *words = shlex.split(command(config))
        assert (xueba, train) == ("xueba", "train")
        assert tyro.cli(type(config), args=words, default=PRESETS[preset]) == config


def test_a_tournament_is_reported_too(root: Path, tmp_path: Path) -> None:
    assert main(["report", "table", "--out", str(tmp_path), "--runs", str(root)]) == 0
    assert "bender" in (tmp_path / "report.md").read_text()
    assert (tmp_path / "games" / "1.html").is_file()


def test_a_run_that_has_only_begun_says_so(tmp_path: Path) -> None:
    create_run(tmp_path, "empty", TINY)
    assert main(["report", "empty", "--runs", str(tmp_path)]) == 0
    assert "Nothing was measured yet." in (tmp_path / "empty" / "report.md").read_text()


def test_hostile_records_are_text_in_both(tmp_path: Path) -> None:
    run = create_run(tmp_path, "bad", TINY)
    run.append("metrics.jsonl", [{"step": 1, "time": 1.0, "eval/legal": 0.5, HOSTILE: 1.0}])
    run.append("events.jsonl", [{"step": 1, "time": 1.0, "kind": HOSTILE, "text": HOSTILE}])
    (run.path / "episodes.jsonl").write_text('{"step":1,"schema":1}\nnot json\n')
    (run.path / "versions.json").write_text(json.dumps({"python": HOSTILE}))
    assert main(["report", "bad", "--runs", str(tmp_path)]) == 0
    for name in ("report.html", "report.md"):
        text = (run.path / name).read_text()
        assert "<script" not in text
        assert not {"\x1b", "\u202e"} & set(text)
    cells = [
        line for line in (run.path / "report.md").read_text().splitlines() if "alert" in line and line.startswith("|")
    ]
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 4 for line in cells)
