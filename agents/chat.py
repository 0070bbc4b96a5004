"""A chat model behind any OpenAI-compatible address, by `openai`'s own client.

Every request has a time for connecting and one for all of it, slow drips included; what can be tried again is, a few
times, ever later; what cannot is a `ChatFaultError` that names the cause and stops the match, to be resumed. No fault
is a move or a loss. Models that write without our fields are taken at their word: the text stands as it is. Keys come
from the environment and appear nowhere. `openai` is imported when the first player is made (extra `arena`).
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from agents.agent import Reply, View
from agents.chess_prompts import SHOWN, SYSTEM, prompt, system
from envs.lookup import not_found

MAX_TEXT = 1 << 20
"""characters of a reply or its reasoning that are kept"""
FINAL = (400, 401, 403, 404, 405, 422)
"""Answers that asking again does not change."""


class ChatFaultError(RuntimeError):
    """The address, the service or the network failed; says how."""


class BudgetSpentError(RuntimeError):
    """What the player may spend is spent; its matches stop, and can go on with a larger budget."""

    def __init__(self, text: str, player: str) -> None:
        super().__init__(text)
        self.player = player


@dataclass(frozen=True, slots=True)
class ChatConfig:
    """Whom to ask and how; the names are those of `chat:MODEL@URL?name=value`."""

    model: str
    url: str = ""
    """base address; without one, OPENAI_BASE_URL or OpenAI's own"""
    key_env: str = "OPENAI_API_KEY"
    """environment variable that holds the key"""
    temperature: float = -1.0
    """-1: as the service has it"""
    effort: str = ""
    """reasoning effort, where the model knows of it: minimal, low, medium, high"""
    max_tokens: int = 4096
    """of a reply, reasoning included"""
    language: str = "en"
    show: str = "fen,board,moves"
    """what of the position is shown, of fen, board, moves, legal"""
    budget: float = 0.0
    """US dollars; 0: no bound"""
    tokens: int = 0
    """tokens in all games together; 0: no bound"""
    price_in: float = 0.0
    """US dollars a million tokens of prompt"""
    price_out: float = 0.0
    """US dollars a million tokens of reply"""
    timeout: float = 120.0
    """seconds for one reply"""
    retries: int = 4
    """more tries after a fault that may pass"""
    pause: float = 1.0
    """seconds before the first of them, doubled each time"""


def chat_named(option: str) -> ChatConfig:
    """What `MODEL@URL?temperature=0.7&budget=1.5` asks for.

    Raises:
        ValueError: something is missing, unknown, or no number; names it.
    """
    head, _, query = option.partition("?")
    model, _, url = head.partition("@")
    if not model:
        raise ValueError("chat takes the name of a model: chat:MODEL or chat:MODEL@http://127.0.0.1:8000/v1")
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"{url[:80]!r} is no address: it begins with http:// or https://")
    if url and urlsplit(url).username:
        raise ValueError("a key does not belong into an address: put it into OPENAI_API_KEY, or name key_env=VARIABLE")
    kinds: dict[str, type] = {f.name: type(f.default) for f in fields(ChatConfig) if f.name not in ("model", "url")}
    settings: dict[str, Any] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key not in kinds:
            raise ValueError(not_found("setting of a chat player", key, kinds))
        try:
            settings[key] = kinds[key](value)
        except ValueError:
            raise ValueError(f"{key}={value[:40]!r}: {key} is a number") from None
    config = ChatConfig(model, url, **settings)
    if config.language not in SYSTEM:
        raise ValueError(not_found("language", config.language, SYSTEM))
    for part in config.show.split(","):
        if part not in SHOWN:
            raise ValueError(not_found("part of a position", part, SHOWN))
    return config


