"""`xueba bench`: run the measurements of benchmarks/, which a source checkout has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import fill

from envs.lookup import not_found
from xueba.console import err

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"
HELP = """usage: xueba bench [NAME [--field value ...]]

Measure speed beside other libraries, as ratios within one run; without a name,
all benchmarks, one after the other.
What follows a name goes to that benchmark.

Examples:
  xueba bench
  xueba bench environments --batch 1024
"""


def run(words: list[str]) -> int:
    """Run one benchmark, or all; the exit status of the first that failed.

    Raises:
        ValueError: no benchmark has this name.
        RuntimeError: this is not a source checkout.
    """
    names = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
    if words and words[0] in ("-h", "--help"):
        print(HELP, fill("benchmarks: " + (", ".join(names) or "none here"), 80), sep="\n")
        return 0
    if not names:
        raise RuntimeError("the benchmarks are part of the source checkout, not of the installed package; run it there")
    if words and words[0] not in names:
        raise ValueError(not_found("benchmark", words[0], names))
    chosen = words[:1] or names
    paths = [str(FOLDER.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    failed = 0
    for name in chosen:
        err().print(f"benchmark {name}", style="bold")
        ended = subprocess.run([sys.executable, str(FOLDER / f"{name}.py"), *words[1:]], env=environment, check=False)
        failed = failed or ended.returncode
    return failed
