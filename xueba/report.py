"""`xueba report`: a run or a tournament as one page that opens anywhere, and as a text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from envs.lookup import did_you_mean
from envs.visible import clean
from training.run_folder import RunFolder
from xueba import index
from xueba.arguments import parsed
from xueba.console import err, hint


@dataclass(frozen=True)
class Report:
    """Write what came out of a run: report.html, one file with curves, tables, and
    the best and worst games, which opens without a network; and report.md, the
    same as text. A run that is still going on is told as far as it is.

    Examples:
      xueba report
      xueba report tic-tac-toe
      xueba report arena-2 --out results
    """

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="[RUN]")] = ""
    """a run or tournament; the newest unless named"""
    out: Path | None = None
    """the folder to write to; the run's own unless given"""
    runs: Path = Path("runs")
    """where runs are"""


def run(words: list[str]) -> int:
    """Write both files, each whole or not at all.

    Raises:
        ValueError: the run's config is damaged.
        FileNotFoundError: there is no such run.
    """
    chosen = parsed(Report, words, "report [RUN]")
    folder = _folder(chosen.runs, chosen.run)
    target = chosen.out or folder
    target.mkdir(parents=True, exist_ok=True)
    with err().status(f"reading {folder.name}"):
        written = _tournament(folder, target) if not (folder / "config.json").is_file() else _run(folder, target)
    for path in written:
        print(path)
    hint(f"open it in a browser: file://{written[0].resolve()}")
    return 0


def _folder(root: Path, name: str) -> Path:
    there = {folder.name: folder for folder in index.run_folders(root)}
    if not there:
        raise FileNotFoundError(f"there is no run in {root}; xueba train makes one")
    if not name:
        return max(there.values(), key=index.began)
    if name not in there:
        raise FileNotFoundError(f"no run is called {clean(name, 80)!a} in {root}{did_you_mean(name, there)}")
    return there[name]


def _run(folder: Path, target: Path) -> list[Path]:
    from xueba.run_report import html, markdown, report_of

    report = report_of(RunFolder(folder))
    texts = {target / "report.html": html(report), target / "report.md": markdown(report)}
    for path, text in texts.items():
        part = path.with_name(f".{path.name}.part")
        part.write_text(text, encoding="utf-8", errors="replace")
        part.replace(path)
    return list(texts)


def _tournament(folder: Path, target: Path) -> list[Path]:
    from xueba.reports import write_reports

    return write_reports(folder, target=target)
