"""The figures of a tournament as tables of the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from agents.rates import Mean, Rate
from agents.ratings import Pair, ratings
from agents.susceptibility import Figures, shares
from xueba.console import short_names

SHOWN = (
    ("illegal, per move", "illegal moves"),
    ("games with an illegal move", "games with one"),
    ("no move at all, per reply", "no move at all"),
    ("notation repaired, per move", "notation repaired"),
    ("false claims, per claim checked", "false claims"),
    ("unverifiable, per claim", "unverifiable"),
    ("fooled, per illegal move met", "fooled by moves"),
    ("protests' precision", "protests right"),
    ("bogus, per resignation judged", "resigned for nothing"),
)
LOST = (("centipawns lost, per move", "centipawns lost"), ("expected score lost, per move", "score lost"))
"""Means that are there where an engine has judged the moves."""


def tables(pairs: Sequence[Pair], found: Mapping[str, Figures], anchors: Mapping[str, float]) -> Iterator[Table]:
    """Ratings, then what each player did, then the classes of illegal moves."""
    yield _ratings(pairs, anchors)
    # four players are as many as stand beside each other in 80 columns
    names = list(found)
    short = short_names(names, 16)
    for four in (names[at : at + 4] for at in range(0, len(names), 4)):
        yield _rates({name: found[name] for name in four}, short)
    if any(player.classes for player in found.values()):
        yield _classes(found)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", header_style="dim", overflow="fold")
    return table


def _ratings(pairs: Sequence[Pair], anchors: Mapping[str, float]) -> Table:
    table = _table("ratings", "player", "Elo", "95% interval", "points", "games")
    rated = ratings(pairs, anchors)
    short = short_names([rating.name for rating in rated], 40)
    for rating in rated:
        interval = "anchor" if rating.name in anchors else rating.interval
        table.add_row(Text(short[rating.name]), f"{rating.elo:.0f}", interval, f"{rating.points:g}", str(rating.games))
    return table


def _rates(found: Mapping[str, Figures], short: Mapping[str, str]) -> Table:
    names = list(found)
    table = _table("what they did (95% intervals, over games)", "", *(short[name] for name in names))
    for key, label in SHOWN:
        rates = [found[name].rates()[key] for name in names]
        if any(rate.of for rate in rates):
            table.add_row(label, *(_rate(rate) for rate in rates))
    for key, label in LOST:
        means = [found[name].means()[key] for name in names]
        if any(mean.of for mean in means):
            table.add_row(label, *(_mean(mean) for mean in means))
    return table


def _mean(mean: Mean) -> str:
    if not mean.of:
        return "–"
    low, high = mean.interval
    return f"{mean.value:.3g} a move\n({low:.3g} to {high:.3g})"


def _rate(rate: Rate) -> str:
    if not rate.of:
        return "–"
    low, high = rate.interval
    return f"{rate.count}/{rate.of} = {rate.value:.0%}\n({low:.0%} to {high:.0%})"


def _classes(found: Mapping[str, Figures]) -> Table:
    table = _table("illegal moves by class", "class", "count", "share")
    for kind, share in shares(found.values(), "classes").items():
        table.add_row(kind.replace("_", " "), str(share.count), str(share).partition("= ")[2])
    return table
