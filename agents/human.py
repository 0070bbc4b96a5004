"""A person at the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches

import numpy as np

from agents.agent import Reply, View
from envs.game import replay
from envs.render import MARKS, text
from envs.reply import format_reply

RESIGNATION = format_reply("I give up.", "resign")
"""No move of any game, so the rules call the game lost."""
_RESIGN = ("quit", "resign", "exit", "q")


class HumanPlayer:
    """Shows the board and asks until it reads a legal move; `quit` or the end of the input resigns.

    Args:
        read: given the prompt, one line of input, or EOFError (as `input`).
        write: prints one text (as `print`).
    """

    name = "human"

    def __init__(self, read: Callable[[str], str] = input, write: Callable[[str], None] = print) -> None:
        self._read = read
        self._write = write

    def act(self, views: Sequence[View]) -> list[Reply]:
        """One reply for each view, asked for one after the other."""
        return [self._ask(view) for view in views]

    def _ask(self, view: View) -> Reply:
        # only legal moves and resignations leave here: whoever is asked again has resigned
        if view.attempt:
            return Reply(RESIGNATION)
        game = view.game
        state = replay(game, np.array([view.history], np.int64).reshape(1, -1))
        legal = [move for move, allowed in zip(game.moves, game.legal_mask(state)[0], strict=True) if allowed]
        last = view.history[-1] if view.history else None
        if last is not None:
            self._write(f"{MARKS[2 - view.seat]} has played {game.moves[last]}.")
        self._write(text(game, state, 0, last))
        while True:
            try:
                said = self._read(f"You are {MARKS[1 + view.seat]}. Your move ({' '.join(legal)}, or quit): ").strip()
            except UnicodeDecodeError:
                said = "\ufffd"
            # ValueError: the input has been closed
            except (EOFError, ValueError):
                return Reply(RESIGNATION)
            if said in legal:
                return Reply(format_reply("chosen by a person", said))
            if said.lower() in _RESIGN:
                return Reply(RESIGNATION)
            self._write(_hint(said, legal, game.moves))


def _hint(said: str, legal: Sequence[str], moves: Sequence[str]) -> str:
    """What is wrong with the line `said`, in plain ASCII: it may hold anything."""
    if said in moves:
        return f"{said} is not allowed here."
    short = said[:40]
    close = get_close_matches(short, [*legal, *_RESIGN], n=1)
    hint = f"; did you mean {close[0]}?" if close else "."
    return f"{short!a} is no move{hint}"