@dataclass
class ChatPlayer:
    """Asks a chat model for one move at a time, the whole position each time; keeps nothing between them but its bill.

    May be asked from several threads.
    """

    config: ChatConfig
    name: str = "chat"
    run: str = ""
    """makes the addresses of requests unique, so that a service that knows idempotency keys answers a repeated one"""
    spent_tokens: int = field(default=0, init=False)
    spent: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        try:
            import openai
        except ImportError as error:
            raise RuntimeError("a chat player needs the client: pip install 'xueba[arena]'") from error
        self._openai = openai
        self._lock = threading.Lock()
        timeout = openai.Timeout(self.config.timeout, connect=min(15.0, self.config.timeout))
        address = self.config.url or os.environ.get("OPENAI_BASE_URL") or None
        # a local server needs no key, but the client wants one
        key = os.environ.get(self.config.key_env) or "none"
        self._client = openai.OpenAI(
            base_url=address,
            api_key=key,
            max_retries=0,
            timeout=timeout,
            # a redirect could carry the key to somebody else
            http_client=openai.DefaultHttpxClient(follow_redirects=False, timeout=timeout),
        )

    def act(self, views: Sequence[View]) -> list[Reply]:
        """One reply for each view, one after the other.

        Raises:
            ChatFaultError: the service fails for good.
            BudgetSpentError: the budget is spent.
        """
        return [self._ask(view) for view in views]

    def close(self) -> None:
        """Leave its connections."""
        self._client.close()

    def check(self) -> None:
        """Whether the address answers, takes the key and knows the model, before anything is played.

        Raises:
            ChatFaultError: it does not; says what.
        """
        try:
            known = [model.id for model in self._bounded(lambda: self._client.models.list().data)]
        except self._openai.NotFoundError:
            return  # a service without a list of models
        except Exception as error:  # noqa: BLE001 (whatever the client raises becomes a sentence without secrets)
            raise self._fault(error) from None
        if known and self.config.model not in known:
            raise ChatFaultError(f"{self.name}: {not_found('model', self.config.model, known)}")

    def _ask(self, view: View) -> Reply:
        self._within_budget()
        show = tuple(self.config.show.split(","))
        told = system(view, self.config.language)
        asked = prompt(view, self.config.language, show)
        key = f"xueba-{self.run}-{view.episode}-{len(view.history)}-{view.attempt}-{view.seat}"
        answer = self._tried(
            [{"role": "system", "content": told}, {"role": "user", "content": asked}],
            key,
            self._limit(view),
        )
        return self._reply(answer, f"{told}\n\n{asked}")

    def _limit(self, view: View) -> int:
        left = view.tokens_left if view.tokens_left > 0 else self.config.max_tokens
        return max(16, min(self.config.max_tokens, left))

    def _tried(self, messages: list[dict[str, str]], key: str, limit: int) -> Any:
        """The service's answer, asked for again where a fault may pass."""
        fault: Exception = ChatFaultError("not asked")
        for attempt in range(self.config.retries + 1):
            try:
                answer = self._bounded(lambda: self._once(messages, key, limit))
                if not _is_whole(answer):
                    raise ChatFaultError("the answer is none: it has no choices with a message")
                return answer
            except Exception as error:  # noqa: BLE001 (see `_fault`)
                fault = error
                if not self._may_pass(error):
                    break
            if attempt < self.config.retries:
                time.sleep(self._pause(fault, attempt))
        raise self._fault(fault) from None

    def _once(self, messages: list[dict[str, str]], key: str, limit: int) -> Any:
        config = self.config
        settings: dict[str, Any] = {"max_completion_tokens" if config.effort else "max_tokens": limit}
        if config.temperature >= 0:
            settings["temperature"] = config.temperature
        if config.effort:
            settings["reasoning_effort"] = config.effort
        return self._client.chat.completions.create(
            model=config.model,
            messages=messages,  # type: ignore[arg-type]
            extra_headers={"Idempotency-Key": key},
            **settings,
        )

    def _bounded(self, request: Any) -> Any:
        """What `request` gives, or a fault once its whole time is over: each drop resets the client's own clock."""
        found: list[Any] = []

        def work() -> None:
            try:
                found.append((request(), None))
            except BaseException as error:  # noqa: BLE001 (is raised where it was asked for)
                found.append((None, error))

        # a daemon, so that an answer that never ends keeps nobody from leaving
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(self.config.timeout)
        if not found:
            raise TimeoutError(f"no whole answer within {self.config.timeout:g} s")
        value, error = found[0]
        if error is not None:
            raise error
        return value

    def _may_pass(self, error: Exception) -> bool:
        status = getattr(error, "status_code", None)
        return not (isinstance(status, int) and (status in FINAL or 300 <= status < 400))

    def _pause(self, error: Exception, attempt: int) -> float:
        """Ever longer, by chance, so that many do not come back at once; as long as the service asks, within reason."""
        wanted = 0.0
        response = getattr(error, "response", None)
        if response is not None:
            header = response.headers.get("retry-after", "")
            wanted = float(header) if header.replace(".", "", 1).isdecimal() else 0.0
        own: float = self.config.pause * 2**attempt * (0.5 + random.random())
        return min(60.0 * max(self.config.pause, 0.001), max(wanted * min(1.0, self.config.pause), own))

    def _fault(self, error: Exception) -> ChatFaultError:
        """A sentence of what went wrong, in which no key appears."""
        status = getattr(error, "status_code", None)
        kind = type(error).__name__
        cause = error.__cause__
        text = f"{kind}: {error}" if cause is None else f"{kind}: {error} ({type(cause).__name__}: {cause})"
        if status == 401:
            text = f"the key in {self.config.key_env} is not accepted (401)"
        elif status == 404:
            text = f"no model {self.config.model!r}, or no such address (404)"
        elif isinstance(status, int) and 300 <= status < 400:
            text = f"it redirects elsewhere ({status}), which is not followed"
        where = self._client.base_url
        return ChatFaultError(f"{self.name} at {where.host}: {self._without_key(text)[:300]}")

    def _without_key(self, text: str) -> str:
        key = os.environ.get(self.config.key_env, "")
        return text.replace(key, "…") if len(key) > 3 else text

    def _reply(self, answer: Any, asked: str) -> Reply:
        message = answer.choices[0].message
        extra = getattr(message, "model_extra", None) or {}
        thought = next((extra[n] for n in ("reasoning_content", "reasoning") if isinstance(extra.get(n), str)), "")
        text = message.content if isinstance(message.content, str) else ""
        usage = answer.usage
        prompt_tokens = getattr(usage, "prompt_tokens", 0) or 0
        reply_tokens = getattr(usage, "completion_tokens", 0) or 0
        cost = (prompt_tokens * self.config.price_in + reply_tokens * self.config.price_out) / 1e6
        with self._lock:
            self.spent += cost
            self.spent_tokens += prompt_tokens + reply_tokens
        return Reply(text[:MAX_TEXT], prompt=asked, thought=thought[:MAX_TEXT], spent=reply_tokens, cost=cost)

    def _within_budget(self) -> None:
        config = self.config
        with self._lock:
            if config.budget and self.spent >= config.budget:
                raise BudgetSpentError(f"{self.name} has spent its budget of ${config.budget:g}", self.name)
            if config.tokens and self.spent_tokens >= config.tokens:
                raise BudgetSpentError(f"{self.name} has spent its {config.tokens:,} tokens", self.name)


def _is_whole(answer: Any) -> bool:
    """Whether there is a message in it; the client checks nothing of what it is sent."""
    choices = getattr(answer, "choices", None)
    return isinstance(choices, list) and bool(choices) and getattr(choices[0], "message", None) is not None
