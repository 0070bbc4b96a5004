"""What may reach a terminal, and what a failure sounds like."""

from __future__ import annotations

import errno
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.visible import clean
from tests.fake_run import HOSTILE
from xueba.console import duration, sentence, short_names, spark


@given(st.text(), st.integers(1, 50))
def test_only_printable_characters_remain_and_no_more_than_asked_for(text: str, limit: int) -> None:
    shown = clean(text, limit)
    assert len(shown) <= limit
    assert shown.isprintable()
    assert "\x1b" not in shown
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Mn") for c in shown)


def test_plain_text_is_left_alone() -> None:
    assert clean("51973 win, (a) [b] 学霸 é") == "51973 win, (a) [b] 学霸 é"


def test_what_hides_or_turns_text_is_spelled_out() -> None:
    assert clean("a\u202eb\u200bc\ud800d\ne\x1b[31mf\x07") == "a⟨U+202E⟩b⟨U+200B⟩c⟨U+D800⟩d↵e[31mf"


def test_a_cut_is_shown() -> None:
    assert clean("x" * 500, 10) == "x" * 9 + "…"
    assert clean("x" * 10, 10) == "x" * 10
    assert clean("\0" * 100_000 + "y", 10) == "…", "long text is not read to its end"


def test_hostile_text_is_one_harmless_line() -> None:
    assert clean(HOSTILE).isprintable()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "runs/a"), "the disk is full: runs/a; make room"),
        (PermissionError(errno.EACCES, "Permission denied", "runs/a"), "Permission denied: runs/a"),
        (ValueError("two\nlines\x1b[2J"), "two lines[2J"),
        (KeyError("x"), "KeyError: 'x' (a fault of this program; --debug shows where)"),
        (ValueError(), "ValueError"),
    ],
)
def test_a_failure_is_one_line(error: Exception, said: str) -> None:
    assert sentence(error).startswith(said)
    assert "\n" not in sentence(error)


def test_sparks_rise_with_the_values_and_only_zero_has_none() -> None:
    assert spark([0, 1, 4, 8]) == "_▂▅█"
    assert spark([0.001, 8])[0] == "▁", "a rest is not nothing"
    assert spark([1, 2, 3], width=2) == "▆█"
    assert spark([1.0], top=2.0) == "▅"
    assert spark([float("nan"), 1.0]) == "█"
    assert spark([]) == ""


def test_durations() -> None:
    assert [duration(s) for s in (7, 750, 3723, float("nan"))] == ["0:07", "12:30", "1:02:03", "?"]


@given(
    st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60), max_size=6), st.integers(8, 30)
)
def test_names_stay_distinct_and_fit(names: list[str], width: int) -> None:
    short = short_names(names, width)
    assert set(short) == set(names)
    assert all(len(name) <= width for name in short.values())
    assert len(set(short.values())) == len(set(names))


def test_what_is_left_out_of_a_name_is_what_others_have_too() -> None:
    names = [f"uci:stockfish?skill={n}&nodes=2000" for n in (0, 5, 12)]
    assert list(short_names(names, 10).values()) == ["uci…0&nod…", "uci…5&nod…", "uci…12&no…"], "each says which it is"
    assert list(short_names(names, 20).values()) == [
        "uci:st…=0&nodes=2000",
        "uci:st…=5&nodes=2000",
        "uci:st…12&nodes=2000",
    ]
