"""The pictures of README, out of real runs.

    python docs/make_pictures.py train runs/tic-tac-toe --until 20   # train.svg, game.svg: the terminal
    python docs/make_pictures.py dashboard runs                      # dashboard.png: the page Now of the newest run
    python docs/make_pictures.py story                               # story.png: the arena's demo, its worst moment

They go to `docs/pictures`. Every page, themes and widths: `XUEBA_SHOTS=DIR pytest -m slow tests/test_dashboard.py`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import tyro

from training.run_folder import EPISODES, RunFolder
from xueba.picture import progress_of, write_svg
from xueba.recorded import Recorded
from xueba.scene import picture

PICTURES = Path(__file__).parent / "pictures"


def train(run: tyro.conf.Positional[Path], until: int = 10**9, out: Path = PICTURES) -> None:
    """Draw `run` as it stood after the iteration `until`."""
    folder = RunFolder(run)
    write_svg(progress_of(folder, until), out / "train.svg", "xueba train")
    recorded = Recorded(folder.path / EPISODES)
    games = [recorded.game(index) for index in range(recorded.refresh())]
    step, episode = max((game for game in games if game[0] <= until), key=lambda game: game[0])
    write_svg(picture(episode), out / "game.svg", f"{episode.game}, iteration {step}")


def dashboard(runs: tyro.conf.Positional[Path], page: str = "#/now", out: Path = PICTURES / "dashboard.png") -> None:
    """Open a page of the dashboard over `runs` in Chromium, and keep what is seen."""
    from playwright.sync_api import sync_playwright

    command = [sys.executable, "-m", "xueba", "watch", "--no-browser", "--port", "0", "--runs", str(runs)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        found = re.match(rb"http://[\d.]+:\d+/", server.stdout.readline())
        assert found is not None
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            opened = browser.new_page(viewport={"width": 1400, "height": 900}, device_scale_factor=1)
            opened.goto(found.group().decode() + page)
            opened.wait_for_selector("main h1")
            opened.wait_for_timeout(1500)
            out.parent.mkdir(parents=True, exist_ok=True)
            opened.screenshot(path=str(out))
            browser.close()
    finally:
        server.terminate()
        server.wait(20)


def story(out: Path = PICTURES / "story.png") -> None:
    """The worst moment of the story that the arena's demo tells."""
    from xueba.demo import demo

    with tempfile.TemporaryDirectory() as folder:
        demo(Path(folder), Path(folder) / "runs")
        shutil.copyfile(Path(folder) / "worst.png", out)


if __name__ == "__main__":
    tyro.extras.subcommand_cli_from_dict({"train": train, "dashboard": dashboard, "story": story})
