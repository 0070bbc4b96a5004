"""A run as a folder: config, versions, metrics, episodes, events, checkpoints.

The files that grow hold one JSON object a line and are only ever appended to, so that anyone may read them while the
run goes on; a line half written at a crash is cut off when it does.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.append_only import held, is_held
from envs.lookup import did_you_mean
from training.config import Config
from training.config_file import from_data, to_data
from training.versions import differences, versions

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
METRICS, EPISODES, EVENTS = "metrics.jsonl", "episodes.jsonl", "events.jsonl"
WARM_UP = "warm_up.jsonl"
VERSIONS = "versions.json"
MAX_LINE = 1 << 20
"""bytes of a line that is believed; longer ones are passed over"""


@dataclass(frozen=True)
class RunFolder:
    """Where everything of one run is; see `create_run` and `find_run`."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    def config(self) -> Config:
        """What the run was begun with.

        Raises:
            ValueError: the file is damaged, or of another version of the program; says where.
        """
        file = self.path / "config.json"
        try:
            return from_data(json.loads(file.read_text(encoding="utf-8")))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{file}: {error}") from None

    def metrics(self) -> list[dict[str, Any]]:
        """The rows so far: `step`, `time` (seconds since 1970) and the metrics; null where one was not finite."""
        return list(self.rows(METRICS))

    def episodes(self) -> Iterator[dict[str, Any]]:
        """The sampled games so far, each an `agents.episode` record with its `step`."""
        return self.rows(EPISODES)

    def events(self) -> list[dict[str, Any]]:
        """What happened so far: `step`, `time`, `kind`, `text`."""
        return list(self.rows(EVENTS))

    def warm_up(self) -> list[dict[str, Any]]:
        """How the warm-up went so far: `done` of the `of` steps, `time`, and the numbers of the last one."""
        kept: list[dict[str, Any]] = []
        for row in self.rows(WARM_UP):
            if type(row.get("done")) is not int or type(row.get("of")) is not int:
                continue
            # what a killed run had done after its checkpoint was done again
            while kept and kept[-1]["done"] >= row["done"]:
                kept.pop()
            kept.append(row)
        return kept

    def changes(self, config: Config) -> dict[str, str]:
        """What is not as it was when the run began, so that its results may differ: a sentence each, by its name."""
        try:
            before = json.loads((self.path / VERSIONS).read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            return {"code": f"{VERSIONS} cannot be read: {error}"}
        return differences(before if isinstance(before, dict) else {}, versions(config))

    def remade(self, config: Config) -> None:
        """From here on the run is made on what there is now."""
        write_json(self.path / VERSIONS, versions(config))

    def held(self) -> AbstractContextManager[None]:
        """While this lasts, no other process may train into the folder; it ends with the process at the latest.

        Raises:
            RuntimeError: another process holds it.
        """
        return held(self.path, f"{self.path} is being trained by another process; wait or stop that")

    def is_held(self) -> bool | None:
        """Whether a process trains into the folder now; None where that cannot be known."""
        return is_held(self.path)

    def append(self, file: str, rows: list[dict[str, Any]]) -> None:
        """Add lines to one of the growing files, in one write."""
        text = "".join(json.dumps(row, allow_nan=False, separators=(",", ":")) + "\n" for row in rows)
        with (self.path / file).open("ab", buffering=0) as out:
            data = memoryview(text.encode())
            while data:
                data = data[out.write(data) :]

    def rewind(self, step: int) -> None:
        """Cut off what is half written and drop what was recorded after `step`, so that nothing is there twice."""
        for file in (METRICS, EPISODES, EVENTS, WARM_UP):
            path = self.path / file
            if not path.exists():
                continue
            kept = path.with_suffix(".part")
            with path.open("rb") as lines, kept.open("wb") as out:
                for line in lines:
                    row = _row(line)
                    if row is not None and row["step"] <= step:
                        out.write(line)
                out.flush()
                os.fsync(out.fileno())
            kept.replace(path)

    def rows(self, file: str) -> Iterator[dict[str, Any]]:
        """The whole lines of one of the growing files, so far."""
        path = self.path / file
        if not path.exists():
            return
        with path.open("rb") as lines:
            while line := lines.readline(MAX_LINE):
                row = _row(line)
                if row is not None:
                    yield row


def _row(line: bytes) -> dict[str, Any] | None:
    """A whole line, or nothing."""
    if not line.endswith(b"\n"):
        return None
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and isinstance(row.get("step"), int) else None


def check_name(name: str) -> None:
    """Run names are file names everywhere.

    Raises:
        ValueError: it is not one; says what is allowed.
    """
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise ValueError(
            f"{name[:100]!a} is no name for a run: 1 to 80 letters, digits, '.', '_' and '-', a letter or digit first"
        )


def create_run(root: Path, name: str, config: Config) -> RunFolder:
    """Make the folder of a new run.

    Raises:
        ValueError: the name is not a plain file name.
        FileExistsError: there is such a run already; says what to do.
    """
    check_name(name)
    path = root / name
    root.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir()
    except FileExistsError:
        raise FileExistsError(f"{path} exists already: resume it, or choose another name") from None
    run = RunFolder(path)
    run.checkpoints.mkdir()
    run.remade(config)
    write_json(path / "config.json", to_data(config))
    return run


def find_run(root: Path, name: str) -> RunFolder:
    """An existing run.

    Raises:
        ValueError: the name is not a plain file name.
        FileNotFoundError: there is no such run; says which was probably meant.
    """
    check_name(name)
    runs = {run.name: run for run in list_runs(root)}
    if name in runs:
        return runs[name]
    there = f"there are: {', '.join(list(runs)[-10:])}" if runs else "there is none yet"
    raise FileNotFoundError(f"no run is called {name!r} in {root} ({there}){did_you_mean(name, runs)}")


def list_runs(root: Path) -> list[RunFolder]:
    """The runs in `root`, the oldest first; links and folders without a config are none."""
    if not root.is_dir():
        return []
    folders = [p for p in root.iterdir() if not p.is_symlink() and (p / "config.json").is_file()]
    folders = [p for p in folders if _NAME.fullmatch(p.name)]
    return [RunFolder(p) for p in sorted(folders, key=lambda p: ((p / "config.json").stat().st_mtime, p.name))]


def write_json(path: Path, data: object) -> None:
    """Whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(data, file, indent=2, allow_nan=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
