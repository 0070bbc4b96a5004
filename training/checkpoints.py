"""Checkpoints that are whole or absent, and read only if nothing in them has changed.

`checkpoints/<iteration>/` holds `model/` (Hugging Face's layout), `optimizer.safetensors`, `buffer.safetensors`,
`pool.safetensors`, `state.json`, and `manifest.json` with size and SHA-256 of each; the manifest's own stands in
`manifest.json.sha256`. (Safetensors alone reads a file with a flipped bit without a word.) All of it is written to a
folder beside, brought to the disk, and only then given its name. Nothing is ever pickled.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from llm_policy.checkpoint import load_model, save_model
from llm_policy.model import Transformer
from training.config import Config
from training.config_file import to_data
from training.examples import Examples
from training.learner import Learner, new_optimizer

KEEP_LAST = 2
KEEP_EVERY = 50
"""Iterations between two checkpoints that are kept for good, beside the last ones and the best."""
_NAME = re.compile(r"\d{6,9}", re.ASCII)
_MANIFEST, _SUM = "manifest.json", "manifest.json.sha256"
_MAX_JSON = 1 << 22


T = TypeVar("T")


class CheckpointError(OSError):
    """A checkpoint could not be written or read; what was there before still is."""


def save(learner: Learner, folder: Path, score: float | None = None) -> Path:
    """Write a checkpoint of `learner` into `folder`, then drop those no longer wanted.

    Args:
        folder: the run's `checkpoints/`.
        score: how good the learner was measured to be now, more being better; None where it was not measured.

    Raises:
        FloatingPointError: something is NaN or infinite; names it.
        CheckpointError: the disk is full, read-only, ...; the earlier checkpoints stand.
    """
    check_finite(learner)
    _refuse_link(folder)
    final = folder / f"{learner.iteration:06d}"
    part = folder / f".part-{os.getpid()}-{final.name}"
    try:
        folder.mkdir(exist_ok=True)
        for left in folder.glob(".part-*"):
            shutil.rmtree(left, ignore_errors=True)
        part.mkdir()
        _write(learner, part, score)
        if final.exists():
            # of the same run, iteration and step: it is damaged, or of a warm-up that was interrupted
            final.rename(part.with_name(part.name + "-old"))
        part.rename(final)
        _to_disk(folder)
    except Exception as error:  # tokenizers raises nothing more particular when the disk is full
        shutil.rmtree(part, ignore_errors=True)
        there = numbered(folder)
        stands = f"the one of iteration {int(there[-1].name)} stands" if there else "there is none before it"
        raise CheckpointError(
            f"the checkpoint of iteration {learner.iteration} could not be written to {folder} ({error}); {stands}"
        ) from error
    _retain(folder)
    return final


def _write(learner: Learner, folder: Path, score: float | None) -> None:
    save_model(learner.model, folder / "model")
    _write_tensors(folder / "optimizer.safetensors", _optimizer_tensors(learner))
    if learner.buffer is not None:
        buffer = {name: torch.from_numpy(field) for name, field in learner.buffer._asdict().items()}
        _write_tensors(folder / "buffer.safetensors", buffer)
    others = {str(number): past for number, past in enumerate(learner.pool)}
    if learner.reference is not None:
        others["reference"] = learner.reference
    pool = {f"{who}.{name}": w for who, model in others.items() for name, w in model.state_dict().items()}
    _write_tensors(folder / "pool.safetensors", pool)
    state = {
        "iteration": learner.iteration,
        "games": learner.games,
        "steps": learner.steps,
        "solved": learner.solved,
        "pool": len(learner.pool),
        "baselines": learner.baselines,
        "lr": [group["lr"] for group in learner.optimizer.param_groups],
        "score": score,
        "config": to_data(learner.config),
    }
    (folder / "state.json").write_text(json.dumps(state, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    manifest = {
        name: {"size": (folder / name).stat().st_size, "sha256": _sha256(folder / name)}
        for name in sorted(_files(folder))
    }
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    # as `sha256sum` writes it, which can so check it
    (folder / _SUM).write_text(f"{_sha256(folder / _MANIFEST)}  {_MANIFEST}\n", encoding="utf-8")
    for path in (*folder.rglob("*"), folder):
        _to_disk(path)


def _write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    path.write_bytes(safetensors.torch.save({name: tensor.detach().contiguous() for name, tensor in tensors.items()}))


def _optimizer_tensors(learner: Learner) -> dict[str, Tensor]:
    state = learner.optimizer.state
    return {
        f"{name}/{key}": value
        for name, parameter in learner.model.named_parameters()
        for key, value in state[parameter].items()
    }


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_finite(learner: Learner) -> None:
    """Whether all that would be kept is finite.

    Raises:
        FloatingPointError: names what is not.
    """
    tensors = dict(learner.model.named_parameters()) | _optimizer_tensors(learner)
    if learner.buffer is not None:
        buffer = learner.buffer._asdict()
        tensors |= {f"buffer/{name}": torch.from_numpy(field) for name, field in buffer.items()}
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise FloatingPointError(f"{name} is not finite at iteration {learner.iteration}; nothing was saved")
    for name, baseline in learner.baselines.items():
        if not math.isfinite(baseline):
            raise FloatingPointError(
                f"baseline {name} is {baseline} at iteration {learner.iteration}; nothing was saved"
            )


# What is there


def numbered(folder: Path) -> list[Path]:
    """The checkpoints by iteration; links and whatever has another name are none.

    Raises:
        CheckpointError: the folder is a link.
    """
    _refuse_link(folder)
    if not folder.is_dir():
        return []
    found = [p for p in folder.iterdir() if _NAME.fullmatch(p.name) and p.is_dir() and not p.is_symlink()]
    return sorted(found, key=lambda path: int(path.name))


def _refuse_link(folder: Path) -> None:
    """What is written and deleted behind a link would be somebody else's."""
    if folder.is_symlink():
        raise CheckpointError(f"{folder} is a link to {os.readlink(folder)}: a run keeps its checkpoints in a folder")


