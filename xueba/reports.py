"""What a tournament leaves behind: a page for each game, one for all, PGN, and a picture of the worst moment."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from html import escape
from math import isfinite
from pathlib import Path

from agents.episode import Episode
from agents.pgn import ending_of, to_pgn
from agents.rates import Mean, Rate
from agents.ratings import Pair, Rating, openskill_ratings, ratings
from agents.susceptibility import Figures, figures, from_records, shares, to_records
from agents.tournament import EPISODES, distinct, read_episodes, results_of
from xueba import markdown, still
from xueba.arena_notes import anchors_of, asked_of, notes
from xueba.pages import page, replay_page
from xueba.shown import shown
from xueba.tournaments import date_of, facts

FIGURES = "figures.json"
MAX_GAMES = 500
"""games that get a page of their own; of more, those with the most flags"""


def write_reports(
    folder: Path,
    found: Mapping[str, Figures] | None = None,
    target: Path | None = None,
) -> list[Path]:
    """Write `report.html`, `report.md`, `games.pgn`, `games/N.html`, and, with the extra, `worst.png` and `.gif`.

    Args:
        folder: of the tournament.
        found: the players' figures, where they are known already; they are kept, since an engine may have judged them.
        target: the folder to write to; the tournament's own unless given.
    """
    target = target or folder
    episodes = read_episodes(folder / EPISODES)
    episodes.sort(key=lambda episode: episode.number)
    games = target / "games"
    games.mkdir(parents=True, exist_ok=True)
    flagged = {episode.number: flags(episode) for episode in episodes}
    shown_games = sorted(episodes, key=lambda episode: (-flagged[episode.number], episode.number))[:MAX_GAMES]
    for episode in shown_games:
        names = " – ".join(episode.players)
        _write(games / f"{episode.number + 1}.html", replay_page(shown(episode), f"{names}, game {episode.number + 1}"))
    _write(target / "games.pgn", "".join(to_pgn(episode, folder.name, date_of(folder)) for episode in episodes))
    with_page = {episode.number for episode in shown_games}
    found = _kept(folder, len(episodes)) if found is None else _keep(folder, len(episodes), found)
    found = found or figures(distinct(episodes, said=True))
    anchors, asked = anchors_of(asked_of(folder)), facts(folder)
    said = list(notes(asked_of(folder), episodes))
    body = tournament_page(folder.name, episodes, found, anchors, flagged, with_page, asked, said)
    _write(target / "report.html", page(f"{folder.name}, arena", body))
    _write(target / "report.md", tournament_text(folder.name, episodes, found, anchors, asked, said))
    written = [target / "report.html", target / "report.md", target / "games.pgn"]
    worst = still.worst(episodes) if still.pictures_possible() else None
    return written + (still.write(worst, target) if worst is not None else [])


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8", errors="replace")
    part.replace(path)


def _keep(folder: Path, games: int, found: Mapping[str, Figures]) -> Mapping[str, Figures]:
    _write(folder / FIGURES, json.dumps({"games": games, "players": to_records(found)}))
    return found


def _kept(folder: Path, games: int) -> Mapping[str, Figures] | None:
    """The figures of so many games, as they were counted when an engine was at hand."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        kept = json.loads((folder / FIGURES).read_bytes())
        if kept["games"] == games:
            return from_records(kept["players"])
    return None


def flags(episode: Episode) -> int:
    """How much in a game was not so: illegal moves and false claims."""
    illegal = sum(turn.verdict.ruling is not None and not turn.verdict.ruling.legal for turn in episode.turns)
    return illegal + sum(claim.finding == "false" for turn in episode.turns for claim in turn.verdict.claims)


def tournament_page(
    name: str,
    episodes: Sequence[Episode],
    found: Mapping[str, Figures],
    anchors: Mapping[str, float],
    flagged: Mapping[int, int],
    with_page: set[int],
    asked: Sequence[tuple[str, str]] = (),
    said: Sequence[str] = (),
) -> str:
    """The body of a tournament's page; every text of a player is escaped."""
    pairs = results_of(distinct(episodes))
    parts = [f"<main><h1>{escape(name)}</h1>", f"<p>{_count(episodes)}</p>", _asked(asked), _notes(said)]
    if pairs:
        rated = ratings(pairs, anchors)
        parts += [
            "<h2>Ratings</h2>",
            _ratings(rated, anchors),
            _second(distinct(episodes)),
            "<h2>Who beats whom</h2>",
            _cross(rated, pairs),
        ]
    parts += ["<h2>What they did</h2>", _rates(found), "<h2>Illegal moves by class</h2>", _classes(found)]
    parts += [
        "<h2>False claims</h2>",
        _claims(found),
        "<h2>Games</h2>",
        _games(episodes, flagged, with_page),
        "</main>",
    ]
    return "".join(parts)


