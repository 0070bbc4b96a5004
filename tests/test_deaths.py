"""The run, the server and the tab are killed at their work in every order, and begun again: nothing is lost."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.test_server import Served

pytestmark = pytest.mark.slow
CODE = "import sys; from xueba.__main__ import main; sys.exit(main(sys.argv[1:]))"
SMALL = [
    "tic-tac-toe", "--name", "hurt", "--iterations", "100000", "--threads", "1", "--checkpoint-every", "1",
    "--play.games", "8", "--warm-up.steps", "2", "--measure.every", "100000", "--search.simulations", "4",
]  # fmt: skip


class Stage:
    """A run, a server and a tab that shows the one by the other."""

    def __init__(self, runs: Path, browser: Any) -> None:
        self.runs, self.browser = runs, browser
        self.run = self.trained(*SMALL)
        self.server = Served(runs)
        self.page = self.tab()

    def trained(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", CODE, "train", *words, "--runs", str(self.runs)]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def tab(self) -> Any:
        page = self.browser.new_page()
        page.goto(f"{self.server.url}#/now?runs=hurt")
        return page

    def shown(self) -> int:
        """The iteration that the page tells of; -1 before it tells of any."""
        said: int = self.page.evaluate(
            "() => Math.max(-1, ...[...document.body.innerText.matchAll(/iteration ([0-9]+)/g)].map(m => Number(m[1])))"
        )
        return said

    def until_beyond(self, iteration: int) -> int:
        """What the page tells of once it is beyond `iteration`."""
        for _ in range(600):
            if (told := self.shown()) > iteration:
                return told
            time.sleep(0.1)
        raise AssertionError(f"a minute after it was begun again the page still tells of iteration {self.shown()}")

    def games(self, least: int) -> int:
        """How many games the index holds, once there are as many as before."""
        for _ in range(200):
            if (found := self.server.ask("/api/games?run=hurt")["of"]) >= least:
                return found
            time.sleep(0.1)
        raise AssertionError(f"of {least} games the index holds {found} after 20 seconds")

    def kill(self, victim: str) -> None:
        """Kill it, and begin it again as a person would."""
        if victim == "server":
            port = self.server.port
            self.server.stop(signal.SIGKILL)
            self.server = Served(self.runs, port)
        elif victim == "run":
            self.run.kill()
            self.run.wait()
            self.run = self.trained("--resume", "hurt")
        else:
            processes = self.browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
            drawing = [process["id"] for process in processes if process["type"] == "renderer"]
            assert drawing
            for process in drawing:
                os.kill(process, signal.SIGKILL)
            self.page = self.tab()

    def close(self) -> None:
        for context in self.browser.contexts:
            context.close()
        self.run.kill()
        self.run.wait()
        self.server.stop()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("order", list(itertools.permutations(("server", "run", "tab"))), ids="-".join)
def test_whatever_is_killed_in_whatever_order_nothing_is_lost(tmp_path: Path, browser: Any, order: tuple[str]) -> None:
    stage = Stage(tmp_path, browser)
    told = stage.until_beyond(0)
    games = 0
    for victim in order:
        stage.kill(victim)
        told = stage.until_beyond(told)
        games = stage.games(games)
    stage.close()
    rows = [json.loads(line) for line in (tmp_path / "hurt" / "metrics.jsonl").read_text().splitlines()]
    steps = [row["step"] for row in rows if "perf/iteration_seconds" in row]
    assert steps == sorted(set(steps)), "an iteration is told twice, or out of order"
    assert set(range(1, told)) <= {*steps}, "an iteration that the page told of is lost"
