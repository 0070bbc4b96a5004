"""Which run is meant, and which of its checkpoints."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from envs.lookup import did_you_mean
from envs.problems import PROBLEMS
from training.run_folder import RunFolder, check_name, find_run, list_runs
from training.worlds import is_elsewhere, world_of
from xueba import index
from xueba.arguments import runs_option
from xueba.console import fail


def chosen_run(root: Path, name: str = "") -> RunFolder:
    """The run that `name` stands for: one in `root`, or the path of one; without a name the newest.

    Raises:
        ValueError: it is no name of a run.
        FileNotFoundError: there is no such run; says which was probably meant.
    """
    if not name:
        runs = list_runs(root)
        if not runs:
            raise FileNotFoundError(f"there is no run in {root} yet; begin one: xueba train{runs_option(root)}")
        return _with_questions(runs[-1])
    path = Path(name)
    # what the shell completes: runs/NAME or runs/NAME/
    return _with_questions(find_run(path.parent, path.name) if path.parent != Path() else find_run(root, name))


def chosen_folder(root: Path, name: str = "") -> RunFolder:
    """The same, tournaments among them: of those there is no config, but games, events and the like.

    Raises:
        ValueError: it is no name of a run.
        FileNotFoundError: there is no such run or tournament; says which was probably meant.
    """
    path = Path(name)
    root, name = (path.parent, path.name) if path.parent != Path() else (root, name)
    there = {folder.name: folder for folder in sorted(index.run_folders(root), key=index.began)}
    name = name or next(reversed(there), "")
    if name in there and not (there[name] / "config.json").is_file():
        return RunFolder(there[name])
    if there and name not in there:
        check_name(name)
        told = ", ".join(list(there)[-10:])
        raise FileNotFoundError(f"no run is called {name!r} in {root} (there are: {told}){did_you_mean(name, there)}")
    return chosen_run(root, name)


def _with_questions(run: RunFolder) -> RunFolder:
    """Whoever reads the run finds its questions among PROBLEMS, if they can still be read."""
    with suppress(ValueError, OSError):
        config = run.config()
        if is_elsewhere(config.game):
            world_of(config)
    return run


def face_to_face(world: str, run: str, root: Path) -> str:
    """What to type to meet what this run has learned, and why one would."""
    why = "try its questions:  " if world in PROBLEMS else "sit down against it:"
    return f"{why} xueba play {world} --against run:{run}{runs_option(root)}"


def checkpoint_of(run: RunFolder, which: str = "") -> Path:
    """`best` (the last where none was measured; so without a name), `last`, or the one of an iteration.

    Damaged ones that are passed over are told on stderr.

    Raises:
        ValueError: `which` is none of these.
        FileNotFoundError: there is no such checkpoint; says which there are.
        training.checkpoints.CheckpointError: it is damaged.
    """
    from training import checkpoints

    folder = run.checkpoints
    if which in ("", "best", "last"):
        found = (checkpoints.best(folder, fail) if which != "last" else None) or checkpoints.last(folder, fail)
        if found is None:
            raise FileNotFoundError(f"run {run.name} has no checkpoint yet")
        return found
    if not (which.isascii() and which.isdecimal() and len(which) <= 9):
        raise ValueError(f"{which[:40]!a} is no checkpoint: say best, last, or the number of an iteration")
    there = {int(path.name): path for path in checkpoints.numbered(folder)}
    if int(which) not in there:
        raise FileNotFoundError(f"run {run.name} has no checkpoint {which} (there are: {', '.join(map(str, there))})")
    checkpoints.verify(there[int(which)])
    return there[int(which)]
