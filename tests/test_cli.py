"""The command line: every command answers, every mistake is one clear sentence, and torch is loaded only for models."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fake_run import fake_run
from training.loggers import FileLogger
from xueba.__main__ import COMMANDS, main
from xueba.arguments import runs_option
from xueba.evaluate import rows

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are made in an empty folder, and no colours are forced from outside."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "XUEBA_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


def test_help_teaches_with_examples(capsys: Capture) -> None:
    for words in ([], ["--help"], ["-h"]):
        assert main(words) == 0
        out = capsys.readouterr().out
        assert all(f"  {name} " in out for name in COMMANDS)
        assert "xueba train connect-four --seed 3" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: Capture) -> None:
    assert main([command, "--help"]) == 0
    out, err = capsys.readouterr()
    assert f"usage: xueba {command}" in out
    assert "Examples:" in out
    assert err == ""
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_fields_of_a_config_carry_their_help(capsys: Capture) -> None:
    assert main(["train", "connect-four", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "--optimizer.lr FLOAT highest learning rate" in text
    assert "(default: connect-four)" in text, "the preset's values are the defaults"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("lst", "did you mean 'list'"),
        ("list gmes", "did you mean 'games'"),
        ("train tic-tac-to", "no preset is called 'tic-tac-to' (there are: tic-tac-toe, connect-four, "),
        ("train --game conect-four", "did you mean 'connect-four'"),
        ("train --algorithm ppoo", "did you mean 'ppo'"),
        ("train --log tensorbord", "did you mean 'tensorboard'"),
        ("train --log none,tensorbord", "did you mean 'tensorboard'"),
        ("train --log none,tensorboard", "leave it out, or leave out tensorboard"),
        ("train --name ../up", "'../up' is no name for a run"),
        ("train --name fake", "exists already: resume it, or choose another name"),
        ("train --resume fak", "did you mean 'fake'"),
        ("train --resume fake --seed 7", "this run began with seed = 0"),
        ("train connect-four --resume fake", "leave out the preset"),
        ("train --resume fake --name other", "run fake goes on under its own name: leave out --name 'other'"),
        ("train --search.simulations 0", "search.simulations is 0"),
        ("play tic-tac-to", "did you mean 'tic-tac-toe'"),
        ("play tic-tac-toe --against perfct", "did you mean 'perfect'"),
        ("play tic-tac-toe --against mcts:-1", "mcts takes its simulations"),
        ("play connect-four --against perfect", "too many; try solver"),
        ("play tic-tac-toe --against run:fak", "did you mean 'fake'"),
        ("play tic-tac-toe --against run:fake", "run fake has no checkpoint yet"),
        ("play tic-tac-toe --against run:fake@x", "'x' is no checkpoint"),
        ("play connect-four --against run:fake", "run fake has learned tic-tac-toe, not connect-four"),
        ("match human random", "a person sits down with `xueba play`"),
        ("match random random --games 3", "must be an even number"),
        ("match random random --opening 99", "must be between 0 and 40"),
        ("eval fak", "did you mean 'fake'"),
        ("eval fake", "run fake has no checkpoint yet"),
        ("eval fake --games 0", "--games is 0"),
        ("watch ../..", "is no name for a run"),
        ("watch nobody", "no run is called 'nobody'"),
        ("bench samplin", "did you mean 'sampling'"),
    ],
)
def test_a_mistake_is_one_clear_sentence(words: str, said: str, capsys: Capture, tmp_path: Path) -> None:
    fake_run(tmp_path / "runs")
    assert main(words.split()) in (1, 2)
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if line.startswith("xueba: ")]
    assert len(lines) == 1, err
    assert said in lines[0]
    assert "Traceback" not in out + err
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["fake"], "nothing was begun"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("train --optimizer.lr fast", "could not convert"),
        ("train --optimzer.lr 3", "--optimizer.lr"),
        ("train --seed 1.5", "--seed"),
        ("train --model.width 63", "width 63 must be a multiple of heads 4"),
        ("play", "Missing"),
        ("play tic-tac-toe --seat third", "third"),
        ("match random", "Missing"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(words: str, said: str, capsys: Capture) -> None:
    assert main(words.split()) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert out == ""
    assert "Traceback" not in err
    assert "\x1b" not in err


def test_hostile_words_are_harmless(capsys: Capture) -> None:
    assert main(["\x1b[2J"]) == 2
    assert main(["play", "\x1b]52;c;x\x07\u202e"]) == 1
    assert main(["watch", "\x00"]) == 1
    err = capsys.readouterr().err
    assert err.replace("\n", "").isprintable()


def test_debug_shows_where(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="no game is called"):
        main(["play", "halma", "--debug"])
    monkeypatch.setenv("XUEBA_DEBUG", "1")
    with pytest.raises(ValueError, match="no game is called"):
        main(["play", "halma"])


def test_a_fault_of_the_program_is_told_without_a_traceback(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(words: list[str]) -> int:
        raise KeyError("inner")

    monkeypatch.setattr("xueba.listing.run", broken)
    assert main(["list"]) == 1
    assert capsys.readouterr().err == "xueba: KeyError: 'inner' (a fault of this program; --debug shows where)\n"


def test_an_interrupt_is_130(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(words: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("xueba.listing.run", interrupted)
    assert main(["list"]) == 130
    assert capsys.readouterr().err.strip() == "xueba: interrupted"


def test_lists_are_data(capsys: Capture, tmp_path: Path) -> None:
    fake_run(tmp_path / "runs")
    (tmp_path / "runs" / "broken").mkdir()
    (tmp_path / "runs" / "broken" / "config.json").write_text("{")
    assert main(["list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {row["name"] for row in found["games"]} == {"tic-tac-toe", "connect-four"}
    assert {row["name"] for row in found["presets"]} >= {"tic-tac-toe", "connect-four"}
    assert {row["name"]: row["game"] for row in found["runs"]} == {"fake": "tic-tac-toe", "broken": None}
    assert main(["list"]) == 0
    out, err = capsys.readouterr()
    assert "connect-four" in out
    assert "xueba train PRESET" in err
    assert max(map(len, out.splitlines())) <= 80


def test_a_run_that_was_solved_early_is_done(capsys: Capture, tmp_path: Path) -> None:
    logger = FileLogger(fake_run(tmp_path / "runs"))

    def state() -> object:
        assert main(["list", "runs", "--json"]) == 0
        return json.loads(capsys.readouterr().out)[0]["state"]

    for kind, text, shown in (
        ("checkpoint", "solved", ""),
        ("end", "stopped after iteration 5 of 80", ""),
        ("resume", "from iteration 5", ""),
        ("end", "solved: 3 perfect measurements in a row at iteration 5", "solved"),
        ("best", "", "solved"),
        ("resume", "from iteration 5", ""),
    ):
        logger.event(5, kind, text)
        assert state() == shown, (kind, text)


def test_a_match_and_its_json(capsys: Capture) -> None:
    assert main("match perfect random --games 20 --json".split()) == 0
    score = json.loads(capsys.readouterr().out)
    assert (score["lost"], score["won"] + score["drawn"], score["game"]) == (0, 20, "tic-tac-toe")
    assert main("match random perfect --games 20".split()) == 0
    out, err = capsys.readouterr()
    assert "of the points (95% interval" in out
    assert "xueba play tic-tac-toe --against random\n" in err
    assert main("match random perfect --games 2 --runs other".split()) == 0
    assert "xueba play tic-tac-toe --against random --runs other\n" in capsys.readouterr().err


def test_where_runs_are_is_said_only_where_it_matters(capsys: Capture, tmp_path: Path) -> None:
    assert runs_option(Path("runs/")) == ""
    assert runs_option(Path("my runs")) == " --runs 'my runs'"
    fake_run(tmp_path / "mine")
    for words in ("list runs --runs mine", "watch --terminal --runs mine", "watch --terminal mine/fake"):
        assert main(words.split()) == 0
        assert "--runs mine" in capsys.readouterr().err
    assert main(["watch", "--terminal", "--runs", "none"]) == 1
    assert "there is no run in none yet; begin one: xueba train --runs none\n" in capsys.readouterr().err


def test_rates_are_shown_with_counts_and_intervals() -> None:
    rate = {"eval/legal": 0.5, "eval/legal_count": 5.0, "eval/legal_of": 10.0}
    interval = {"eval/legal_low": 0.2, "eval/legal_high": 0.8}
    lines = {"eval/lost_lines": 3.0, "eval/lines": 1234.0}
    assert list(rows(rate | interval | lines | {"eval/score": 0.25})) == [
        ("legal", "50.00%", "5 of 10", "20.00% to 80.00%"),
        ("lost lines", "3", "of 1,234", "exact"),
        ("score", "0.250", "", ""),
    ]


@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "list",
        "train --help",
        "watch --terminal",
        "watch --help",
        "play --help",
        "match random random --games 2",
    ],
)
def test_what_needs_no_model_loads_no_torch(words: str, tmp_path: Path) -> None:
    fake_run(tmp_path / "runs")
    code = f"import sys; from xueba.__main__ import main; s = main({words.split()!r}); print(s, 'torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60,
                         cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)})  # fmt: skip
    assert run.stdout.splitlines()[-1] == "0 False", run.stderr


def test_a_reader_that_is_gone_is_no_failure() -> None:
    code = f"{sys.executable} -m xueba list players --json | (exec 0<&-)"
    run = subprocess.run(
        ["bash", "-o", "pipefail", "-c", code], capture_output=True, text=True, check=False, timeout=60,
        cwd=ROOT,
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")


def test_characters_that_cannot_be_shown_do_not_stop_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_run(tmp_path / "runs")
    stdout = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", stdout)
    assert main(["watch", "fake", "--game", "2"]) == 0
    stdout.seek(0)
    assert "? illegal" in stdout.read()


def test_every_setting_of_a_chat_player_is_explained(capsys: Capture) -> None:
    from dataclasses import fields

    from agents.chat_settings import ChatConfig

    assert main(["list", "chat-settings", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["name"] for row in rows} == {field.name for field in fields(ChatConfig)} - {"model", "url"}
    assert all(row["what"] for row in rows)
    assert main(["list", "players"]) == 0
    assert "xueba list chat-settings" in capsys.readouterr().err


def test_the_help_of_the_arena_says_what_each_mode_does(capsys: Capture) -> None:
    from envs.arena import MODES

    assert main(["arena", "--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"\n  {mode:<11}" in told for mode in MODES)
    assert "language=zh" in told


def test_a_run_is_among_the_players_that_there_are(capsys: Capture) -> None:
    assert main(["arena", "lier", "random"]) == 1
    assert "human, run); did you mean 'liar'?" in capsys.readouterr().err
