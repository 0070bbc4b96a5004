"""What is an answer, whose it is, and that nothing that is sent does more harm than none."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from agents.bill import Tokens
from agents.chat_answer import MAX_TEXT, MAX_THOUGHT, Answer, NoAnswerError, answer_of
from envs.saying import MAX_REPLY, parse_said

MOVE = "<answer>e4</answer>"


def body(message: dict[str, Any], finished: object = "stop", **more: object) -> bytes:
    return json.dumps({"choices": [{"message": message, "finish_reason": finished}], **more}).encode()


@pytest.mark.parametrize(
    ("message", "finished", "expected"),
    [
        ({"content": MOVE}, "stop", Answer(MOVE)),
        ({"content": MOVE}, None, Answer(MOVE)),
        ({"content": "<answer>e", "reasoning_content": "long"}, "length", Answer("<answer>e", "long")),
        ({"content": MOVE, "reasoning": "so"}, "stop", Answer(MOVE, "so")),
        ({"content": MOVE, "thinking": "so", "reasoning": None}, "stop", Answer(MOVE, "so")),
        ({"content": MOVE, "reasoning": "two", "reasoning_content": "one"}, "stop", Answer(MOVE, "one")),
        ({"content": [{"type": "text", "text": "<answer>"}, 5, {"text": "e4</answer>"}]}, "stop", Answer(MOVE)),
        ({"content": None, "refusal": "I do not play."}, "stop", Answer("I do not play.")),
        # it has thought, and then said nothing: its own doing
        ({"content": None, "reasoning_content": "hm"}, "stop", Answer("", "hm")),
        ({"content": ""}, "length", Answer("")),
    ],
)
def test_what_a_player_says(message: dict[str, Any], finished: object, expected: Answer) -> None:
    assert answer_of(body(message, finished)) == expected


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"", "nothing"),
        (b"  \n", "nothing"),
        (b"{", "broken JSON"),
        (b'"hello"', "no object"),
        (b"[" * 100_000, "broken JSON"),
        (b'{"usage": ' + b"9" * 5000 + b"}", "broken JSON"),
        (b"{}", "no choices"),
        (b'{"choices": {}}', "no choices"),
        (b'{"choices": [null]}', "no choices"),
        (b'{"choices": [{"message": "e4"}]}', "no message"),
        (b'{"error": {"message": "upstream"}}', "upstream"),
        (b'{"error": "upstream"}', "upstream"),
        (b'{"choices": [{"error": {"code": 502}, "message": {"content": "e"}}]}', "502"),
        (body({"content": ""}), "empty"),
        (body({"content": " \n"}), "empty"),
        (body({"content": {"text": "e4"}}), "empty"),
        (body({"content": None, "tool_calls": [{}]}, "tool_calls"), "empty"),
        (body({"content": MOVE}, "content_filter"), "content_filter"),
        (body({"content": MOVE}, "error"), "cut off"),
    ],
)
def test_what_is_the_service_s_fault(sent: bytes, why: str) -> None:
    with pytest.raises(NoAnswerError, match=why):
        answer_of(sent)


def test_a_page_in_the_place_of_an_answer_is_named() -> None:
    with pytest.raises(NoAnswerError, match="text/html, not JSON; is the address right"):
        answer_of(b"<html>", "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 7, "completion_tokens": 3}, Tokens(7, 3)),
        ({"prompt_tokens": 0, "completion_tokens": 0, "more": 1}, Tokens(0, 0)),
        ({"prompt_tokens": 7}, None),
        ({"prompt_tokens": True, "completion_tokens": 1}, None),
        ({"prompt_tokens": -7, "completion_tokens": 1}, None),
        ({"prompt_tokens": 7.5, "completion_tokens": 1}, None),
        ({"prompt_tokens": 10**12, "completion_tokens": 1}, None),
        ([7, 3], None),
        (None, None),
    ],
)
def test_tokens_are_believed_where_they_can_be_so(usage: object, expected: Tokens | None) -> None:
    assert answer_of(body({"content": MOVE}, usage=usage)).used == expected


def test_long_answers_are_cut_and_still_too_long() -> None:
    answer = answer_of(body({"content": f"{MOVE}{'x' * 200_000}", "reasoning": "y" * 2_000_000}))
    assert (len(answer.text), len(answer.thought)) == (MAX_TEXT, MAX_THOUGHT)
    assert str(MAX_REPLY) in parse_said(answer.text).fault


def test_whatever_is_sent_is_an_answer_or_named() -> None:
    draw = random.Random(1)
    whole = body({"content": MOVE, "reasoning": "hm"}, usage={"prompt_tokens": 7, "completion_tokens": 3})
    junk = [b"null", b"[]", b"{}", b"-1e999", b'"\\ud800"', b"NaN", b"\xff", b"", b'{"a":', b"true"]
    names = ["content", "choices", "message", "finish_reason", "usage", "error", "reasoning"]
    whys = set()
    for _ in range(3000):
        sent = bytearray(whole)
        for _ in range(draw.randint(1, 3)):
            start = draw.randrange(len(sent) + 1)
            piece = draw.choice([*junk, json.dumps(draw.choice(names)).encode(), bytes([draw.randrange(256)])])
            sent[start : start + draw.randrange(30)] = piece
        try:
            answer = answer_of(bytes(sent))
        except NoAnswerError as error:
            whys.add(str(error)[:20])
        else:
            assert isinstance(answer.text, str)
            assert isinstance(answer.thought, str)
            assert answer.text.strip() or answer.thought.strip() or b"length" in sent
    assert len(whys) > 3