def last(folder: Path, say: Callable[[str], None] = lambda text: None) -> Path | None:
    """The newest intact checkpoint, None where none was ever made; damaged ones are told to `say` and passed over.

    Raises:
        CheckpointError: there are some, and all are damaged.
    """
    damage = ""
    for path in reversed(numbered(folder)):
        try:
            verify(path)
        except CheckpointError as error:
            damage = f"{error}"
            say(f"{error}; the checkpoint before it is used")
            continue
        return path
    if damage:
        raise CheckpointError(f"no checkpoint in {folder} is intact; the oldest: {damage}")
    return None


def best(folder: Path, say: Callable[[str], None] = lambda text: None) -> Path | None:
    """The intact checkpoint with the best score, the newest of equals; None where none was measured.

    Damaged ones are told to `say` and passed over.
    """
    intact = [(score, path) for path in numbered(folder) if (score := score_of(path, say)) is not None]
    return max(intact)[1] if intact else None


def best_score(folder: Path) -> float:
    """The score of the best one, minus infinity where none was measured."""
    path = best(folder)
    return score_of(path) or 0.0 if path else -math.inf


def score_of(path: Path, say: Callable[[str], None] = lambda text: None) -> float | None:
    """How good it was measured to be; None where it was not, or is damaged, which is told to `say`."""
    try:
        verify(path)
        score = _read_json(path / "state.json").get("score")
    except CheckpointError as error:
        say(f"{error}; it is passed over")
        return None
    return float(score) if isinstance(score, int | float) else None


def verify(path: Path) -> None:
    """Compare every file with the manifest.

    Raises:
        CheckpointError: one is missing, too much, or not as it was written; names it.
    """
    try:
        said = (path / _SUM).read_bytes()[:200]
        if said != f"{_sha256(path / _MANIFEST)}  {_MANIFEST}\n".encode():
            raise CheckpointError(f"{path / _MANIFEST} is damaged: its SHA-256 is not the one in {_SUM}")
        manifest = _read_json(path / _MANIFEST)
        there = set(_files(path))
        for name in sorted(manifest.keys() | there):
            if name not in manifest or name not in there:
                what = "is missing" if name in manifest else "does not belong there"
                raise CheckpointError(f"{path} is damaged: {name} {what}")
            size = (path / name).stat().st_size
            if size != manifest[name]["size"]:
                raise CheckpointError(f"{path / name} is damaged: {size} bytes instead of {manifest[name]['size']}")
            if _sha256(path / name) != manifest[name]["sha256"]:
                raise CheckpointError(f"{path / name} is damaged: its SHA-256 is not the one in the manifest")
    except (TypeError, KeyError) as error:
        raise CheckpointError(f"{path / _MANIFEST} is no manifest ({error})") from None
    except CheckpointError:
        raise
    except OSError as error:
        raise CheckpointError(f"{path} is damaged: {error}") from error


