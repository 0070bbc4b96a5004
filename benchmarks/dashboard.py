"""What the dashboard costs and how soon it is there.

    python benchmarks/dashboard.py start                  # from the command to a page one can use, 5,000 games
    python benchmarks/dashboard.py training --pairs 8     # what four open tabs take from a run beside them
    python benchmarks/dashboard.py memory --minutes 10    # the server's memory, 20 clients that come and go

`start`: a made run of 5,000 games and 300,000 plies; the clock runs from the start of the process `xueba watch` until
Chromium shows its first figures and, after a click, its list of games; once with the index there, once without.

`training`: the same short run twice a pair, alone and with the server and a browser with four tabs on it, which side
is first by turns. On two cores the run has one for itself and everything else the other (`--pinned False` leaves that
to the system). The figure is the ratio of the seconds an iteration takes, the first one left out.

`memory`: a process writes metrics, games and moves as fast as a busy run does; twenty clients read a page, hold a
stream for a few seconds and go. Resident memory of the server every five seconds; the slope from the third minute on.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tyro

from agents.episode import to_record
from agents.play import Match, play
from agents.random_player import RandomPlayer
from envs import game_named
from training.config import Config
from training.live_games import LiveGames
from training.run_folder import EPISODES, METRICS, RunFolder, create_run
from xueba import index

GAMES, PLIES = 5000, 60
CLIENTS, TABS = 20, 4
T8 = 2.36
"""Student's t for seven degrees of freedom, 95%"""


