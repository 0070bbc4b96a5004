"""`xueba watch`: the dashboard in the browser, or the games of one run in the terminal. It only ever reads."""

from __future__ import annotations

import errno
import os
import sys
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from xueba.arguments import parsed, runs_option
from xueba.console import err, hint


@dataclass(frozen=True)
class Watch:
    """Open the dashboard: all runs live, curves, games, flags; sit down and play.

    It serves this machine alone. From a server: ssh -L 8421:127.0.0.1:8421 HOST,
    then `xueba watch --no-browser` there; or --terminal.

    Examples:
      xueba watch
      xueba watch --port 9000 --no-browser
      xueba watch NAME --terminal
      xueba watch NAME --terminal --game 12 --speed 2
      xueba watch NAME --follow
      xueba watch NAME --game -1 --svg game.svg

    In the terminal, keys: o shows the run at a glance; left and right move through
    a game (or the lines of an answer, each checked), up and down between games (or
    questions), home, end; space plays, n finds the next broken rule or wrong
    answer, f follows, q quits.
    """

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="RUN")] = ""
    """which run or tournament, see `xueba list runs`; the newest unless one is named"""
    terminal: bool = False
    """in the terminal instead of the browser; so does naming a game, --follow or --svg"""
    port: int = 8421
    """of the dashboard; 0: any that is free"""
    no_browser: bool = False
    """only tell the address"""
    game: int | None = None
    """which of its recorded games or questions: 1 the first, -1 the last"""
    follow: bool = False
    """always go on to the newest game"""
    speed: float = 1.0
    """moves or lines a second when playing by itself"""
    svg: Path | None = None
    """write the game as a picture to this file instead"""
    runs: Path = Path("runs")
    """where runs are"""


def run(words: list[str]) -> int:
    """Serve the dashboard until interrupted, or show the games in the terminal.

    Raises:
        ValueError: no such game, or the speed or port makes no sense.
        FileNotFoundError: no such run.
        RuntimeError: the port is taken.
    """
    chosen = parsed(Watch, words, "watch [RUN]")
    if not 0.01 <= chosen.speed <= 100:
        raise ValueError(f"--speed is {chosen.speed:g}; it must be between 0.01 and 100 moves a second")
    if not 0 <= chosen.port <= 65535:
        raise ValueError(f"--port is {chosen.port}; it must be between 0 and 65535")
    if not (chosen.terminal or chosen.follow or chosen.svg is not None or chosen.game is not None):
        return _in_browser(chosen)
    from xueba.replay import replay
    from xueba.runs import chosen_folder, face_to_face

    folder = chosen_folder(chosen.runs, chosen.run)
    replay(folder, chosen.game, chosen.speed, follow=chosen.follow, svg=chosen.svg)
    if chosen.svg is None and not (folder.path / "config.json").is_file():
        game = "" if chosen.game is None or chosen.game < 0 else f"/{chosen.game}"
        hint(f"share it: xueba export {folder.name}{game} --html{runs_option(folder.path.parent)}")
    elif chosen.svg is None:
        hint(face_to_face(folder.config().game, folder.name, folder.path.parent))
    return 0


def _in_browser(chosen: Watch) -> int:
    from xueba.server import serve

    if chosen.run:
        from xueba.runs import chosen_folder

        chosen_folder(chosen.runs, chosen.run)
    chosen.runs.mkdir(parents=True, exist_ok=True)

    def ready(address: str) -> None:
        page = f"{address}#/now?runs={Path(chosen.run).name}" if chosen.run else address
        print(page, flush=True)
        err().print("Ctrl-C ends it; training goes on without it", style="dim")
        if not chosen.no_browser and _has_screen():
            webbrowser.open(page)

    try:
        serve(chosen.runs, host="127.0.0.1", port=chosen.port, ready=ready)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise RuntimeError(
            f"port {chosen.port} is taken, perhaps by another `xueba watch`: open http://127.0.0.1:{chosen.port}/, "
            "or take another one: --port 0"
        ) from None
    hint(f"measure a run: xueba eval NAME{runs_option(chosen.runs)}")
    return 0


def _has_screen() -> bool:
    """Whether a browser would have a screen: on a server without one, a text browser would take the terminal."""
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
