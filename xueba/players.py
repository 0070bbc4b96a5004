"""Players by name, a run's checkpoints among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from agents.agent import Agent
from agents.arena_players import PLAYERS as ARENA
from agents.arena_players import arena_player
from agents.players import PLAYERS, player_named
from envs.game import Game
from envs.lookup import not_found
from envs.problem import ProblemGame

READ_GAMES = "chess-moves"
"""The problem whose runs sit down at the arena's table."""


def player(spec: str, game: Game, runs: Path = Path("runs")) -> Agent:
    """The player that `spec` describes: a name of `agents.players`, `run:NAME` or `search:NAME`.

    NAME may end in `@last`, `@best` (as without) or `@40`, the checkpoint of that iteration.

    Raises:
        ValueError: there is no such player, or it does not play `game`.
        FileNotFoundError: there is no such run or checkpoint.
        RuntimeError: it needs something that is not installed.
        OSError: the checkpoint is damaged.
    """
    # two heads for one pair of eyes: both would be asked on the same terminal
    if spec.partition(":")[0] == "human":
        raise ValueError("a person sits down with `xueba play`; name another player")
    of_runs = {"run": _of_run(game, runs, search=False), "search": _of_run(game, runs, search=True)}
    made = player_named(spec, PLAYERS | of_runs)
    if made.name == "perfect" and game.max_plies > 12:
        raise ValueError(f"perfect looks at every position, and {game.name} has too many; try solver or mcts:2000")
    if made.name == "solver" and game.name != "connect-four":
        raise ValueError(f"the solver plays connect-four only, not {game.name}; try perfect")
    return made


def seated(name: str, runs: Path = Path("runs"), called: str = "") -> Agent:
    """A player at the arena's table: one of `agents.arena_players`, or `run:NAME`, a run that has learned chess.

    It may be `called` something else there, where two have the same name.

    Raises:
        ValueError: there is no such player, or the run has learned something else.
        FileNotFoundError: there is no such run or checkpoint.
        RuntimeError: it needs something that is not installed.
        OSError: the checkpoint is damaged.
    """
    kind, _, option = name.partition(":")
    if kind != "run":
        if kind not in ARENA:
            raise ValueError(not_found("player of the arena", kind, [*ARENA, "run"]))
        return arena_player(name, called=called)
    from llm_policy.game_player import GamePlayer
    from training.checkpoints import load_policy
    from xueba.runs import checkpoint_of, chosen_run

    option, _, chance = option.partition("?temperature=")
    run, _, which = option.partition("@")
    folder = chosen_run(runs, run)
    config = folder.config()
    if config.game != READ_GAMES:
        raise ValueError(f"run {folder.name} has learned {config.game}, and no chess: xueba train chess")
    try:
        temperature = float(chance or 0)
    except ValueError:
        raise ValueError(f"{name[:80]!a}: temperature is a number, as in run:{folder.name}?temperature=0.7") from None
    path = checkpoint_of(folder, which)
    return GamePlayer(load_policy(path, config), called or name, temperature, config.policy_gradient.max_new)


def solver(spec: str, game: ProblemGame, runs: Path = Path("runs")) -> Agent:
    """Who answers questions: `run:NAME`, as for `player`.

    Raises:
        ValueError: no such player answers questions.
        FileNotFoundError: there is no such run or checkpoint.
        OSError: the checkpoint is damaged.
    """
    kind, _, option = spec.partition(":")
    if kind != "run":
        raise ValueError(f"{spec[:80]!r} does not answer questions, and {game.name} is a problem: name a run, run:NAME")
    return _of_run(game, runs, search=False)(option)


def _of_run(game: Game | ProblemGame, runs: Path, *, search: bool) -> Callable[[str], Agent]:
    def made(option: str) -> Agent:
        from llm_policy.player import LanguageModelPlayer
        from training.checkpoints import load_policy
        from xueba.runs import checkpoint_of, chosen_run

        name, _, which = option.partition("@")
        folder = chosen_run(runs, name)
        config = folder.config()
        if config.game != game.name:
            raise ValueError(f"run {folder.name} has learned {config.game}, not {game.name}")
        path = checkpoint_of(folder, which)
        model = load_policy(path, config)
        title = f"{'search' if search else 'run'}:{folder.name}@{int(path.name)}"
        if not search:
            return LanguageModelPlayer(model, config.view, max_new=config.policy_gradient.max_new, name=title)
        from agents.search_player import SearchPlayer
        from llm_policy.policy_value import PolicyValue, frozen_copy

        return SearchPlayer(PolicyValue(frozen_copy(model), config.view), replace(config.search, noise=0.0), name=title)

    return made
