"""Pieces of keys are found in whatever is told. (Times and sizes are tried against a server in `test_chat`.)"""

from __future__ import annotations

import time

import pytest

from agents.bounded_http import hidden, within

KEY = "sk-QxZ7vWk9YjH3tBnR5"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"bad key {KEY}!", "bad key …!"),
        (f"{KEY}{KEY}", "…"),
        ("Incorrect API key: sk-QxZ7****nR5, see", "Incorrect API key: …****nR5, see"),
        ("key ending in BnR5", "key ending in …"),
        ("model sk-Q of y", "model … of y"),
        ("nothing of it: sk-, R5", "nothing of it: sk-, R5"),
        ("", ""),
        ("a", "a"),
    ],
)
def test_pieces_of_a_key_are_hidden(text: str, expected: str) -> None:
    assert hidden(text, KEY) == expected


def test_in_what_a_player_says_only_long_pieces_are_hidden() -> None:
    assert hidden(f"{KEY[:11]}, {KEY[3:15]}, {KEY}.", KEY, 12) == f"{KEY[:11]}, …, …."


def test_words_that_stand_for_a_key_are_none() -> None:
    for word in ("", "none", "ollama", "EMPTY"):
        assert hidden(f"{word} is not here, none is empty", word) == f"{word} is not here, none is empty"


def test_long_texts_take_no_time() -> None:
    began = time.perf_counter()
    hidden("sk-Q" * 4000, KEY)
    assert time.perf_counter() - began < 1


def test_what_takes_too_long_is_left() -> None:
    assert within(5, lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0)
    began = time.perf_counter()
    with pytest.raises(TimeoutError, match=r"within 0\.05 s"):
        within(0.05, lambda: time.sleep(0.5))
    assert time.perf_counter() - began < 0.4
