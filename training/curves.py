"""The curves of a run as one picture: how good it is, what it loses, whether it keeps to the rules, how fast it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from training.run_folder import RunFolder

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Rows = Sequence[Mapping[str, Any]]

# Okabe and Ito's colours, readable without full colour vision
_BLUE, _ORANGE, _GREEN, _RED, _GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#6b7780"
_QUIET: dict[str, Any] = {"fontsize": 8, "fontweight": "normal", "color": _GREY}
_STYLE: dict[str, Any] = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#9aa5ad",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#e6eaed",
    "axes.axisbelow": True,
    "xtick.color": "#46525b",
    "ytick.color": "#46525b",
    "text.color": "#1d262c",
    "lines.linewidth": 1.8,
    "svg.hashsalt": "xueba",
}


def plot_run(run: RunFolder, path: Path | None = None) -> Path:
    """Draw the curves of `run` into `path`, `curves.png` of its folder unless given.

    Raises:
        ValueError: nothing was recorded yet.
    """
    config = run.config()
    target = path or run.path / "curves.png"
    plot_curves(run.metrics(), target, f"{run.name}: {config.game} by {config.algorithm}, seed {config.seed}")
    return target


def plot_curves(rows: Rows, path: Path, title: str) -> None:
    """Draw `rows` of metrics (each with its `step`); panels for which there are no numbers are left out.

    Raises:
        ValueError: there is nothing to draw.
    """
    panels = [(draw, heading) for heading, names, draw in _PANELS if any(name in row for row in rows for name in names)]
    if not panels:
        raise ValueError("no metrics were recorded yet: there is nothing to draw")
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(3 if len(panels) <= 6 else 4, len(panels))
    lines = -(-len(panels) // columns)
    with mpl.rc_context(cast("Any", _STYLE)):
        # a figure of its own: no window, no state shared with anybody's notebook
        figure = Figure(figsize=(3.7 * columns, 0.6 + 2.5 * lines), dpi=150, layout="constrained", facecolor="white")
        FigureCanvasAgg(figure)
        # names of runs are plain text, dollars would be mathematics
        figure.suptitle(title, x=0.012, ha="left", fontsize=12, fontweight="bold", parse_math=False)
        axes = figure.subplots(lines, columns, squeeze=False, sharex=True).ravel()
        for axis, (draw, heading) in zip(axes, panels, strict=False):
            axis.set_title(heading)
            draw(axis, rows)
            axis.margins(x=0.01)
        for number, axis in enumerate(axes):
            axis.set_visible(number < len(panels))
            if number + columns >= len(panels):
                axis.set_xlabel("iteration", color=_GREY)
                axis.tick_params(labelbottom=True)
        figure.savefig(path, metadata={"Software": None})


def series(rows: Rows, name: str) -> tuple[list[float], list[float]]:
    """The iterations at which a metric is there, and its values."""
    found = [(row["step"], row[name]) for row in rows if row.get(name) is not None]
    return [float(step) for step, _ in found], [float(value) for _, value in found]


def _line(axis: Axes, rows: Rows, name: str, colour: str, label: str = "", scale: float = 1.0) -> None:
    steps, values = series(rows, name)
    if not steps:
        return
    values = [scale * value for value in values]
    # a marker for each measurement: between them nothing is known
    marker = "o" if name.startswith(("eval/", "arena/")) else ""
    axis.plot(steps, values, color=colour, label=label, marker=marker, markersize=3)
    low, high = series(rows, f"{name}_low")[1], series(rows, f"{name}_high")[1]
    if len(low) == len(high) == len(steps):
        bounds = [scale * value for value in low], [scale * value for value in high]
        axis.fill_between(steps, *bounds, color=colour, alpha=0.16, linewidth=0)


def _legend(axis: Axes, fewest: int = 2) -> None:
    if len(axis.get_legend_handles_labels()[0]) >= fewest:
        axis.legend(frameon=False, fontsize=8, handlelength=1.2, borderaxespad=0.2, loc="best")


def _percent(axis: Axes, low: float = 0, high: float = 100) -> None:
    axis.set_ylim(low - (high - low) * 0.03, high + (high - low) * 0.03)
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:.5g}%")


def _lost_lines(axis: Axes, rows: Rows) -> None:
    # shares: early on there are few lines, since each ends at the first reply that is not legal
    for seat, colour in (("first", _ORANGE), ("second", _BLUE)):
        steps, lost = series(rows, f"eval/lost_lines_{seat}")
        lines = series(rows, f"eval/lines_{seat}")[1]
        shares = [100 * count / max(1, of) for count, of in zip(lost, lines, strict=True)]
        axis.plot(steps, shares, color=colour, label=f"as {seat} player", marker="o", markersize=3)
    axis.set_yscale("symlog", linthresh=0.1, linscale=0.4)
    axis.set_yticks([0, 0.1, 1, 10, 100], ["none", "0.1%", "1%", "10%", "100%"])
    axis.set_ylim(-0.02, 160)
    axis.minorticks_off()
    counts, lines = series(rows, "eval/lost_lines")[1], series(rows, "eval/lines")[1]
    if counts:
        axis.set_title(f"{counts[-1]:,.0f} of {lines[-1]:,.0f} at the end", loc="right", **_QUIET)
    _legend(axis)


def _agreement(axis: Axes, rows: Rows) -> None:
    _line(axis, rows, "eval/agreement_result", _BLUE, "result (won, drawn, lost)", 100)
    _line(axis, rows, "eval/agreement_best", _GREEN, "quickest win, slowest loss", 100)
    _percent(axis)
    _legend(axis)


def _points(axis: Axes, rows: Rows) -> None:
    _line(axis, rows, "arena/random_points", _GREEN, "against random moves", 100)
    _line(axis, rows, "arena/mcts_points", _RED, "against MCTS, 400 rollouts", 100)
    axis.axhline(50, color=_GREY, linewidth=0.8, linestyle=":")
    _percent(axis)
    _legend(axis)


def _questions(axis: Axes, rows: Rows) -> None:
    _line(axis, rows, "eval/answers", _ORANGE, "right answer", 100)
    _line(axis, rows, "eval/right", _BLUE, "and every step right", 100)
    right = series(rows, "eval/right")[1]
    axis.set_title(f"{100 * right[-1]:.1f}% at the end", loc="right", **_QUIET)
    _percent(axis)
    _legend(axis)


def _flaws(axis: Axes, rows: Rows) -> None:
    _line(axis, rows, "eval/guessed", _RED, "guessed: right, badly argued", 100)
    _line(axis, rows, "eval/valid_but_wrong", _ORANGE, "argued well, wrong", 100)
    axis.set_ylim(bottom=0)
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:.5g}%")
    _legend(axis)


def _levels(axis: Axes, rows: Rows) -> None:
    names = {name for row in rows for name in row if name.startswith("eval/level_") and name.count("_") == 1}
    levels = sorted(int(name.rpartition("_")[2]) for name in names)
    for place, level in enumerate(levels):
        # light to dark, the hardest level darkest; of many levels some are named
        shade = 0.75 - 0.75 * place / max(1, len(levels) - 1)
        named = len(levels) <= 6 or place in (0, len(levels) - 1)
        colour = f"#{int(255 * shade):02x}{int(114 + 110 * shade):02x}{int(178 + 60 * shade):02x}"
        _line(axis, rows, f"eval/level_{level}", colour, f"level {level}" if named else "", 100)
    _percent(axis)
    _legend(axis)


def _grades(axis: Axes, rows: Rows) -> None:
    parts = [
        ("right", _BLUE, "right"),
        ("guessed", _RED, "guessed"),
        ("valid_but_wrong", _ORANGE, "valid but wrong"),
        ("malformed", _GREY, "malformed"),
    ]
    rows = [row for row in rows if all(row.get(f"rollout/{name}") is not None for name, _, _ in parts)]
    steps = series(rows, "rollout/right")[0]
    values = [[100 * value for value in series(rows, f"rollout/{name}")[1]] for name, _, _ in parts]
    wrong = [100 - sum(column) for column in zip(*values, strict=True)]
    values.insert(3, wrong)
    parts.insert(3, ("wrong", "#c3ccd2", "wrong"))
    axis.stackplot(steps, *values, colors=[colour for _, colour, _ in parts], labels=[label for *_, label in parts])
    _percent(axis)
    axis.set_ylim(0, 100)
    axis.legend(fontsize=8, handlelength=1, borderaxespad=0.3, loc="lower left", framealpha=0.85, edgecolor="none")


def _lengths(axis: Axes, rows: Rows) -> None:
    _line(axis, rows, "rollout/reply_length", _ORANGE, "in practice")
    _line(axis, rows, "eval/reply_length", _BLUE, "measured")
    axis.set_ylim(bottom=0)
    _legend(axis)


def _rewards(axis: Axes, rows: Rows) -> None:
    counts = ("_count", "_of")
    names = sorted({name for row in rows for name in row if name.startswith("reward/") and not name.endswith(counts)})
    for name, colour in zip(names, (_BLUE, _ORANGE, _GREEN, _RED, _GREY), strict=False):
        _line(axis, rows, name, colour, name.partition("/")[2])
    _legend(axis, 1)


def _rules(axis: Axes, rows: Rows) -> None:
    _line(axis, rows, "eval/well_formed", _GREEN, "well-formed", 100)
    if not series(rows, "eval/right")[0]:  # of a problem any well-formed reply is legal
        _line(axis, rows, "eval/legal", _BLUE, "legal", 100)
    _percent(axis)
    _legend(axis, 1)


def _results(axis: Axes, rows: Rows) -> None:
    parts = [("first_wins", _ORANGE, "first wins"), ("draws", "#c3ccd2", "draw"), ("second_wins", _BLUE, "second wins")]
    rows = [row for row in rows if all(row.get(f"rollout/{name}") is not None for name, _, _ in parts)]
    steps = series(rows, "rollout/draws")[0]
    values = [[100 * value for value in series(rows, f"rollout/{name}")[1]] for name, _, _ in parts]
    axis.stackplot(steps, *values, colors=[colour for _, colour, _ in parts], labels=[label for *_, label in parts])
    _percent(axis)
    axis.set_ylim(0, 100)
    axis.legend(fontsize=8, handlelength=1, borderaxespad=0.3, loc="lower left", framealpha=0.85, edgecolor="none")


def _losses(axis: Axes, rows: Rows) -> None:
    colours = {"policy": _BLUE, "value": _ORANGE, "words": _GREEN, "surrogate": _BLUE}
    for name, colour in colours.items():
        if any(series(rows, f"train/{name}")[1]):  # what is not learned is 0 throughout
            _line(axis, rows, f"train/{name}", colour, name)
    drawn = [value for name in colours for value in series(rows, f"train/{name}")[1]]
    if drawn and min(drawn) > 0:
        axis.set_yscale("log")
    _legend(axis)


def _entropy(axis: Axes, rows: Rows) -> None:
    _line(axis, rows, "rollout/policy_entropy", _BLUE, "of the policy")
    _line(axis, rows, "rollout/opening_entropy", _ORANGE, "of the first move")
    _line(axis, rows, "rollout/token_entropy", _BLUE, "of a token")
    axis.set_ylim(bottom=0)
    _legend(axis)


def _speed(axis: Axes, rows: Rows) -> None:
    _line(axis, rows, "perf/games_per_second", _GREY)
    axis.set_ylim(bottom=0)


Draw = Callable[["Axes", Rows], None]
_PANELS: tuple[tuple[str, tuple[str, ...], Draw], ...] = (
    ("Lines lost", ("eval/lost_lines",), _lost_lines),
    ("Agreement with the solver", ("eval/agreement_result",), _agreement),
    ("Points, without search", ("arena/random_points", "arena/mcts_points"), _points),
    ("Right answers", ("eval/right",), _questions),
    ("Right, by level", ("eval/level_1", "eval/level_2", "eval/level_3"), _levels),
    ("What goes wrong, measured", ("eval/guessed",), _flaws),
    ("Grades in practice", ("rollout/right",), _grades),
    ("Replies, without mask", ("eval/legal",), _rules),
    ("Length of a reply, tokens", ("rollout/reply_length",), _lengths),
    ("Rewards, mean of each", ("reward/process", "reward/r1zero", "reward/binary"), _rewards),
    ("Self-play: who wins", ("rollout/draws",), _results),
    ("Losses", ("train/policy", "train/value", "train/words", "train/surrogate"), _losses),
    ("Entropy while playing, nats", ("rollout/policy_entropy", "rollout/token_entropy"), _entropy),
    ("Games or questions a second", ("perf/games_per_second",), _speed),
)
"""Heading, the metrics it needs at least one of, and who draws it."""
