"""The process that asks a reward of the user's own (`training.user_reward`): its words are a file and a function."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

_FILE, _FUNCTION = sys.argv[1:3]
sys.path.insert(0, str(Path(_FILE).parent))
_NAMES = runpy.run_path(_FILE)
if not callable(_NAMES.get(_FUNCTION)):
    _THERE = [name for name, value in _NAMES.items() if callable(value) and not name.startswith("_")]
    raise AttributeError(f"there is no function {_FUNCTION!r} in {_FILE} (there are: {', '.join(_THERE) or 'none'})")


def answer(request: dict[str, str]) -> float:
    """What the function says of `question`, `reply` and the right `answer`."""
    value: Any = _NAMES[_FUNCTION](request["question"], request["reply"], request["answer"])
    return float(value)
