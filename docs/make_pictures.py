"""The pictures of README, out of a real run.

    python docs/make_pictures.py runs/tic-tac-toe --until 20

writes `docs/pictures/train.svg`, the display of training as it stood after that iteration, and
`docs/pictures/game.svg`, a game recorded by then.
"""

from __future__ import annotations

from pathlib import Path

import tyro

from training.run_folder import EPISODES, RunFolder
from xueba.picture import progress_of, write_svg
from xueba.recorded import Recorded
from xueba.scene import picture


def main(run: tyro.conf.Positional[Path], until: int = 10**9, out: Path = Path(__file__).parent / "pictures") -> None:
    """Draw `run` as it stood after the iteration `until`."""
    folder = RunFolder(run)
    write_svg(progress_of(folder, until), out / "train.svg", "xueba train")
    recorded = Recorded(folder.path / EPISODES)
    games = [recorded.game(index) for index in range(recorded.refresh())]
    step, episode = max((game for game in games if game[0] <= until), key=lambda game: game[0])
    write_svg(picture(episode), out / "game.svg", f"{episode.game}, iteration {step}")


if __name__ == "__main__":
    tyro.cli(main)
