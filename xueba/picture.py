"""What a terminal shows, as a picture."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console, RenderableType

from training.run_folder import EPISODES, RunFolder
from xueba.live import ConsoleLogger
from xueba.recorded import Recorded


def write_svg(what: RenderableType, path: Path, title: str, width: int = 80) -> None:
    """Write `what` as an SVG of a terminal `width` columns wide.

    Raises:
        ValueError: the name does not end in `.svg`.
        OSError: the file cannot be written.
    """
    if path.suffix != ".svg":
        raise ValueError(f"{path} must end in .svg")
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(what)
    path.parent.mkdir(parents=True, exist_ok=True)
    # rich names a font on somebody's server: the picture is to stand by itself
    picture = re.sub(r"@font-face \{[^}]*\}", "", console.export_svg(title=title))
    path.write_text(picture, encoding="utf-8")


def progress_of(run: RunFolder, until: int = 10**9) -> RenderableType:
    """The display of training as it stood after the iteration `until`, made from what the run has recorded."""
    rows = [row for row in run.metrics() if row["step"] <= until]
    events = [event for event in run.events() if event["step"] <= until]
    now = min((row["time"] for row in [*rows, *events]), default=0.0)
    display = ConsoleLogger(run.config(), run.name, Console(file=io.StringIO(), width=80), lambda: now)
    recorded = Recorded(run.path / EPISODES)
    games = [recorded.game(index) for index in range(recorded.refresh())]
    for row in rows:
        now = row["time"]
        numbers = {name: value for name, value in row.items() if name not in ("step", "time") and value is not None}
        display.metrics(row["step"], numbers)
        display.episodes(row["step"], [episode for step, episode in games if step == row["step"]])
        for event in events:
            if event["step"] == row["step"] and event["kind"] not in ("begin", "warm-up"):
                display.event(event["step"], event["kind"], event["text"])
    return display.render()
