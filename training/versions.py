"""On what a run was made: bit-identical results are promised on the same of it. With other code, libraries, precision,
questions, teacher or reward a run does not go on; another Python or machine is told.
"""

from __future__ import annotations

import hashlib
import platform
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from training.config import Config
from training.teacher import teacher_sum
from training.user_reward import own_sums
from training.worlds import origin

ROOT = Path(__file__).parent.parent
ROOMS = ("envs", "agents", "llm_policy", "training")
"""Whose source shapes the numbers; what only shows them may change."""
BINDING = ("torch", "numpy", "dtype", "code", "dataset", "teacher", "rewards")
"""What a run does not go on without being asked to; a change of the rest is only told."""


def versions(config: Config) -> dict[str, Any]:
    """Everything by name, as plain data."""
    import torch

    from llm_policy.policy_value import inference_dtype

    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "dtype": str(inference_dtype()),
        "platform": platform.platform(),
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "threads": config.threads,
        "seed": config.seed,
        "commit": _commit(),
        "code": code(ROOT),
        "dataset": origin(config),
        "teacher": teacher_sum(config),
        "rewards": own_sums(list(config.policy_gradient.rewards)),
    }


def code(root: Path) -> dict[str, str]:
    """The beginning of the sha256 of each file of source or data of `ROOMS`."""
    files = sorted(path for room in ROOMS for kind in ("*.py", "*.json") for path in (root / room).rglob(kind))
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in files}


def differences(before: dict[str, Any], now: dict[str, Any]) -> dict[str, str]:
    """What of `now` was not so `before`, each as a sentence."""
    changed = {
        name: f"{name} was {before.get(name)!r}, is {now[name]!r}" for name in now if before.get(name) != now[name]
    }
    if "code" in changed:
        changed["code"] = _changed_files(before.get("code"), now["code"])
    if "dataset" in changed:
        changed["dataset"] = _changed_questions(before.get("dataset"), now["dataset"])
    return changed


def _changed_questions(before: object, now: object) -> str:
    had, have = (files if isinstance(files, dict) else {} for files in (before, now))
    names = sorted(str(name)[:200] for name in {*had, *have} if had.get(name) != have.get(name))
    told = (f"{name!a} was {str(had.get(name))[:16]}, is {str(have.get(name))[:16]}" for name in names[:3])
    return f"the questions are others (sha256 of {'; '.join(told)})"


def _changed_files(before: object, now: dict[str, str]) -> str:
    if not isinstance(before, dict):
        return "its code was not recorded"
    files = sorted(str(file)[:80] for file in {*before, *now} if before.get(file) != now.get(file))
    return f"the code of {', '.join(files[:3])}{f' and {len(files) - 3} more' * (len(files) > 3)} has changed"


def _commit() -> str | None:
    """The commit of the source, where it is a git checkout."""
    command = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
