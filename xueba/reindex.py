"""`xueba reindex`: make the index of games, flags and claims again from the files of the runs."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from xueba import index
from xueba.arguments import parsed, runs_option
from xueba.console import err, hint


@dataclass(frozen=True)
class Reindex:
    """Make the index of games, flags and claims again, from the runs' own files.

    `xueba games` and `xueba watch` keep it up by themselves; this is for an
    index that is damaged.

    Examples:
      xueba reindex
      xueba reindex --runs elsewhere
    """

    runs: Path = Path("runs")
    """where runs are"""


def run(words: list[str]) -> int:
    """Make the index again.

    Raises:
        FileNotFoundError: there is no folder of runs.
    """
    chosen = parsed(Reindex, words, "reindex")
    began = time.perf_counter()
    with err().status("reading the runs") as status:
        found = index.rebuild(
            chosen.runs, lambda done, of: status.update(f"reading the runs: {done / max(1, of):.0%} of {of >> 20} MB")
        )
    seconds = time.perf_counter() - began
    print(f"{found.games:,} games with {found.plies:,} plies of {found.runs} runs in {seconds:.1f} s")
    if found.damaged:
        print(f"{found.damaged} damaged lines were passed over", file=sys.stderr)
    hint(f"ask it: xueba games --where flag=malformed{runs_option(chosen.runs)}")
    return 0
