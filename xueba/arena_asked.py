"""What can be asked of `xueba arena`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro


@dataclass(frozen=True)
class Tournament:
    """Let players meet at chess and talk; a referee says of every move which law it
    breaks, and of every claim whether it is so.

    Players: random, honest, liar, bender:CLASS, believer, sceptic, human,
    run:NAME (a run of `xueba train chess`), uci:stockfish?skill=3,
    chat:MODEL@http://127.0.0.1:8000/v1?temperature=0.7&language=zh (key in
    OPENAI_API_KEY; all settings: xueba list chat-settings). Whoever is named twice
    plays itself, and is called NAME#2 the second time.

    What becomes of an illegal move, by --mode:
      strict      it loses the game
      explain     it is refused with its law, and there are two more tries
      silent      the same, but the player is only told that it was illegal
      no_referee  the opponent accepts it or protests; nobody else looks at it

    Examples:
      xueba arena --demo
      xueba arena liar believer --mode no_referee
      xueba arena chat:MODEL uci:stockfish?skill=3 --games 4
      xueba arena uci:stockfish?skill=0 uci:stockfish?skill=5 --games 100
      xueba arena human honest
      xueba arena --resume NAME
    """

    players: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="PLAYER")] = ()
    """two or more"""
    mode: Literal["strict", "explain", "silent", "no_referee"] = "explain"
    """what becomes of an illegal move, see above"""
    games: int = 2
    """of each pairing, colours changed after each"""
    format: Literal["round-robin", "gauntlet", "swiss"] = "round-robin"
    """everybody meets everybody, the first meets all others, or whoever has like points"""
    rounds: int = 0
    """of a Swiss tournament; 0: as many as it takes"""
    start: str = ""
    """a FEN to begin from"""
    chess960: int = -1
    """number of a Chess960 position, 0 to 959"""
    openings: Path | None = None
    """a file of openings, PGN or a line of moves each; without, sixteen well-known lines where there are more than two
    games"""
    hear: bool = True
    """players do not hear one another"""
    plies: int = 300
    """after so many (a ply is a move of either player) a game is drawn, unfinished; 0: never"""
    tokens: int = 0
    """tokens a player has for a game; who spends more loses"""
    tokens_a_turn: int = 0
    """tokens a player has for one turn"""
    judge: str = ""
    """an engine that judges claims of results and resignations: stockfish?nodes=3000"""
    anchor: tuple[str, ...] = ()
    """players whose Elo is known: PLAYER=1500"""
    sprt: tuple[float, float] | None = None
    """stop two players as soon as the first is known to be better by more than the second of these Elo, or not by the
    first"""
    workers: int = 4
    """games at the same time"""
    seed: int = 0
    """of openings and of players that play by chance"""
    name: str = ""
    """of the folder; arena, arena-2, ... unless named"""
    resume: str = ""
    """go on with this tournament, at the move at which it stopped; --judge and --anchor may be others"""
    demo: bool = False
    """play the story that this began with, told again by scripts, without network; its games go to the runs too"""
    out: Path = Path("arena-demo")
    """where --demo writes its report"""
    json: bool = False
    """print the figures as JSON"""
    runs: Path = Path("runs")
    """where runs are"""