@contextmanager
def served(root: Path, *before: str) -> Iterator[tuple[subprocess.Popen[bytes], int, float]]:
    """`xueba watch` over `root` as a process of its own: it, its port, and when it was begun."""
    began = time.perf_counter()
    code = "import sys; from xueba.__main__ import main; sys.exit(main(sys.argv[1:]))"
    words = ["watch", "--no-browser", "--port", "0", "--runs", str(root)]
    process = subprocess.Popen([*before, sys.executable, "-c", code, *words], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        found = re.match(rb"http://127.0.0.1:(\d+)/", process.stdout.readline())
        assert found is not None
        yield process, int(found.group(1)), began
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


@contextmanager
def browser(*arguments: str) -> Iterator[Any]:
    """Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", *arguments]
        )  # fmt: skip
        yield running
        running.close()


def made_run(root: Path) -> RunFolder:
    """A run of 5,000 games with 60 plies each: refused replies make games of tic-tac-toe as long as one likes."""
    run = create_run(root, "large", Config())
    (episode,) = play(game_named("tic-tac-toe"), [Match(0, (RandomPlayer(), RandomPlayer()))], seed=1)
    record = to_record(episode)
    turns = [record["turns"][n % len(record["turns"])] for n in range(PLIES - len(record["turns"]))]
    refused = [turn | {"verdict": turn["verdict"] | {"kind": "illegal", "action": -1}} for turn in turns]
    record["turns"] = [*refused, *record["turns"]]
    with (run.path / EPISODES).open("w") as file:
        for number in range(GAMES):
            file.write(json.dumps({"step": number // 16, **record, "number": number}) + "\n")
    rows = [{"step": n, "time": 1e9 + n, "eval/legal": n / 313, "train/loss": 1 / (n + 1)} for n in range(313)]
    run.append(METRICS, rows)
    return run


def start() -> None:
    """From the command to a page one can use."""
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        root = Path(folder)
        made_run(root)
        began = time.perf_counter()
        found = index.rebuild(root)
        built = time.perf_counter() - began
        print(f"index of {found.games:,} games and {found.plies:,} plies: {built:.1f} s")
        seconds = [usable(root, chromium) for _ in range(5)]
        print_row("figures, and then the list of games, with the index", seconds)
        index_files = [root / f"{index.FILE}{suffix}" for suffix in ("", "-wal", "-shm")]
        for path in index_files:
            path.unlink(missing_ok=True)
        print_row("the same without the index", [usable(root, chromium)])


def usable(root: Path, chromium: Any) -> tuple[float, float]:
    """Seconds from the command to the first figures, and to the list of games."""
    with served(root) as (_, port, began):
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_selector("text=iteration 312")
        page.wait_for_selector("figure.chart canvas")
        first = time.perf_counter() - began
        page.goto(f"http://127.0.0.1:{port}/#/games")
        page.wait_for_selector("table tbody tr >> nth=10", timeout=60_000)
        both = first, time.perf_counter() - began
        page.close()
    return both


def print_row(name: str, seconds: list[tuple[float, float]]) -> None:
    firsts, lists = zip(*seconds, strict=True)
    told = [f"median {statistics.median(s):.2f} s (worst {max(s):.2f} of {len(s)})" for s in (firsts, lists)]
    print(f"{name}: {told[0]}, {told[1]}")


RUN = """
import os, sys, json, time
from dataclasses import replace
from pathlib import Path
from training.presets import PRESETS
from training.loggers import FileLogger
from training.run_folder import create_run
from training.train import train
base = PRESETS["tic-tac-toe"]
config = replace(base, iterations=int(sys.argv[2]), threads=1, measure=replace(base.measure, solved=0))
run = create_run(Path(sys.argv[1]), sys.argv[3], config)
train(config, run, FileLogger(run))
"""


def training(pairs: int = 8, iterations: int = 12, pinned: bool = True) -> None:
    """What four open tabs take from a run beside them."""
    on = (["taskset", "-c", "0"], ["taskset", "-c", "1"]) if pinned else ([], [])
    ratios, used = [], []
    for pair in range(pairs):
        both = {}
        for watched in (False, True) if pair % 2 else (True, False):
            with tempfile.TemporaryDirectory() as folder:
                both[watched] = timed(Path(folder), iterations, on, watched=watched)
        ratios.append(both[True][0] / both[False][0])
        used.append(both[True][1] / both[False][1])
        print(f"pair {pair + 1}: {both[False][0]:.3f} s alone, {both[True][0]:.3f} s watched", flush=True)
    for name, found in (("an iteration, by the clock", ratios), ("an iteration, seconds of the processor", used)):
        mean, spread = statistics.mean(found), statistics.stdev(found) if len(found) > 1 else 0.0
        half = T8 * spread / len(found) ** 0.5
        told = f"{100 * (statistics.median(found) - 1):+.1f}% in the median, mean {100 * (mean - 1):+.1f}%"
        print(f"{name}: {told} ± {100 * half:.1f} ({len(found)} pairs)")


def timed(root: Path, iterations: int, on: tuple[list[str], list[str]], *, watched: bool) -> tuple[float, float]:
    """Seconds of the clock and of the processor that an iteration takes, the first left out; the mean of the others."""
    words = [*on[0], sys.executable, "-c", RUN, str(root), str(iterations), "run"]

    def run() -> tuple[float, float]:
        process = subprocess.Popen(words, env=os.environ | {"OMP_NUM_THREADS": "1"})
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0
        rows = [row["time"] for row in RunFolder(root / "run").metrics() if row["step"] > 0]
        return (rows[-1] - rows[0]) / (len(rows) - 1), (usage.ru_utime + usage.ru_stime) / iterations

    if not watched:
        return run()
    with served(root, *on[1]) as (server, port, _), browser() as chromium:
        if on[1]:
            for pid in descendants(os.getpid()):
                os.sched_setaffinity(pid, {1})
        pages = [chromium.new_page() for _ in range(TABS)]
        for page in pages:
            page.goto(f"http://127.0.0.1:{port}/#/now")
        if on[1]:
            for pid in descendants(os.getpid()):
                os.sched_setaffinity(pid, {1})
        found = run()
        assert server.poll() is None
        return found


def descendants(pid: int) -> list[int]:
    """Every process that came of `pid`."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def memory(minutes: float = 10) -> None:
    """The server's memory while a run is busy and clients come and go."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (server, port, _):
        root, over = Path(folder), threading.Event()
        doing: list[Callable[[], Any]] = [lambda: write(root, over), *[lambda: visit(port, over)] * CLIENTS]
        threads = [threading.Thread(target=do, daemon=True) for do in doing]
        for thread in threads:
            thread.start()
        began, found = time.monotonic(), []
        while (now := time.monotonic() - began) < 60 * minutes:
            time.sleep(5)
            kilobytes = int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{server.pid}/status").read_text()).group(1))  # type: ignore[union-attr]
            descriptors = len(list(Path(f"/proc/{server.pid}/fd").iterdir()))
            found.append((now / 60, kilobytes / 1024, descriptors))
            if len(found) % 12 == 0:
                print(f"{found[-1][0]:4.1f} min: {found[-1][1]:.1f} MB, {descriptors} descriptors", flush=True)
        over.set()
        for thread in threads:
            thread.join(20)
    late = [row for row in found if row[0] > min(3, minutes / 3)]
    slope = statistics.linear_regression([row[0] for row in late], [row[1] for row in late]).slope
    told = f"{late[0][1]:.1f} MB then, {late[-1][1]:.1f} MB at the end, at most {max(row[1] for row in found):.1f}"
    print(f"resident memory: {slope:+.2f} MB a minute; {told}; at most {max(row[2] for row in found)} descriptors")


def write(root: Path, over: threading.Event) -> None:
    """Write what a busy run writes: some fifty moves and five games a second, metrics twice."""
    run = create_run(root, "busy", Config())
    live, game, player = LiveGames(run.path, 4), game_named("tic-tac-toe"), RandomPlayer()
    for step in range(1, 10**9):
        told = live.iteration(step, 4 * step, 4)
        matches = [Match(4 * step + n, (player, player)) for n in range(4)]
        episodes = list(play(game, matches, seed=step, on_turn=told))
        run.append(EPISODES, [{"step": step, **to_record(episode)} for episode in episodes[:3]])
        run.append(METRICS, [{"step": step, "time": time.time(), "eval/legal": 0.5, "train/loss": 1 / step}])
        if over.wait(0.5):
            return


def visit(port: int, over: threading.Event) -> None:
    """A client: the page, its data, a stream for some seconds, gone; again and again."""
    draw = random.Random(threading.get_ident())
    asked = (
        "/",
        "/api/runs",
        "/api/games",
        "/api/metrics?run=busy",
        "/api/flags",
        "/api/game?run=busy",
        "/static/now.js",
    )
    while not over.wait(draw.uniform(0, 2)):
        try:
            for path in draw.sample(asked, 3):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                connection.request("GET", path)
                connection.getresponse().read()
                connection.close()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
            connection.request("GET", "/api/live")
            stream, until = connection.getresponse(), time.monotonic() + draw.uniform(1, 10)
            while time.monotonic() < until and stream.readline():
                pass
            connection.close()
        except OSError:
            time.sleep(1)


if __name__ == "__main__":
    tyro.extras.subcommand_cli_from_dict({"start": start, "training": training, "memory": memory})