def tournament_text(
    name: str,
    episodes: Sequence[Episode],
    found: Mapping[str, Figures],
    anchors: Mapping[str, float],
    asked: Sequence[tuple[str, str]] = (),
    said: Sequence[str] = (),
) -> str:
    """The figures of a tournament as plain Markdown."""
    parts = [f"# {markdown.escaped(name)}", _count(episodes)]
    parts += [markdown.table(("what was played", ""), asked)] if asked else []
    parts += ["\n".join(f"- {markdown.escaped(note)}" for note in said)] if said else []
    pairs = results_of(distinct(episodes))
    if pairs:
        rows = [
            (r.name, f"{r.elo:.0f}", "anchor" if r.name in anchors else r.interval, f"{r.points:g}",
             str(r.games)) for r in ratings(pairs, anchors)
        ]  # fmt: skip
        parts += ["## Ratings", markdown.table(("player", "Elo", "95% interval", "points", "games"), rows)]
    rates = {player: figures.rates() for player, figures in found.items()}
    labels = list(next(iter(rates.values()), {}))
    told = [
        (label, *(str(rates[player][label]) if rates[player][label].of else "–" for player in found))
        for label in labels
    ]
    means = {player: figures.means() for player, figures in found.items()}
    told += [
        (label, *(str(means[player][label]) if means[player][label].of else "–" for player in found))
        for label in next(iter(means.values()), {})
        if any(means[player][label].of for player in found)
    ]
    parts += ["## What they did", markdown.table(("", *found), told)]
    parts += ["## Illegal moves by class", _shares_text(found, "classes")]
    parts += ["## False claims by kind", _shares_text(found, "false_claims")]
    return "\n\n".join(parts) + "\n"


def _count(episodes: Sequence[Episode]) -> str:
    return (
        f"{len(episodes)} games at the arena's table. 95% intervals, those of moves and claims over games, since "
        "those of one game are not independent."
    )


def _shares_text(found: Mapping[str, Figures], of: str) -> str:
    rows = [(kind.replace("_", " "), str(share)) for kind, share in shares(found.values(), of).items()]
    return markdown.table(("", "share"), rows) if rows else "None."


def _asked(asked: Sequence[tuple[str, str]]) -> str:
    return f'<dl class="facts">{"".join(f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>" for a, b in asked)}</dl>'


def _notes(said: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in said)}</ul>" if said else ""