def _files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise CheckpointError(f"{path} is a link, which no checkpoint holds")
        if path.is_file() and name not in (_MANIFEST, _SUM):
            yield name


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_json(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _MAX_JSON:
        raise CheckpointError(f"{path} is too large for what it should be")
    try:
        data = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} is damaged: {error}") from None
    if not isinstance(data, dict):
        raise CheckpointError(f"{path} is damaged: not a JSON object")
    return data


# Reading


def load(path: Path, config: Config) -> Learner:
    """The learner as it was saved.

    Raises:
        CheckpointError: it is damaged, or belongs to another run; says what differs.
    """
    return _read(path, config, _load)


def load_policy(path: Path, config: Config) -> Transformer:
    """Its model alone, for playing; raises as `load` does."""
    return _read(path, config, _policy).eval().requires_grad_(False)


def _read(path: Path, config: Config, read: Callable[[Path, Config], T]) -> T:
    verify(path)
    try:
        return read(path, config)
    except (ValueError, KeyError, TypeError, AttributeError, SafetensorError, FileNotFoundError) as error:
        raise CheckpointError(f"{path} is no checkpoint of this run: {error}") from error


def _policy(path: Path, config: Config) -> Transformer:
    model = load_model(path / "model")
    if model.config != config.model:
        raise ValueError(f"its model is {model.config}, the config says {config.model}")
    learned = _read_json(path / "state.json")["config"]["game"]
    if learned != config.game:
        raise ValueError(f"it learned {learned}, and the run learns {config.game}")
    return model


def _load(path: Path, config: Config) -> Learner:
    model, state = _policy(path, config), _read_json(path / "state.json")
    learner = Learner(config, model, new_optimizer(model, config))
    for name in ("iteration", "games", "steps", "solved"):
        setattr(learner, name, int(state[name]))
    learner.baselines = {str(name): float(value) for name, value in state["baselines"].items()}
    _load_optimizer(learner, _read_tensors(path / "optimizer.safetensors"), state["lr"])
    if (path / "buffer.safetensors").exists():
        buffer = _read_tensors(path / "buffer.safetensors")
        learner.buffer = Examples(**{name: tensor.numpy() for name, tensor in buffer.items()})
    pool = _read_tensors(path / "pool.safetensors")
    learner.pool = [_frozen(pool, str(number), config) for number in range(int(state["pool"]))]
    if any(name.startswith("reference.") for name in pool):
        learner.reference = _frozen(pool, "reference", config)
    return learner


def _frozen(pool: dict[str, Tensor], who: str, config: Config) -> Transformer:
    model = Transformer(config.model)
    model.load_state_dict({name: pool[f"{who}.{name}"] for name in model.state_dict()})
    return model.eval().requires_grad_(False)


def _load_optimizer(learner: Learner, tensors: dict[str, Tensor], rates: list[float]) -> None:
    for name, parameter in learner.model.named_parameters():
        mine = {key.partition("/")[2]: value for key, value in tensors.items() if key.partition("/")[0] == name}
        if not mine:
            continue  # it never had a gradient
        for key, value in mine.items():
            if value.ndim and value.shape != parameter.shape:
                raise ValueError(f"optimizer: {name}/{key} has shape {tuple(value.shape)}")
        learner.optimizer.state[parameter] = mine
    for group, rate in zip(learner.optimizer.param_groups, rates, strict=True):
        group["lr"] = rate


def _read_tensors(path: Path) -> dict[str, Tensor]:
    # copies: memory as torch aligns it, so that kernels take the same road as before the checkpoint
    return {name: tensor.clone() for name, tensor in safetensors.torch.load(path.read_bytes()).items()}


# What is kept


def _retain(folder: Path) -> None:
    """Keep the last two, the best, and every fiftieth; and let `last` and `best` point at theirs, for people."""
    there = numbered(folder)
    leading = best(folder)
    for path in there[:-KEEP_LAST]:
        if path != leading and int(path.name) % KEEP_EVERY:
            # not a checkpoint any more before the first of its files goes
            gone = path.with_name(f".part-{path.name}")
            path.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
    for left in folder.glob(".part-*"):
        shutil.rmtree(left, ignore_errors=True)
    for name, target in (("last", there[-1]), ("best", leading)):
        with suppress(OSError):  # a convenience; there are file systems without links
            link = folder / f".link-{name}"
            link.unlink(missing_ok=True)
            if target is not None:
                link.symlink_to(target.name)
                link.replace(folder / name)
