"""`xueba match`: two players against each other, in pairs of games with the seats changed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.table import Table

from envs import game_named
from envs.problems import PROBLEMS
from envs.visible import clean
from xueba.arguments import parsed, runs_option
from xueba.console import err, hint, out
from xueba.players import player


@dataclass(frozen=True)
class Pairing:
    """Let two players play each other, each random opening twice, the seats changed.

    Games only: problems are measured by `xueba eval`.

    Examples:
      xueba match mcts:100 random --game connect-four --games 200
      xueba match run:NAME mcts:400 --game connect-four
    """

    one: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="PLAYER")]
    """a player, see `xueba list players`"""
    other: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="PLAYER")]
    """its opponent"""
    game: str = "tic-tac-toe"
    """which game"""
    games: int = 100
    """how many, an even number"""
    opening: int = 2
    """random moves before each game"""
    seed: int = 0
    """of openings and of players that play by chance"""
    runs: Path = Path("runs")
    """where runs are"""
    json: bool = False
    """print the figures as JSON"""


def run(words: list[str]) -> int:
    """Play the games and print the score.

    Raises:
        ValueError: a number makes no sense, or a game or player is unknown.
    """
    chosen = parsed(Pairing, words, "match PLAYER PLAYER")
    if not 2 <= chosen.games <= 1_000_000 or chosen.games % 2:
        raise ValueError(f"--games is {chosen.games}; games come in pairs, so it must be an even number from 2 on")
    if not 0 <= chosen.opening <= 40:
        raise ValueError(f"--opening is {chosen.opening}; it must be between 0 and 40")
    if chosen.game in PROBLEMS:
        raise ValueError(
            f"{chosen.game} is a problem, where nobody plays against anybody: `xueba eval RUN` measures a run, "
            f"`xueba play {chosen.game} --against run:NAME` lets you answer beside it"
        )
    from training.measures import score_against

    game = game_named(chosen.game)
    one, other = (player(spec, game, chosen.runs) for spec in (chosen.one, chosen.other))
    with err().status(f"{chosen.games} games of {game.name}"):
        score = score_against(game, one, other, pairs=chosen.games // 2, seed=chosen.seed, opening_plies=chosen.opening)
    if chosen.json:
        names = {"game": game.name, "one": one.name, "other": other.name}
        print(json.dumps(names | asdict(score)))
        return 0
    table = Table(title=f"{clean(one.name, 30)} against {clean(other.name, 30)}, {game.name}", title_justify="left")
    for column in ("", "won", "drawn", "lost"):
        table.add_column(column, justify="right" if column else "left")
    for label, row in zip(("moving first", "moving second"), score.by_seat, strict=True):
        table.add_row(label, *map(str, row))
    table.add_row("all", str(score.won), str(score.drawn), str(score.lost), style="bold")
    out().print(table)
    low, high = score.interval
    out().print(f"{score.points:.1%} of the points (95% interval {low:.1%} to {high:.1%})")
    out().print(f"{score.distinct} different games; {clean(one.name, 30)}: legal {score.legal}", soft_wrap=True)
    hint(f"sit down yourself: xueba play {game.name} --against {chosen.one}{runs_option(chosen.runs)}")
    return 0
