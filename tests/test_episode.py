"""Records keep everything, hostile text included, and nothing else is taken for one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.agent import Reply
from agents.episode import SCHEMA, Episode, Turn, from_record, to_record
from agents.play import Match, play
from agents.random_player import RandomPlayer
from envs import GAMES
from envs.reply import Verdict

HOSTILE = [
    "",
    "</script><script>alert(1)</script>",
    "\x1b[2J\x1b]52;c;AAAA\x07",
    "a\r\nb\u2028c\u202ed\x00",
    "\ud800 \udfff alone",
    "\U0001f600\ufeff",
    '"},{"schema":1',
    "x" * 100_000,
]

texts = st.text(st.characters())  # lone surrogates as well
numbers = st.integers(-1, 2**63)
shares = st.floats(-1, 1)


def lists(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=4).map(tuple)


replies = st.builds(
    Reply,
    text=texts,
    prompt=texts,
    prompt_tokens=lists(numbers),
    tokens=lists(numbers),
    logprobs=lists(st.floats(allow_nan=False)),
    policy=lists(shares),
    value=st.none() | shares,
    line=lists(numbers),
)
turns = st.builds(Turn, st.sampled_from([0, 1]), replies, st.builds(Verdict, texts, numbers, texts))
episodes = st.builds(
    Episode,
    game=texts,
    seed=numbers,
    number=numbers,
    players=st.tuples(texts, texts),
    opening=lists(numbers),
    turns=lists(turns),
    history=lists(numbers),
    returns=st.tuples(shares, shares),
    ending=texts,
)


def through_text(episode: Episode) -> Episode:
    text = json.dumps(to_record(episode))
    assert text.isascii()  # so it can be written whatever the text holds
    assert "\n" not in text
    return from_record(json.loads(text))


@given(episodes)
def test_records_go_through_json_and_back(episode: Episode) -> None:
    assert through_text(episode) == episode
    assert from_record(to_record(episode)) == episode


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_comes_back_as_it_was(text: str) -> None:
    turn = Turn(1, Reply(text, prompt=text), Verdict("malformed", -1, text))
    episode = Episode("tic-tac-toe", 0, 0, (text, text), (), (turn,), (), (1.0, -1.0), "malformed")
    assert through_text(episode) == episode


def test_a_value_of_zero_is_not_taken_for_none() -> None:
    turn = Turn(0, Reply("x", value=0.0), Verdict("malformed", -1))
    episode = Episode("tic-tac-toe", 0, 0, ("a", "b"), (), (turn,), (), (-1.0, 1.0), "malformed")
    assert through_text(episode).turns[0].reply.value == 0.0


def test_what_is_empty_is_not_stored() -> None:
    (episode,) = play(GAMES["tic-tac-toe"], [Match(0, (RandomPlayer(), RandomPlayer()))], seed=0)
    assert all(set(turn["reply"]) == {"text"} for turn in to_record(episode)["turns"])


def record(**changes: Any) -> dict[str, Any]:
    turn = Turn(0, Reply("x", tokens=(1, 2), logprobs=(-0.5, -1.0)), Verdict("malformed", -1, "no form"))
    episode = Episode("tic-tac-toe", 3, 4, ("a", "b"), (8,), (turn,), (8,), (-1.0, 1.0), "malformed")
    return json.loads(json.dumps(to_record(episode))) | changes


@pytest.mark.parametrize("schema", [SCHEMA + 1, SCHEMA - 1, None, "1", [], {"a": 1}, "\ud800"])
def test_another_schema_is_named(schema: Any) -> None:
    with pytest.raises(ValueError, match=rf"schema .*; this program reads schema {SCHEMA}"):
        from_record(record(schema=schema))


def test_every_field_must_be_there() -> None:
    assert from_record(record()).seed == 3
    for name in record().keys() - {"schema"}:
        cut = record()
        del cut[name]
        with pytest.raises(ValueError, match=f"not an episode.*{name}"):
            from_record(cut)
    for part in ("kind", "action", "reason"):
        cut = record()
        del cut["turns"][0]["verdict"][part]
        with pytest.raises(ValueError, match=f"not an episode.*{part}"):
            from_record(cut)


@pytest.mark.parametrize(
    "changes",
    [
        {"game": None},
        {"seed": "3"},
        {"seed": 3.5},
        {"seed": True},
        {"players": "ab"},
        {"players": ["a"]},
        {"players": ["a", "b", "c"]},
        {"players": [1, 2]},
        {"history": "8"},
        {"history": [8.0]},
        {"history": [[8]]},
        {"history": 8},
        {"opening": {"8": 1}},
        {"returns": [1.0]},
        {"returns": ["-1", "1"]},
        {"returns": [10**400, 0]},
        {"turns": 0},
        {"turns": [None]},
        {"turns": ["x"]},
        {"turns": [[]]},
        {"turns": [{}]},
        {"turns": {"seat": 0}},
    ],
    ids=str,
)
def test_fields_of_the_wrong_kind_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not an episode"):
        from_record(record(**changes))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("seat",), 2),
        (("seat",), "0"),
        (("reply",), "text"),
        (("reply",), ["text"]),
        (("reply", "text"), 5),
        (("reply", "tokens"), "12"),
        (("reply", "tokens"), [None]),
        (("reply", "value"), "0.5"),
        (("reply", "surprise"), 1),
        (("verdict",), None),
        (("verdict", "action"), "5"),
        (("verdict", "kind"), ["legal"]),
    ],
    ids=str,
)
def test_turns_of_the_wrong_kind_are_refused(place: tuple[str, ...], value: Any) -> None:
    changed = record()
    inner = changed["turns"][0]
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    with pytest.raises(ValueError, match="not an episode"):
        from_record(changed)


@pytest.mark.parametrize("garbage", [None, 1, "text", [], [1, 2], {}, {"schema": 1}, {"a": "b"}], ids=str)
def test_garbage_is_refused(garbage: Any) -> None:
    with pytest.raises(ValueError, match="episode"):
        from_record(garbage)


def test_a_refusal_stays_short() -> None:
    with pytest.raises(ValueError, match="not an episode") as refused:
        from_record(record(game=["x" * 10_000_000]))
    assert len(str(refused.value)) < 300
