"""A model that has read games as nothing but their moves, at the arena's table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import chess
import torch

from agents.agent import Reply, View, keys_of
from envs.arena import Arena
from envs.problem import Task
from envs.problems.chess_moves import asked
from llm_policy.decoder import Decoder, current_decoder
from llm_policy.model import Transformer
from llm_policy.prompts import question_tokens
from llm_policy.sampler import generate
from llm_policy.tokenizer import decode


@dataclass
class GamePlayer:
    """Is told the game so far in UCI and answers with a move; it hears no messages and says nothing.

    It knows what it has read: games from the usual beginning, and of a length like those. The referee tells what its
    moves are worth.
    """

    model: Transformer
    name: str
    temperature: float = 0.0
    """where it is 0, tries after a refusal are drawn at 1: the most probable reply would be refused again"""
    max_new: int = 24
    """longest reply, in tokens"""
    _decoder: Decoder | None = field(default=None, init=False, repr=False, compare=False)

    def act(self, views: Sequence[View]) -> list[Reply]:
        """One reply for each view.

        Raises:
            RuntimeError: the game began elsewhere, or has more moves than the model can be told.
        """
        tasks = [Task(asked(moves_of(cast(Arena, view.game), view.history)), "", "") for view in views]
        prompts, lengths = question_tokens(tasks)
        room = self.model.config.context - self.max_new
        if int(lengths.max()) > room:
            raise RuntimeError(f"{self.name} can be told {room // 4} moves, and this game has more: set --plies")
        decoder = self._decoder = current_decoder(self.model, None, self._decoder)
        written = generate(
            decoder,
            torch.from_numpy(prompts).to(decoder.device),
            torch.from_numpy(lengths).to(decoder.device),
            max_new=self.max_new,
            temperature=self.temperature or float(all(view.attempt for view in views)),
            keys=keys_of(views),
        )
        rows = zip(written.tokens.tolist(), written.lengths.tolist(), strict=True)
        return [Reply(decode(tokens[:length]), spent=length) for tokens, length in rows]


def moves_of(arena: Arena, history: Sequence[int]) -> list[str]:
    """The moves of a game in UCI, those that were illegal and accepted among them.

    Raises:
        RuntimeError: it did not begin from the usual position.
    """
    if arena.board.fen() != chess.STARTING_FEN:
        raise RuntimeError("a run that has read games knows those from the usual beginning only")
    found = []
    for ply, action in enumerate(history):
        letter, squares = arena.moves[action][0], arena.moves[action][1:5]
        before = arena.position(history[:ply]).agreed
        pawn = before.piece_type_at(chess.parse_square(squares[:2])) == chess.PAWN
        found.append(squares + (letter.lower() if pawn and letter != "P" else ""))
    return found
