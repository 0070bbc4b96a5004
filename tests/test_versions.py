"""What a run was made on: every file that shapes its numbers counts, and nothing else does."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from training.config import Config
from training.versions import ROOMS, ROOT, code, differences, versions


def test_the_code_is_every_file_of_four_rooms() -> None:
    found = code(ROOT)
    assert {file.split("/")[0] for file in found} == set(ROOMS) == {"envs", "agents", "llm_policy", "training"}
    assert {"envs/game.py", "training/ppo.py"} <= found.keys()
    assert found["envs/game.py"] == hashlib.sha256((ROOT / "envs" / "game.py").read_bytes()).hexdigest()[:16]


@pytest.mark.parametrize(
    "file", ["envs/game.py", "training/data/connect_four_positions.json", "training/ppo.py", "xueba/live.py"]
)
def test_a_file_changed_added_or_gone_is_named_where_it_counts(file: str, tmp_path: Path) -> None:
    for room in (*ROOMS, "xueba"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    before = {"code": code(tmp_path)}

    def told() -> str | None:
        return differences(before, {"code": code(tmp_path)}).get("code")

    whole = (tmp_path / file).read_bytes()
    expected = None if file.startswith("xueba") else f"the code of {file} has changed"
    (tmp_path / file).write_bytes(whole + b"#")
    assert told() == expected
    (tmp_path / file).unlink()
    assert told() == expected
    (tmp_path / file).write_bytes(whole)
    assert told() is None
    added = Path(file).with_name("aaa.py").as_posix()
    (tmp_path / added).write_text("")
    assert told() == (expected and f"the code of {added} has changed")


def test_what_was_recorded_is_not_believed_to_have_any_shape() -> None:
    now = versions(Config())
    assert differences(now, now) == {}
    assert (
        differences({}, now)["code"] == differences(now | {"code": "abc"}, now)["code"] == "its code was not recorded"
    )
    many = differences(now | {"code": {"x" * 10**6: "1", "y": None}}, now)["code"]
    assert many.startswith("the code of agents/")
    assert many.endswith(" more has changed")
    assert len(many) < 300
    assert differences(now | {"numpy": "1.26"}, now) == {"numpy": f"numpy was '1.26', is {now['numpy']!r}"}
