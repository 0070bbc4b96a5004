"""How good the model is by itself: greedy, without search, without a mask."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from agents.agent import Agent, Reply, View
from agents.connect_four_solver import ConnectFourSolver, solver_installed
from agents.random_player import RandomPlayer
from agents.rates import Rate
from agents.search_player import mcts_player
from envs.problem import ProblemGame
from llm_policy.player import LanguageModelPlayer
from training.config import Config
from training.exam import exam
from training.learner import Learner, Metrics
from training.measures import Score, agreement, lost_lines, score_against
from training.positions import connect_four_positions
from training.rollouts import share

MCTS_EVERY = 4
"""Measurements from one in which MCTS is played to the next; it takes longer than all the rest."""
MCTS_ROLLOUTS = 400
SOLVER_PAIRS, SOLVER_OPENING = 10, 8
"""Pairs of games against the solver, and random moves before them: it answers in milliseconds from there on."""


@dataclass
class Timed:
    """An agent as it is, and how long and how much it spoke."""

    agent: Agent
    seconds: float = 0.0
    replies: int = 0
    tokens: int = field(default=0)

    @property
    def name(self) -> str:
        return self.agent.name

    def act(self, views: Sequence[View]) -> list[Reply]:
        began = time.perf_counter()
        replies = self.agent.act(views)
        self.seconds += time.perf_counter() - began
        self.replies += len(replies)
        self.tokens += sum(len(reply.tokens) for reply in replies)
        return replies


def measure(learner: Learner) -> Metrics:
    """Measure the model, and count in `learner.solved` the perfect measurements in a row.

    `eval/score` is the one number by which checkpoints are compared, more being better; `eval/perfect` is 1 where
    nothing was lost and every reply was well-formed and legal.
    """
    longest = learner.config.policy_gradient.max_new
    return measured(learner, LanguageModelPlayer(learner.model, learner.config.view, max_new=longest))


def measured(learner: Learner, agent: Agent) -> Metrics:
    """As `measure`, with `agent` in the model's place."""
    timed = Timed(agent)
    by = _by_questions if isinstance(learner.game, ProblemGame) else _by_games
    found = MEASURES.get(learner.game.name, by)(learner, timed)
    flawless = found["eval/well_formed"] == 1 and found["eval/legal"] == 1
    found["eval/perfect"] = float(found["eval/score"] == 1 and flawless)
    learner.solved = learner.solved + 1 if found["eval/perfect"] else 0
    return {
        **found,
        "eval/solved_in_a_row": float(learner.solved),
        "eval/reply_length": timed.tokens / max(1, timed.replies),
        "perf/eval_seconds": timed.seconds,
        "perf/eval_tokens_per_second": timed.tokens / max(timed.seconds, 1e-9),
    }


def _by_lines(learner: Learner, agent: Agent) -> Metrics:
    """Every line of a small game in which the opponent plays anything."""
    first, second = lost_lines(learner.game, agent)
    found: Metrics = {}
    for name, seats in (("", (first, second)), ("_first", (first,)), ("_second", (second,))):
        found[f"eval/lost_lines{name}"] = float(sum(seat.lost for seat in seats))
        found[f"eval/lines{name}"] = float(sum(seat.lines for seat in seats))
    replies = first.replies + second.replies
    return {
        "eval/score": 1 - found["eval/lost_lines"] / found["eval/lines"],
        **found,
        **share("eval/well_formed", first.well_formed + second.well_formed, replies),
        **share("eval/legal", first.legal + second.legal, replies),
    }


def _by_solver(learner: Learner, agent: Agent) -> Metrics:
    """Connect Four: agreement with the solver, and games."""
    found = agreement(agent, learner.game, connect_four_positions())
    return {
        **_by_games(learner, agent),
        **_against_solver(learner, agent),
        "eval/score": found.result.value,
        **_rate("eval/agreement_result", found.result),
        **_rate("eval/agreement_best", found.best),
        **_rate("eval/well_formed", found.well_formed),
        **_rate("eval/legal", found.legal),
    }


def _by_questions(learner: Learner, agent: Agent) -> Metrics:
    """Problems: questions kept for measuring."""
    return exam(cast(ProblemGame, learner.game), agent, learner.config.problem, learner.config.seed)


def _by_games(learner: Learner, agent: Agent) -> Metrics:
    """Games against random moves and, now and then, against plain search."""
    config, game = learner.config, learner.game
    pairs = max(1, config.measure.games // 2)
    # random moves make games different by themselves; as an opening they could leave a position that is lost already
    score = score_against(game, agent, RandomPlayer(), pairs=pairs, seed=config.seed, opening_plies=0)
    found = {
        "eval/score": score.points,
        **_rate("eval/well_formed", score.well_formed),
        **_rate("eval/legal", score.legal),
        **_score("arena/random", score),
    }
    if _mcts_due(config, learner.iteration):
        opponent = mcts_player(MCTS_ROLLOUTS)
        found |= _score("arena/mcts", score_against(game, agent, opponent, pairs=pairs, seed=config.seed))
    return found


def _against_solver(learner: Learner, agent: Agent) -> Metrics:
    """Games against the solver, where it is installed: who plays perfectly has half of the points."""
    if not solver_installed():
        return {}
    score = score_against(
        learner.game,
        agent,
        ConnectFourSolver(),
        pairs=SOLVER_PAIRS,
        seed=learner.config.seed,
        opening_plies=SOLVER_OPENING,
    )
    return _score("arena/solver", score)


def _mcts_due(config: Config, iteration: int) -> bool:
    return iteration == config.iterations or (iteration > 0 and iteration % (MCTS_EVERY * config.measure.every) == 0)


def _rate(name: str, rate: Rate) -> Metrics:
    low, high = rate.interval
    return share(name, rate.count, rate.of) | {f"{name}_low": low, f"{name}_high": high}


def _score(name: str, score: Score) -> Metrics:
    low, high = score.interval
    return {
        **share(f"{name}_points", score.won + score.drawn / 2, score.games),
        f"{name}_points_low": low,
        f"{name}_points_high": high,
        f"{name}_won": float(score.won),
        f"{name}_drawn": float(score.drawn),
        f"{name}_lost": float(score.lost),
        f"{name}_distinct": float(score.distinct),
        **share(f"{name}_legal", score.legal.count, score.legal.of),
    }


Measure = Callable[[Learner, Agent], Metrics]
MEASURES: dict[str, Measure] = {"tic-tac-toe": _by_lines, "connect-four": _by_solver}
"""How a game is measured; one that is not here, by games alone."""
