"""Names of chat players: what they say, what is wrong with them, and where a key may go."""

from __future__ import annotations

from dataclasses import fields

import pytest

from agents.chat_settings import ChatConfig, chat_named, checked_address, key_of

KEY = "sk-QxZ7vWk9YjH3tBnR5"


@pytest.mark.parametrize(
    ("option", "fault"),
    [
        ("", "name of a model"),
        ("@http://127.0.0.1:8000/v1", "name of a model"),
        ("a model", "name of a model"),
        ("m@ftp://x", "no address"),
        ("m@http://", "no address"),
        ("m@http://127.0.0.1:99999/v1", "no address"),
        ("m@http://[::1", "no address"),
        ("m@http://a\x1b/v1", "no address"),
        ("m@127.0.0.1:8000/v1", "begins with http"),
        ("m?temprature=1", "did you mean 'temperature'"),
        ("m?temperature=hot", "temperature is a number"),
        ("m?temperature=nan", "between"),
        ("m?temperature=3", "between"),
        ("m?max_tokens=1.5", "whole number"),
        ("m?max_tokens=0", "between 1 and 1,000,000"),
        ("m?retries=1000000", "between"),
        ("m?timeout=inf", "between"),
        ("m?timeout", "a number"),
        ("m?effort=low&effort=high", "effort is set twice"),
        ("m?language=fr", "no language"),
        ("m?show=fen,bord", "did you mean 'board'"),
        ("m?model=other", "no setting"),
        ("m?budget=1.5", "price_in and price_out"),
    ],
)
def test_what_is_wrong_with_a_name(option: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault) as caught:
        chat_named(option)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "option", [f"m@http://user:{KEY}@host/v1", f"m@https://{KEY}@host/v1", f"m?key_env={KEY}", f"m?api_key={KEY}"]
)
def test_a_key_on_the_command_line_is_refused_and_not_repeated(option: str) -> None:
    with pytest.raises(ValueError, match="key") as caught:
        chat_named(option)
    assert KEY not in str(caught.value)


def test_what_a_name_says() -> None:
    config = chat_named("gpt@http://127.0.0.1:8000/v1?temperature=0.7&effort=low&budget=1.5&price_out=8&language=zh")
    url = "http://127.0.0.1:8000/v1"
    assert config == ChatConfig("gpt", url, temperature=0.7, effort="low", budget=1.5, price_out=8.0, language="zh")


@pytest.mark.parametrize("model", ["@cf/meta/llama-3", "claude@20240620", "llama3:8b", "org/model"])
def test_names_of_models_may_be_strange(model: str) -> None:
    assert chat_named(model) == ChatConfig(model)
    assert chat_named(f"{model}@http://[::1]:80/v1") == ChatConfig(model, "http://[::1]:80/v1")


def test_every_setting_can_be_named() -> None:
    text = (
        "key_env=MINE&temperature=0.5&effort=high&max_tokens=9&language=zh&show=fen,legal&budget=2&tokens=5&price_in=1"
        "&price_out=3&timeout=4&retries=2&pause=0.5&patience=6"
    )
    named = chat_named(f"m?{text}")
    unnamed = {f.name for f in fields(ChatConfig) if getattr(named, f.name) == f.default}
    assert unnamed == {"url"}


def test_where_the_key_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")
    monkeypatch.setenv("OTHER", "another-key-1234567")
    plain, named = ChatConfig("m"), ChatConfig("m", key_env="OPENAI_API_KEY")
    for url in ("", "https://api.example.org/v1", "http://127.0.0.1:1/v1", "http://localhost/v1", "http://[::1]:8/v1"):
        assert key_of(plain, url) == KEY
    for url in ("http://api.example.org/v1", "http://127.0.0.1.example.org/v1", "http://10.0.0.1/v1"):
        assert key_of(plain, url) == "", "not in the clear, unless it is asked for by name"
        assert key_of(named, url) == KEY
    assert key_of(ChatConfig("m", key_env="OTHER"), "") == "another-key-1234567"


def test_a_key_that_is_missing_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert key_of(ChatConfig("m"), "http://127.0.0.1:1/v1") == "", "a local server needs none"
    with pytest.raises(RuntimeError, match="OPENAI_API_KEY"):
        key_of(ChatConfig("m"), "")
    with pytest.raises(RuntimeError, match="variable MINE"):
        key_of(ChatConfig("m", key_env="MINE"), "http://127.0.0.1:1/v1")
    for wrong in (f"{KEY}\n{KEY}", f"{KEY}…", f"{KEY}\x00"[:-1] + "\x1b"):
        monkeypatch.setenv("OPENAI_API_KEY", wrong)
        with pytest.raises(RuntimeError, match="in no key") as caught:
            key_of(ChatConfig("m"), "")
        assert KEY not in str(caught.value)


def test_an_address_is_given_back_as_it_is() -> None:
    assert checked_address("https://api.example.org/v1/") == "https://api.example.org/v1/"
