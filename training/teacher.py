"""The teacher of a distillation: a model that stands somewhere as a run or a folder, and is only read."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from training.config import Config

if TYPE_CHECKING:
    from llm_policy.model import Transformer

WEIGHTS, SHAPE = "model.safetensors", "config.json"


def teacher_folder(config: Config) -> Path:
    """The folder of the teacher's model: the best checkpoint of a run, or the folder itself.

    Raises:
        ValueError: none is named, or there is no model; says what to name.
    """
    from training import checkpoints

    name = config.distillation.teacher
    if not name:
        raise ValueError("distillation needs a teacher: --distillation.teacher runs/NAME, or the folder of a model")
    path = Path(name)
    if (path / WEIGHTS).is_file():
        return path
    damage: list[str] = []
    found = checkpoints.best(path / "checkpoints", damage.append) or checkpoints.last(path / "checkpoints")
    if damage:  # another teacher than the one that was meant
        raise ValueError(f"config field distillation.teacher: {damage[0]}; name the model's folder to use another")
    if found is None:
        raise ValueError(
            f"config field distillation.teacher is {name[:200]!a}: there is neither a run with a checkpoint nor a "
            f"folder with a {WEIGHTS}"
        )
    return found / "model"


def teacher_sum(config: Config) -> str | None:
    """The sha256 of the teacher's model, without which a run does not go on; None where there is no teacher."""
    if config.algorithm != "distillation":
        return None
    folder = teacher_folder(config)
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in (WEIGHTS, SHAPE))).hexdigest()


def teacher_of(config: Config) -> Transformer:
    """The teacher, for reading alone.

    Raises:
        ValueError, OSError: there is none, or it cannot be read; says why.
    """
    from llm_policy.checkpoint import load_model

    return load_model(teacher_folder(config)).eval().requires_grad_(False)
