"""`xueba play`: a person at the terminal against any player, whose thinking is shown, or at a problem."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro
from rich.console import Console
from rich.text import Text

from agents.agent import Agent
from agents.episode import Episode, Turn
from agents.human import HumanPlayer
from agents.play import Match, play
from envs import GAMES
from envs.game import Game
from envs.lookup import not_found
from envs.problems import PROBLEMS
from envs.render import MARKS, text
from envs.visible import clean
from training.config import DatasetConfig
from training.presets import PRESETS
from training.worlds import is_elsewhere, open_world
from xueba.arguments import parsed, runs_option
from xueba.console import hint, out
from xueba.players import player, solver
from xueba.scene import STYLES, answered, badge, gave_up, mark, outcome, said, scenes


@dataclass(frozen=True)
class Play:
    """Sit down against a player and see what it thinks, or try yourself at a problem.

    Players: random, perfect, solver, mcts:400 (rollouts a move), run:NAME (what a
    run has learned) or search:NAME (with search); see `xueba list players`.

    Examples:
      xueba play tic-tac-toe --against perfect
      xueba play connect-four --against mcts:2000 --seat second
      xueba play connect-four --against run:connect-four
      xueba play addition --level 3 --questions 10
      xueba play addition --against run:addition

    At a problem your steps are checked like the model's: `--against run:NAME`
    shows what that run writes to the same questions.
    """

    game: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="GAME")]
    """which game or problem, see `xueba list games` and `xueba list problems`; or a file of questions"""
    against: str = ""
    """who sits opposite: mcts:400 unless named; at a problem nobody need"""
    seat: Literal["first", "second"] = "first"
    """whether you begin"""
    level: int = 1
    """difficulty of a problem"""
    questions: int = 5
    """how many, of a problem"""
    seed: int | None = None
    """of the opponent's chance, or of the questions; without it, each time is another"""
    runs: Path = Path("runs")
    """where runs are"""


def run(words: list[str]) -> int:
    """Play one game, or ask some questions.

    Raises:
        ValueError: there is no such game or player, or a number makes no sense.
    """
    chosen = parsed(Play, words, "play GAME")
    if is_elsewhere(chosen.game):
        open_world(chosen.game, DatasetConfig(skip_broken=True))
    if chosen.game in PROBLEMS:
        return _at_a_problem(chosen)
    if chosen.game == "chess":
        raise ValueError("chess is played at the arena's table: xueba arena human honest")
    if chosen.game not in GAMES:
        raise ValueError(not_found("game", chosen.game, [*GAMES, *PROBLEMS]))
    game, against = GAMES[chosen.game], chosen.against or "mcts:400"
    opponent = player(against, game, chosen.runs)
    console = out()
    console.print(Text.assemble(("You are ", ""), mark(chosen.seat == "second"), f" against {clean(opponent.name)}."))
    seed = chosen.seed
    if seed is None:
        import secrets

        seed = secrets.randbits(31)
    episode = one_game(game, opponent, int(chosen.seat == "second"), seed, console)
    _show_end(console, episode, int(chosen.seat == "second"))
    again = "first" if chosen.seat == "second" else "second"
    command = f"xueba play {game.name} --against {against} --seat {again}{runs_option(chosen.runs)}"
    hint(f"again, from the other side: {command}")
    return 0


def _at_a_problem(chosen: Play) -> int:
    from xueba.solve import solve

    game = PROBLEMS[chosen.game]
    beside = solver(chosen.against, game, chosen.runs) if chosen.against else None
    console = out()
    right, asked = solve(game, chosen.level, chosen.questions, chosen.seed, beside, console)
    console.print(Text(f"\n{right} of {asked} right, with every step", "bold"))
    if chosen.level < game.problem.levels:
        hint(f"harder:               xueba play {game.name} --level {chosen.level + 1}")
    kind = game.name if game.name in PRESETS else f"addition --game {game.name}"
    hint(f"let a model learn it: xueba train {kind}{runs_option(chosen.runs)}")
    return 0


def one_game(
    game: Game, opponent: Agent, seat: int, seed: int, console: Console, read: Callable[[str], str] = input
) -> Episode:
    """A person in `seat` against `opponent`; what it thinks is told as it moves."""

    def write(words: str) -> None:
        console.print(coloured(words))

    def asked(prompt: str) -> str:
        # the prompt is part of the conversation, and readline must know of it to redraw the line
        sys.stdout.flush()
        return read(prompt)

    def told(_match: Match, turn: Turn) -> None:
        if turn.seat != seat:
            console.print(thought(opponent.name, turn))

    person = HumanPlayer(asked, write)
    seats = (person, opponent) if seat == 0 else (opponent, person)
    return next(play(game, [Match(0, seats)], seed=seed, on_turn=told))


def thought(name: str, turn: Turn) -> Text:
    """One turn of a player and what it thought."""
    line = Text.assemble(mark(turn.seat), f" {clean(name, 40)} ", ("thinks: ", "dim"), (said(turn), "italic"))
    return line.append(f"  {badge(turn)}: {clean(turn.verdict.reason, 120)}") if badge(turn) else line


def coloured(words: str) -> Text:
    """A board as text, its stones in their colours."""
    board = Text(words)
    if "\n" in words:
        for code in (1, 2):
            board.highlight_regex(rf"\b{MARKS[code]}\b", STYLES[code])
    return board


def _show_end(console: Console, episode: Episode, seat: int) -> None:
    last = scenes(episode)[-1]
    if episode.turns and not episode.turns[-1].verdict.legal:
        turn = episode.turns[-1]
        who = "You gave up." if turn.seat == seat else f"{clean(episode.players[turn.seat])} named {answered(turn)!r}."
        console.print(Text(who))
    console.print(coloured(text(last.game, last.state, 0, last.last)))
    verdict = "A draw." if episode.returns[seat] == 0 else "You win." if episode.returns[seat] > 0 else "You lose."
    how = outcome(episode)
    if gave_up(episode) and episode.turns[-1].seat == seat:
        how = how.replace("the other", "you")
    console.print(Text.assemble((verdict, "bold"), f" ({how})"))
