"""Golden playthroughs and questions: a change of rules, names, pictures, wording or solutions shows as a difference
between two texts.

Where a change is meant, write them anew and look at the difference:

    python tests/test_golden.py && git diff tests/golden
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from envs import GAMES
from envs.game import Game, Ints, padded, random_actions, replay
from envs.problem import TRAIN, Problem, questions
from envs.problems import PROBLEMS
from envs.random_streams import stream_keys, uniform
from envs.render import status, text

FOLDER = Path(__file__).parent / "golden"
TRIED = 4096


def random_games(game: Game) -> tuple[Ints, Ints]:
    """Histories (`[TRIED, max_plies]`) and the first player's results (`[TRIED]`) of random games."""
    chance = uniform(stream_keys(0, np.arange(TRIED)), game.max_plies)
    histories = np.full((TRIED, game.max_plies), -1, np.int64)
    state = game.initial(TRIED)
    for ply in range(game.max_plies):
        actions = random_actions(game.legal_mask(state), chance[:, ply])
        histories[:, ply] = np.where(game.done(state), -1, actions)
        state = game.step(state, actions)
    return histories, game.returns(state)[:, 0].astype(np.int64)


def transcript(game: Game) -> str:
    """One random game each that is won, lost and drawn by who begins, position by position."""
    histories, results = random_games(game)
    parts = [f"{game.name}\nboard: {game.shape[0]} x {game.shape[1]}\nmoves: {' '.join(game.moves)}"]
    for result, word in ((1, "X wins"), (-1, "O wins"), (0, "a draw")):
        found = np.flatnonzero(results == result)
        if not len(found):
            continue
        number = int(found[0])
        history = [int(action) for action in histories[number] if action >= 0]
        parts.append(f"# game {number}: {word}\n# {' '.join(game.moves[action] for action in history)}")
        for ply in range(len(history) + 1):
            state = replay(game, padded([history[:ply]]))
            legal = [name for name, allowed in zip(game.moves, game.legal_mask(state)[0], strict=True) if allowed]
            last = history[ply - 1] if ply else None
            seat, (first, second) = game.to_move(state)[0], game.returns(state)[0].astype(int)
            facts = f"ply {ply}; seat {seat}; {status(game, state)}; returns {first} {second}"
            parts.append(f"{facts}\nlegal: {' '.join(legal) or '-'}\n{text(game, state, 0, last)}")
    return "\n\n".join(parts) + "\n"


def question_paper(problem: Problem) -> str:
    """The first three questions of each level with their worked solutions and answers."""
    parts = [f"{problem.name}: {problem.title}"]
    for level in range(1, problem.levels + 1):
        for number, task in enumerate(questions(problem, np.full(3, TRAIN), np.full(3, level), np.arange(3))):
            parts.append(f"# level {level}, question {number}\n{task.question}\n\n{task.solution}\n\n{task.answer}")
    return "\n\n".join(parts) + "\n"


def golden(name: str) -> str:
    return transcript(GAMES[name]) if name in GAMES else question_paper(PROBLEMS[name].problem)


@pytest.mark.parametrize("name", [*GAMES, *PROBLEMS])
def test_the_text_is_as_it_was(name: str) -> None:
    path = FOLDER / f"{name}.txt"
    assert path.exists(), "for a new one: python tests/test_golden.py"
    assert golden(name) == path.read_text(encoding="utf-8"), "if this is meant: python tests/test_golden.py"


def test_there_is_no_text_without_its_game_or_problem() -> None:
    assert {path.stem for path in FOLDER.iterdir()} <= {*GAMES, *PROBLEMS}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in (*GAMES, *PROBLEMS):
        (FOLDER / f"{each}.txt").write_text(golden(each), encoding="utf-8")
