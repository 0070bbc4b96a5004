"""The problems, by name: a new one is a file with generator, solution and verifier, and a line here."""

from envs.lookup import not_found
from envs.problem import Problem, ProblemGame
from envs.problems.addition import Addition, Subtraction
from envs.problems.arithmetic import Arithmetic
from envs.problems.chess_moves import ChessMoves
from envs.problems.chess_rules import ChessRules
from envs.problems.countdown import Countdown, TwentyFour
from envs.problems.equations import Equations
from envs.problems.fractions import Fractions
from envs.problems.geometry import Geometry
from envs.problems.knights import Knights
from envs.problems.lettered_addition import LetteredAddition
from envs.problems.modular import Modular
from envs.problems.words import Words

_ALL: tuple[Problem, ...] = (
    Addition(),
    Subtraction(),
    LetteredAddition(),
    Arithmetic(),
    Equations(),
    Fractions(),
    Geometry("en"),
    Geometry("zh"),
    Knights(),
    Words("en"),
    Words("zh"),
    ChessRules(),
    ChessMoves(),
    Countdown(),
    TwentyFour(),
    Modular(),
)
PROBLEMS: dict[str, ProblemGame] = {problem.name: ProblemGame(problem) for problem in _ALL}


def problem_named(name: str) -> ProblemGame:
    """The problem of this name.

    Raises:
        ValueError: there is none; says which there are and which was probably meant.
    """
    if name in PROBLEMS:
        return PROBLEMS[name]
    raise ValueError(not_found("problem", name, PROBLEMS))
