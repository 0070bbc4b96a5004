"""`xueba`: the front door. Each command is a module of this package, imported only when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "train": ("xueba.train", "learn a game or a problem from random weights, with live progress"),
    "watch": ("xueba.watch", "see what a run plays or answers, and what it thinks"),
    "play": ("xueba.play", "sit down against any player, or try a problem yourself"),
    "arena": ("xueba.arena", "chess with talk, and a referee that catches invented rules"),
    "persuade": ("xueba.persuade", "what messages make players do: the same positions, other words"),
    "eval": ("xueba.evaluate", "measure what a run has learned, with intervals"),
    "match": ("xueba.match", "let two players play each other"),
    "audit-reward": ("xueba.audit_reward", "replay hacks and hostile replies against a reward"),
    "games": ("xueba.games", "find games by what happened in them, in all runs"),
    "export": ("xueba.export", "one game as a page, a picture, a moving picture, or PGN"),
    "report": ("xueba.report", "a run or tournament as one page and one text"),
    "reindex": ("xueba.reindex", "make the index of games again"),
    "list": ("xueba.listing", "games, problems, players, presets and runs"),
    "bench": ("xueba.bench", "speed beside that of other libraries"),
}

HELP = """usage: xueba COMMAND [...]

A small language model learns games by playing itself, and problems by being
checked line by line, from nothing but rules.

Commands (each has its own --help):
{commands}

Examples:
  xueba train                           tic-tac-toe, in about five minutes
  xueba train connect-four --seed 3     another preset, one field changed
  xueba train addition                  a problem, learned from worked solutions
  xueba watch                           what the newest run does, live
  xueba play tic-tac-toe --against perfect

--debug (or XUEBA_DEBUG=1) shows where an error came from; --version tells the version.
"""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; the exit status: 0 done, 1 failed, 2 not understood, 130 interrupted."""
    given = list(sys.argv[1:] if words is None else words)
    debug = "--debug" in given or os.environ.get("XUEBA_DEBUG", "") not in ("", "0")
    given = [word for word in given if word != "--debug"]
    for stream in (sys.stdout, sys.stderr):
        # a terminal that cannot show a character shows a question mark instead
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        status = _run(given)
        # here, where a reader that has gone can still be noticed
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print("\nxueba: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # whoever read our output has seen enough; what is left must not be flushed into the void at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except Exception as error:
        # the one place where every failure becomes a sentence
        if debug:
            raise
        from xueba.console import fail, sentence

        fail(sentence(error))
        return 1


def _run(given: list[str]) -> int:
    if not given or given[0] in ("-h", "--help", "help"):
        lines = (f"  {name:<14}{about}" for name, (_, about) in COMMANDS.items())
        print(HELP.format(commands="\n".join(lines)), end="")
        return 0
    if given[0] == "--version":
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"xueba {version('xueba')}")
        except PackageNotFoundError:
            print("xueba, from a source folder that is not installed")
        return 0
    if given[0] not in COMMANDS:
        from envs.lookup import not_found
        from xueba.console import fail

        fail(not_found("command", given[0], COMMANDS))
        return 2
    try:
        run = import_module(COMMANDS[given[0]][0]).run
        return int(run(given[1:]))
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1


if __name__ == "__main__":
    sys.exit(main())
