"""Whom a chat player asks, and how: `chat:MODEL@URL?temperature=0.7&effort=low&max_tokens=2000&language=zh`."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from agents.chess_prompts import SHOWN, SYSTEM
from envs.lookup import not_found

DEFAULT_KEY = "OPENAI_API_KEY"
SCHEMES = ("http", "https")
_HERE = ("127.0.0.1", "localhost", "::1")
_RANGES = {
    "temperature": (-1.0, 2.0),
    "max_tokens": (1, 1_000_000),
    "budget": (0.0, 1e6),
    "tokens": (0, 10**12),
    "price_in": (0.0, 1e6),
    "price_out": (0.0, 1e6),
    "timeout": (0.01, 3600.0),
    "retries": (0, 20),
    "pause": (0.0, 60.0),
    "patience": (0.0, 3600.0),
}


@dataclass(frozen=True, slots=True)
class ChatConfig:
    """Whom to ask and how; the names are those of `chat:MODEL@URL?name=value`."""

    model: str
    url: str = ""
    """base address, mostly with /v1 at its end; without one, OPENAI_BASE_URL or OpenAI's own"""
    key_env: str = ""
    """environment variable of the key; without one OPENAI_API_KEY, which goes out over https or to this machine"""
    temperature: float = -1.0
    """-1: as the service has it"""
    effort: str = ""
    """reasoning effort, where the model knows of it: minimal, low, medium, high"""
    max_tokens: int = 4096
    """of a reply, reasoning included"""
    language: str = "en"
    """of the prompts, and so of the game: en or zh"""
    show: str = "fen,board,moves"
    """what of the position is shown, of fen, board, moves, legal"""
    budget: float = 0.0
    """US dollars until its matches stop; 0: no bound. It needs the prices"""
    tokens: int = 0
    """tokens, of prompts and replies, until its matches stop; 0: no bound"""
    price_in: float = 0.0
    """US dollars a million tokens of prompt"""
    price_out: float = 0.0
    """US dollars a million tokens of reply"""
    timeout: float = 120.0
    """seconds for one reply"""
    retries: int = 5
    """more tries after a fault that may pass"""
    pause: float = 1.0
    """seconds before the first of them, doubled each time"""
    patience: float = 60.0
    """longest pause in seconds, whatever the service asks for"""


def chat_named(option: str) -> ChatConfig:
    """What `MODEL@URL?temperature=0.7&tokens=100000` asks for.

    Raises:
        ValueError: something is missing, unknown, or no number; names it.
    """
    head, _, query = option.partition("?")
    model, url = _address(head)
    kinds: dict[str, type] = {f.name: type(f.default) for f in fields(ChatConfig) if f.name not in ("model", "url")}
    settings: dict[str, Any] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key not in kinds:
            raise ValueError(not_found("setting of a chat player", key, kinds))
        if key in settings:
            raise ValueError(f"{key} is set twice")
        settings[key] = _typed(key, value, kinds[key])
    config = ChatConfig(model, url, **settings)
    if config.language not in SYSTEM:
        raise ValueError(not_found("language", config.language, SYSTEM))
    for part in config.show.split(","):
        if part not in SHOWN:
            raise ValueError(not_found("part of a position", part, SHOWN))
    if not re.fullmatch(r"([A-Za-z_][A-Za-z0-9_]*)?", config.key_env):
        # what stands there may be a key, and is not repeated
        raise ValueError(f"key_env names an environment variable, as in key_env={DEFAULT_KEY}; the key goes into that")
    if config.budget and not (config.price_in or config.price_out):
        raise ValueError(
            "a budget in dollars needs the prices: price_in and price_out, US dollars a million tokens "
            "(or bound the tokens, as in tokens=200000)"
        )
    return config


def _address(head: str) -> tuple[str, str]:
    """Model and base address of `MODEL@URL`. Names of models may hold an @ of their own, as in `@cf/meta/llama`."""
    model, at, rest = head, "", ""
    for found in re.finditer("@", head):
        before, after = head[: found.start()], head[found.end() :]
        if "://" in after.split("@")[0] or re.match(r"[\w.-]+:\d+(/|$)", after):
            model, at, rest = before, "@", after
            break
    if not model.strip() or re.search(r"\s", model):
        raise ValueError("chat takes the name of a model: chat:MODEL or chat:MODEL@http://127.0.0.1:8000/v1")
    if not at:
        return model, ""
    return model, checked_address(rest)


def checked_address(url: str) -> str:
    """`url`, if it is one.

    Raises:
        ValueError: it is none, or holds a name or password, which is not repeated.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0 and url.isprintable()
        secret = parts.username is not None or parts.password is not None
    except ValueError:
        good = secret = False
    if secret:
        raise ValueError(f"a key does not belong into an address: put it into {DEFAULT_KEY}, or name key_env=VARIABLE")
    if not good:
        raise ValueError(f"{url[:80]!r} is no address: it begins with http:// or https://, then host and port")
    return url


def _typed(key: str, value: str, kind: type) -> Any:
    if kind is str:
        return value
    low, high = _RANGES[key]
    try:
        number = kind(value)
    except ValueError:
        wanted = "a whole number" if kind is int else "a number"
        raise ValueError(f"{key}={value[:40]!r}: {key} is {wanted}") from None
    if not math.isfinite(number) or not low <= number <= high:
        raise ValueError(f"{key}={value[:40]!r}: {key} is between {low:,} and {high:,}")
    return number


def key_of(config: ChatConfig, url: str) -> str:
    """The key for `url`, empty where none is sent.

    OPENAI_API_KEY is sent where `key_env` names it, over https, and to this machine; not in the clear to others.

    Raises:
        RuntimeError: the variable named is not set, OpenAI itself is to be asked without a key, or it is no key; says
            so without it.
    """
    name = config.key_env or DEFAULT_KEY
    key = os.environ.get(name, "").strip()
    if not key and (config.key_env or not url):
        raise RuntimeError(f"the key is missing: set the environment variable {name}")
    if not (key.isascii() and key.isprintable()):
        raise RuntimeError(f"{name} holds characters that are in no key; was it copied whole?")
    parts = urlsplit(url)
    if not config.key_env and parts.scheme == "http" and parts.hostname not in _HERE:
        return ""
    return key
