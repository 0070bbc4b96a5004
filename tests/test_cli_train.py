"""`xueba train` from beginning to end, interrupted and gone on with; then its run is listed, measured and played."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.terminal import on_a_terminal
from xueba.__main__ import main
from xueba.train import _resumed

Capture = pytest.CaptureFixture[str]
SMALL = (
    "--threads 1 --play.games 4 --warm-up.steps 2 --warm-up.batch 4 --model.layers 1 --model.width 16 "
    "--model.heads 2 --model.kv-heads 2 --model.hidden 16 --search.simulations 2 --expert-iteration.batch 8 "
    "--measure.every 1 --checkpoint-every 1 "
)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_run_is_begun_and_all_else_works_on_it(capsys: Capture, tmp_path: Path) -> None:
    assert main(f"train {SMALL} --iterations 2 --log file,tensorboard".split()) == 0
    out, err = capsys.readouterr()
    assert out == "", "progress is no data"
    assert "iteration 2/2" in err
    assert "xueba watch tic-tac-toe" in err.splitlines()[-3]
    assert "\x1b" not in err
    run = tmp_path / "runs" / "tic-tac-toe"
    assert (run / "curves.png").stat().st_size > 1000
    assert list((run / "tensorboard").iterdir())

    assert main(["list", "runs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["iteration"] == 2
    assert main(["eval", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["game"] == "tic-tac-toe"
    assert main(["eval", "--runs", "runs/../runs"]) == 0
    assert "xueba play tic-tac-toe --against run:tic-tac-toe --runs runs/../runs\n" in capsys.readouterr().err
    assert main(["match", "run:tic-tac-toe@last", "search:tic-tac-toe", "--games", "2"]) == 0
    assert "run:tic-tac-toe@2" in capsys.readouterr().out
    assert main(["watch", "--terminal"]) == 0
    assert capsys.readouterr().out.startswith("iteration 2, game ")
    assert main(["eval", "--checkpoint", "77"]) == 1
    assert "no checkpoint 77 (there are: 0, 1, 2)" in capsys.readouterr().err

    assert main(["train", "--resume", "runs/tic-tac-toe"]) == 0
    assert "resume: from iteration 2" in capsys.readouterr().err
    assert main(f"train {SMALL} --iterations 1".split()) == 0
    assert (tmp_path / "runs" / "tic-tac-toe-2").is_dir(), "a second run takes the next free name"


def test_nobody_is_told(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(f"train {SMALL} --iterations 1 --log none --name quiet".split()) == 0
    assert capfd.readouterr() == ("", "")
    run = tmp_path / "runs" / "quiet"
    assert len((run / "metrics.jsonl").read_text().splitlines()) == 2, "what a run is made of is there"
    status, seen, _ = on_a_terminal("train --resume quiet --log none", lambda _: b"", tmp_path)
    assert (status, seen) == (0, "")


def test_a_game_has_no_levels(capsys: Capture, tmp_path: Path) -> None:
    assert main(f"train {SMALL} --iterations 1 --name a".split()) == 0
    assert main("eval a --level 2".split()) == 1
    assert "--level is 2: tic-tac-toe is a game, and has no levels" in capsys.readouterr().err


def test_a_damaged_checkpoint_is_named(capsys: Capture, tmp_path: Path) -> None:
    assert main(f"train {SMALL} --iterations 1 --name a".split()) == 0
    for path in (tmp_path / "runs" / "a" / "checkpoints").glob("0*/model/model.safetensors"):
        damaged = bytearray(path.read_bytes())
        damaged[-1] ^= 1
        path.write_bytes(damaged)
    capsys.readouterr()
    for words in ("train --resume a", "eval a", "play tic-tac-toe --against run:a"):
        assert main(words.split()) == 1
        err = capsys.readouterr().err
        assert "is damaged" in err
        assert "Traceback" not in err


def test_a_damaged_checkpoint_is_not_passed_over_without_a_word(capsys: Capture, tmp_path: Path) -> None:
    assert main(f"train {SMALL} --iterations 1 --name a".split()) == 0
    newest = max((tmp_path / "runs" / "a" / "checkpoints").glob("0*"))
    (newest / "state.json").write_text("{}")
    capsys.readouterr()
    assert main("eval a --checkpoint last".split()) == 0
    assert f"{newest.name} is damaged" in capsys.readouterr().err.replace("/state.json", "")


def test_a_run_goes_on_with_other_code_only_where_that_is_wanted(capsys: Capture, tmp_path: Path) -> None:
    assert main(f"train {SMALL} --iterations 1 --name a".split()) == 0
    versions = tmp_path / "runs" / "a" / "versions.json"
    versions.write_text(versions.read_text().replace('"training/ppo.py": "', '"training/ppo.py": "0'))
    capsys.readouterr()
    assert main("train --resume a".split()) == 1
    (said,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("xueba: ")]
    assert "the code of training/ppo.py has changed" in said
    assert "--changed-code" in said
    assert main("train --resume a --changed-code".split()) == 0
    assert "the code of training/ppo.py has changed" in capsys.readouterr().err
    assert main("train --resume a".split()) == 0


def test_one_interrupt_saves_and_the_run_goes_on(capsys: Capture, tmp_path: Path) -> None:
    pressed = []

    def once(seen: bytes) -> bytes:
        # fast iterations go by between two pictures of the display: any later one will do
        if not pressed and re.search(rb"iteration ([2-9]|\d\d+) of", seen):
            pressed.append(1)
            return b"\x03"
        return b""

    status, seen, _ = on_a_terminal(f"train {SMALL} --iterations 2000 --measure.solved 0", once, tmp_path)
    assert status == 130
    assert "saved at iteration" in seen
    assert "xueba train --resume tic-tac-toe" in seen
    assert "Traceback" not in seen
    assert main(["list", "runs", "--json", "--runs", str(tmp_path / "runs")]) == 0
    assert json.loads(capsys.readouterr().out)[0]["iteration"] >= 2


def test_the_second_interrupt_leaves_at_once(tmp_path: Path) -> None:
    pressed = []

    def twice(seen: bytes) -> bytes:
        # an iteration of so many games takes far longer than this test may
        if len(pressed) == 0 and b"of 1 " in seen:
            pressed.append(1)
            return b"\x03"
        if len(pressed) == 1 and b"finishing this iteration" in seen:
            pressed.append(1)
            return b"\x03"
        return b""

    words = f"train {SMALL} --iterations 1 --play.games 20000 --search.simulations 500"
    status, seen, seconds = on_a_terminal(words, twice, tmp_path)
    assert len(pressed) == 2
    assert status == 130
    assert "left at once" in seen
    assert seconds < 20
    assert seen.rfind("\x1b[?25h") > seen.rfind("\x1b[?25l"), "the cursor is back"


def test_without_any_words_nothing_is_resumed() -> None:
    assert _resumed([]) is None