def html_table(head: Iterable[str], rows: Iterable[Iterable[str]], label: str) -> str:
    """A table out of cells that are HTML already; the first of each row names it."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = []
    for first, *rest in rows:
        body.append(f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>')
    region = f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">'
    return f"{region}<table><thead><tr>{top}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"


def _name(text: str) -> str:
    from envs.visible import clean

    return escape(clean(text, 60))


def _ratings(rated: Sequence[Rating], anchors: Mapping[str, float]) -> str:
    ends = [end for r in rated for end in (r.low, r.elo, r.high) if isfinite(end)]
    low, room = min(ends), max(max(ends) - min(ends), 1.0)

    def place(elo: float) -> float:
        return min(100.0, max(0.0, 2 + 96 * (elo - low) / room))  # an open end goes to the edge

    rows = []
    for r in rated:
        line = f'<line x1="{place(r.low):.1f}" x2="{place(r.high):.1f}" y1="5" y2="5"/>'
        bar = _bar(f'{line}<rect x="{place(r.elo) - 1:.1f}" y="1" width="2" height="8"/>')
        interval = "anchor" if r.name in anchors else r.interval
        rows.append([_name(r.name), f"{r.elo:.0f}", interval, bar, f"{r.points:g}", str(r.games)])
    head = ("player", "Elo", "95% interval", "as a picture", "points", "games")
    return html_table(head, rows, "ratings")


def _bar(shapes: str) -> str:
    """A picture beside the figures that say the same."""
    drawing = f'<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">{shapes}</svg>'
    return f'<div class="bar">{drawing}</div>'


def _second(episodes: Sequence[Episode]) -> str:
    try:
        rated = openskill_ratings([(*episode.players, (1 + episode.returns[0]) / 2) for episode in episodes])
    except RuntimeError as error:
        return f'<p class="soft">A second rating, by openskill: {escape(str(error))}</p>'
    told = ", ".join(f"{_name(r.name)} {r.elo:.0f} ({r.low:.0f} to {r.high:.0f})" for r in rated)
    return f'<p class="soft">The same games by openskill, around a mean of 0: {told}</p>'


def _cross(rated: Sequence[Rating], pairs: Sequence[Pair]) -> str:
    names = [r.name for r in rated]
    points: dict[tuple[str, str], tuple[float, int]] = {}
    for pair in pairs:
        games = pair.won + pair.drawn + pair.lost
        for key, won in (((pair.first, pair.second), pair.won), ((pair.second, pair.first), pair.lost)):
            before = points.get(key, (0.0, 0))
            points[key] = (before[0] + won + pair.drawn / 2, before[1] + games)
    rows = []
    for a in names:
        cells = ["·" if a == b else "{:g} / {}".format(*points[a, b]) if (a, b) in points else "" for b in names]
        rows.append([_name(a), *cells])
    return html_table(["", *map(_name, names)], rows, "cross table")


def _rate(rate: Rate) -> str:
    if not rate.of:
        return "–"
    low, high = rate.interval
    return f'<b>{rate.value:.1%}</b> {rate.count}/{rate.of} <span class="soft">({low:.1%} to {high:.1%})</span>'


def _mean(mean: Mean) -> str:
    if not mean.of:
        return "–"
    low, high = mean.interval
    return f'<b>{mean.value:.3g}</b> {mean.total:g}/{mean.of:g} <span class="soft">({low:.3g} to {high:.3g})</span>'


def _rates(found: Mapping[str, Figures]) -> str:
    if not found:
        return "<p>No game yet.</p>"
    rates = {name: player.rates() for name, player in found.items()}
    labels = list(next(iter(rates.values())))
    rows = [[escape(label), *(_rate(rates[name][label]) for name in found)] for label in labels]
    means = {name: player.means() for name, player in found.items()}
    known = [label for label in next(iter(means.values())) if any(means[name][label].of for name in found)]
    rows += [[escape(label), *(_mean(means[name][label]) for name in found)] for label in known]
    return html_table(["", *map(_name, found)], rows, "what they did")


def _counted(found: Mapping[str, Figures], of: str) -> str:
    counts = {name: getattr(player, of) for name, player in found.items()}
    rows = []
    for kind, share in shares(found.values(), of).items():
        bar = _bar(f'<rect width="{100 * share.value:.1f}" height="10"/>')
        each = [str(counts[name][kind] or "") for name in found]
        rows.append([escape(kind.replace("_", " ")), _rate(share), bar, *each])
    if not rows:
        return "<p>None.</p>"
    return html_table(["", "share", "as a picture", *map(_name, found)], rows, of)


def _classes(found: Mapping[str, Figures]) -> str:
    return _counted(found, "classes")


def _claims(found: Mapping[str, Figures]) -> str:
    return _counted(found, "false_claims")


def _games(episodes: Sequence[Episode], flagged: Mapping[int, int], with_page: set[int]) -> str:
    rows = []
    for episode in episodes:
        number = episode.number + 1
        label = f'<a href="games/{number}.html">game {number}</a>' if episode.number in with_page else f"game {number}"
        ending = ending_of(episode.game, episode.history, episode.ending)
        result = {1.0: "1–0", -1.0: "0–1"}.get(episode.returns[0], "½–½")
        flag = f"⚑ {flagged[episode.number]}" if flagged[episode.number] else ""
        rows.append(
            [
                label,
                *map(_name, episode.players),
                result,
                escape(ending.replace("_", " ")),
                str(len(episode.history)),
                flag,
            ]
        )
    return html_table(("", "White", "Black", "result", "ending", "plies", "flags"), rows, "games")
