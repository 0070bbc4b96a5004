"""Who can sit down at the table of the arena by name: `honest`, `uci:stockfish?skill=3`, `chat:MODEL@URL`, ..."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import chess
import numpy as np

from agents.agent import Agent, Reply, View
from agents.chat import ChatPlayer, chat_named
from agents.chess_prompts import played, quoted
from agents.engine_judge import EngineJudge
from agents.scripted import SCRIPTED, Script, Scripted, bender, draws, honest, liar, reply
from agents.uci_engine import EnginePlayer, engine_named
from envs.arena import OVER, Arena, Position, State, parse_said
from envs.lookup import not_found

Factory = Callable[[str, str], Agent]
"""Makes a player from its whole name and from what stands behind the colon, which may be empty."""
_RESIGN = ("quit", "resign", "exit", "q")


def _random(view: View, at: Position) -> Reply:
    if at.over:
        return reply(OVER, "no move is left")
    moves = sorted(move.uci() for move in at.agreed.legal_moves)
    return reply(moves[int(draws(view.key, 1)[0] * len(moves))], "any legal move")


def _scripted(script: Script) -> Factory:
    def made(name: str, option: str) -> Agent:
        if option:
            raise ValueError(f"this player takes nothing behind its name, not {option[:80]!r}")
        return Scripted(name, script)

    return made


def _honest(name: str, option: str) -> Agent:
    """By its own moves, or those of the engine behind its name."""
    if not option:
        return Scripted(name, SCRIPTED["honest"])
    player = _engine(name, option)
    return Scripted(name, honest(player.move), player.close)


def _liar(name: str, option: str) -> Agent:
    if not option:
        return Scripted(name, SCRIPTED["liar"])
    player = _engine(name, option)
    judge = EngineJudge(player.config)

    def close() -> None:
        player.close()
        judge.close()

    return Scripted(name, liar(player.move, judge), close)


def _bender(name: str, option: str) -> Agent:
    return Scripted(name, bender(option))


def _engine(name: str, option: str) -> EnginePlayer:
    player = EnginePlayer(engine_named(option), name)
    player.check()
    return player


def _chat(name: str, option: str) -> Agent:
    return ChatPlayer(chat_named(option), name)


def _human(name: str, option: str) -> Agent:
    if option:
        raise ValueError(f"human takes nothing behind its name, not {option[:80]!r}")
    return Person(name)


PLAYERS: dict[str, Factory] = {
    "random": _scripted(_random),
    "honest": _honest,
    "liar": _liar,
    "believer": _scripted(SCRIPTED["believer"]),
    "sceptic": _scripted(SCRIPTED["sceptic"]),
    "bender": _bender,
    "uci": _engine,
    "chat": _chat,
    "human": _human,
}
ABOUT = {
    "random": "any legal move",
    "honest": "keeps its material, says nothing but what is so",
    "liar": "plays like honest, and says what is not so (honest:ENGINE, liar:ENGINE: an engine's moves)",
    "bender:CLASS": "plays an illegal move of this class where it can, with a story; CLASS?rate=0.2: now and then",
    "believer": "accepts everything, resigns when told to",
    "sceptic": "protests against everything illegal",
    "uci:ENGINE": "a UCI engine: uci:stockfish?skill=3&nodes=2000, uci:PATH?elo=1500",
    "chat:MODEL@URL": "a chat model: chat:gpt?temperature=0.7&tokens=200000, key in OPENAI_API_KEY",
    "human": "you, at this terminal",
}


def arena_player(name: str, players: Mapping[str, Factory] = PLAYERS, called: str = "") -> Agent:
    """The player of this name; at the table it may be `called` something else, where two have the same.

    Raises:
        ValueError: there is no such player, or what stands behind its name is wrong; says what.
        RuntimeError: it needs something that is not installed; says how to install it.
    """
    kind, _, option = name.partition(":")
    if kind not in players:
        raise ValueError(not_found("player of the arena", kind, players))
    return players[kind](called or name, option)


@dataclass
class Person:
    """Somebody at the terminal; the table judges every reply before it is given, so that a slip costs nothing.

    Args:
        read: given the prompt, one line, or EOFError (as `input`).
        write: prints one text (as `print`).
    """

    name: str = "human"
    read: Callable[[str], str] = input
    write: Callable[[str], None] = print

    def act(self, views: Sequence[View]) -> list[Reply]:
        """One reply for each view, asked for one after the other."""
        return [self._ask(view) for view in views]

    def _ask(self, view: View) -> Reply:
        arena = cast(Arena, view.game)
        at = arena.position(view.history)
        self._show(view, at)
        protests = arena.mode == "no_referee" and bool(view.history)
        side = "White" if at.agreed.turn == chess.WHITE else "Black"
        asked = f"You are {side}. Move (say: a message{', protest' * protests}, draw, resign): "
        message = ""
        while True:
            try:
                said = self.read(asked).strip()
                if said.lower().startswith("say:"):
                    message, said = said[4:].strip().replace("<", "‹"), self.read("and your move: ").strip()
                stance = "protest" if protests and said.lower() == "protest" else ""
                if stance:
                    # one against a legal move is dismissed, and nothing here may tell which it is
                    said = OVER if at.over else self.read("and your move, if it is dismissed: ").strip()
            except UnicodeDecodeError:
                said, stance = "\ufffd", ""
            # ValueError: the input has been closed
            except (EOFError, ValueError):
                return Reply("<answer>resign</answer>")
            if at.over and said.lower() not in (OVER, *_RESIGN):
                self.write("Answer accept, protest or resign.")
                continue
            answer = "resign" if said.lower() in _RESIGN else said.replace("<", "‹")[:100]
            found = reply(answer, "chosen by a person", say=message, stance=stance)
            (verdict,) = arena.judge(State(np.array([at], object)), [found.text])
            if verdict.action >= 0:
                return found
            self.write(verdict.ruling.en if verdict.ruling else verdict.reason)
            if parse_said(found.text).fault:
                message = ""  # it is too long: a person makes no other fault of form

    def _show(self, view: View, at: Position) -> None:
        """What has happened, what it asks for, and the board."""
        if view.history:
            self.write(f"The other player has played {played(view, len(view.history) - 1)}.")
        for seat, said in view.heard[-1:]:
            if seat != view.seat:
                self.write(f"It says:\n{quoted(said)}")
        hints = {
            "If that stands, the game is over: answer accept, protest or resign.": at.over,
            "It offers a draw: answer draw to accept.": at.offered,
        }
        for hint in (text for text, holds in hints.items() if holds):
            self.write(hint)
        for why in view.refused[-1:]:
            self.write(f"Refused: {why}")
        self.write(at.agreed.unicode(borders=True, empty_square="·", orientation=at.agreed.turn))
