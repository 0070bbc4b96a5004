"""The display of training: what it says, that it fits, and that it is honest."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from rich.console import Console

from tests.fake_answers import answers
from tests.fake_run import episodes
from training.presets import PRESETS
from xueba.live import ConsoleLogger


def measured(lost: float, lines: float = 300.0) -> dict[str, float]:
    seats = {"first": (lost, lines), "second": (lost * 3, lines * 4)}
    found = {f"eval/lost_lines_{seat}": value for seat, (value, _) in seats.items()}
    found |= {f"eval/lines_{seat}": value for seat, (_, value) in seats.items()}
    return found | {"eval/well_formed": 0.99999, "eval/legal": 1.0, "perf/games_per_second": 812.4}


def plain_logger(preset: str = "tic-tac-toe") -> tuple[ConsoleLogger, io.StringIO]:
    seconds = count(0.0, 10.0)
    stream = io.StringIO()
    return ConsoleLogger(PRESETS[preset], "run", Console(file=stream, width=80), lambda: next(seconds)), stream


def test_one_plain_line_for_each_measurement() -> None:
    logger, stream = plain_logger()
    logger.metrics(0, measured(250))
    logger.metrics(1, {"perf/games_per_second": 3.0})
    logger.metrics(5, measured(0))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert "iteration 5/80" in lines[1]
    assert "moving first 0 of 300" in lines[1]
    assert "moving second 0 of 1,200" in lines[1]
    assert "legal 100.0%" in lines[1]
    assert "games/s 812" in lines[1]
    assert "to go" in lines[1]
    assert "well-formed 99.9%" in lines[1], "100% is said of all and nothing less"


def test_a_game_follows_a_measurement() -> None:
    logger, stream = plain_logger()
    logger.episodes(4, episodes())
    assert stream.getvalue() == ""
    logger.metrics(5, measured(1))
    logger.episodes(5, episodes()[1:])
    assert "✗ illegal" in stream.getvalue().splitlines()[-1]


def test_events_are_told_checkpoints_are_not() -> None:
    logger, stream = plain_logger()
    logger.event(0, "begin", "tic-tac-toe")
    logger.event(5, "checkpoint", "checkpoints/000005")
    logger.event(5, "alarm", "entropy: \x1b[2Jlow")
    assert stream.getvalue().splitlines() == ["begin: tic-tac-toe", "alarm: entropy: [2Jlow"]


@pytest.fixture
def display() -> Iterator[tuple[ConsoleLogger, Console]]:
    console = Console(file=io.StringIO(), width=80, height=30, force_terminal=True, color_system="truecolor")
    logger = ConsoleLogger(replace(PRESETS["tic-tac-toe"]), "run\x1b[2J", console)
    yield logger, console
    logger.close()


def screen(logger: ConsoleLogger, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(logger.render())
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_the_display_says_what_is_learned_how_well_and_for_how_long(display: tuple[ConsoleLogger, Console]) -> None:
    logger, _ = display
    assert "not measured yet" in screen(logger)
    logger.event(0, "warm-up", "60 steps")
    assert "warm-up" in screen(logger)
    logger.metrics(0, measured(300))
    logger.metrics(5, measured(150))
    logger.episodes(5, episodes()[:1])
    text = screen(logger)
    for wanted in ("iteration 5 of 80", "150 of 300", "450 of 1,200", "█▅", "legal 100.0%", "99.9%", "812", "elapsed"):
        assert wanted in text
    assert "as just played" in text
    assert "drawn" in text


def test_alarms_stand_until_they_are_over(display: tuple[ConsoleLogger, Console]) -> None:
    logger, _ = display
    logger.event(7, "alarm", "entropy: fell to 0.01")
    assert "⚠ alarm at iteration 7: entropy: fell to 0.01" in screen(logger)
    logger.event(9, "all clear", "entropy")
    assert "⚠" not in screen(logger)


def test_how_it_ended_stands_at_the_end(display: tuple[ConsoleLogger, Console]) -> None:
    logger, console = display
    logger.metrics(1, measured(1))
    logger.event(1, "end", "solved: 3 perfect measurements in a row")
    logger.close()
    assert "solved: 3 perfect" in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize("preset", PRESETS)
def test_never_wider_than_80_columns_nor_than_the_terminal(preset: str, width: int) -> None:
    logger, _ = plain_logger(preset)
    logger.console.width = width
    numbers = {f"arena/{name}_points{end}": 0.5 for name in ("random", "mcts") for end in ("", "_low", "_high")}
    logger.metrics(3, measured(250) | numbers | {"eval/agreement_result": 0.7})
    logger.event(3, "alarm", "x" * 300)
    for episode in episodes():
        logger.episodes(3, [episode])
        lines = screen(logger, width).splitlines()
        assert max(map(len, lines)) <= min(80, width)


def test_hostile_text_never_reaches_the_terminal(display: tuple[ConsoleLogger, Console]) -> None:
    logger, console = display
    logger.metrics(1, measured(1))
    logger.episodes(1, episodes()[2:])
    logger.event(1, "alarm", "\x1b]52;c;aGk=\x07\u202e")
    logger.close()
    raw = console.file.getvalue()  # type: ignore[attr-defined]
    for bad in ("\x1b[2J", "\x1b]", "\x07", "\x9b", "\u202e", "\x00"):
        assert bad not in raw


def test_the_history_of_lost_lines_is_their_share() -> None:
    logger, _ = plain_logger()
    logger.metrics(0, measured(8, 8))
    logger.metrics(5, measured(100, 200))
    assert "100 of 200  █▅" in screen(logger)


def test_numbers_from_before_stand_when_a_run_goes_on() -> None:
    logger, _ = plain_logger()
    logger.remember(
        [{"step": 5, "time": 1.0, **measured(300)}, {"step": 10, "time": 2.0, **measured(150), "eval/x": None}]
    )
    assert "150 of 300" in screen(logger)
    assert "█▅" in screen(logger)


# Problems


def asked(right: float) -> dict[str, float]:
    found = {"eval/well_formed": 0.998, "eval/legal": 0.998, "perf/games_per_second": 512.0}
    for name, value in (("right", right), ("answers", right), ("guessed", 0.02), ("valid_but_wrong", 0.01)):
        found |= {f"eval/{name}": value, f"eval/{name}_low": 0.9 * value, f"eval/{name}_high": value}
    return found | {"eval/level_1": 1.0, "eval/level_2": right, "eval/level_2_of": 250.0}


def test_problems_are_told_in_their_own_words() -> None:
    logger, stream = plain_logger("addition")
    logger.metrics(5, asked(0.5))
    logger.episodes(5, answers()[1:2])
    line, answer = stream.getvalue().splitlines()
    for wanted in (
        "right, with every step 50.0% (45% to 50%)",
        "right, but guessed 2.0%",
        "argued well, but wrong 1.0%",
    ):
        assert wanted in line
    assert "by level 1: 100%  2: 50%" in line
    assert "questions/s 512" in line
    assert "legal" not in line
    reason = answers()[1].turns[0].verdict.reason
    assert f"✗ wrong: {reason}" in answer
    text = screen(logger)
    assert re.search(r"✗ [0-9+]+=777   (false|not a) step", text)
    assert "as just answered  at iteration 5, level 3" in text
    assert "answering" in text


@pytest.mark.parametrize("width", [60, 80, 200])
def test_problems_fit_the_terminal(width: int) -> None:
    logger, _ = plain_logger("addition")
    logger.console.width = width
    logger.metrics(3, asked(0.5) | {f"eval/level_{level}": level / 32 for level in range(1, 33)})
    for episode in answers():
        logger.episodes(3, [episode])
        assert max(map(len, screen(logger, width).splitlines())) <= min(80, width)


def test_the_warm_up_says_how_far_it_is_and_how_long_it_takes() -> None:
    now = 0.0
    stream = io.StringIO()
    logger = ConsoleLogger(PRESETS["addition"], "run", Console(file=stream, width=80), lambda: now)
    logger.event(0, "warm-up", "800 steps")
    for done in range(1, 402):
        now = done / 10
        logger.progress(done, 800, {"words": 1.0})
    assert "step 401 of 800" in screen(logger)
    assert "0:40 elapsed, about 0:40 to go" in screen(logger)
    assert "reading worked solutions" in screen(logger)
    told = [line for line in stream.getvalue().splitlines() if line.startswith("warm-up: step")]
    assert len(told) == 3, "a plain line every ten seconds, not one a step"
    logger.metrics(0, asked(0.5))
    assert "iteration 0 of 20" in screen(logger)
