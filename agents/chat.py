"""A chat model behind any OpenAI-compatible address, by `openai`'s own client.

Each question holds the whole position, so that nothing is kept between two of them: a match goes on wherever it was
stopped. Every request has a time for connecting and one for all of it, slow drips included; what may pass is tried
again, a few times, ever later, under the same idempotency key; what does not is a `ChatFaultError` that names the cause
and stops the match, to be resumed. No fault is a move or a loss (`agents.chat_answer` says which is which). Models that
write without our fields are taken at their word: the text stands as it is, and the referee finds no move in it. Keys
come from the environment and appear nowhere. `openai` is imported when the first player is made (extra `arena`).
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote

from agents.agent import Reply, View
from agents.bill import Bill, BudgetSpentError, Tokens
from agents.bounded_http import SECRET, UnboundedError, bounded_client, hidden, within
from agents.chat_answer import Answer, NoAnswerError, answer_of
from agents.chat_settings import DEFAULT_KEY, ChatConfig, chat_named, checked_address, key_of
from agents.chess_prompts import prompt, system
from envs.lookup import did_you_mean

__all__ = ["BudgetSpentError", "ChatConfig", "ChatFaultError", "ChatPlayer", "chat_named"]

PASSING = (408, 409, 425, 429)
"""Answers below 500 that another try may change."""
LEAST = 16
"""tokens of a reply; services refuse fewer"""
OVERHEAD = 32
"""tokens of a prompt beside its text, at most"""

Messages = list[dict[str, str]]
T = TypeVar("T")


class ChatFaultError(RuntimeError):
    """The address, the service or the network failed; says how. `status` is of HTTP, None where nothing came back."""

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


@dataclass
class ChatPlayer:
    """Asks a chat model for one move at a time; keeps nothing between two of them but its bill.

    May be asked from several threads. `Reply.spent` counts tokens of replies, by the service's word, or by the length
    of the text where it says nothing.

    Raises:
        RuntimeError: the client is not installed, or the key is not there; says what to do.
        ValueError: OPENAI_BASE_URL is no address.
    """

    config: ChatConfig
    name: str = "chat"
    run: str = ""
    """makes the addresses of requests unique, so that a service that knows idempotency keys answers a repeated one"""
    bill: Bill = field(init=False)

    def __post_init__(self) -> None:
        try:
            import openai
        except ImportError as error:
            raise RuntimeError("a chat player needs the client: pip install 'xueba[arena]'") from error
        config = self.config
        self.bill = Bill(self.name, config.budget, config.tokens, (config.price_in, config.price_out))
        self._openai = openai
        url = config.url or os.environ.get("OPENAI_BASE_URL", "")
        self._key = key_of(config, checked_address(url) if url else "")
        self._client = openai.OpenAI(
            base_url=url or None,
            # a local server needs no key, but the client wants one
            api_key=self._key or "none",
            max_retries=0,
            http_client=bounded_client(openai, config.timeout),
        )

    def act(self, views: Sequence[View]) -> list[Reply]:
        """One reply for each view, one after the other.

        Raises:
            ChatFaultError: the service fails for good.
            BudgetSpentError: a reply might cost more than is left.
        """
        return [self._ask(view) for view in views]

    def close(self) -> None:
        """Leave its connections."""
        self._client.close()

    def check(self) -> None:
        """Whether the address answers, takes the key and knows the model, before anything is played.

        A model that is not among those the service lists, or a service that lists none, is asked for a word.

        Raises:
            ChatFaultError: something is wrong; says what.
            BudgetSpentError: not even a word can be paid.
        """
        known = self._known()
        if self.config.model in known:
            return
        address = f"xueba-check-{os.urandom(8).hex()}"
        try:
            self._retried(lambda: self._paid([_user("Say yes.")], address, self.config.max_tokens), 1)
        except ChatFaultError as error:
            raise ChatFaultError(f"{error}{did_you_mean(self.config.model, known)}", error.status) from None

    def _known(self) -> list[str]:
        """The models that the service says it has; none where it does not say."""

        def ask() -> list[str]:
            return _names(self._client.models.with_raw_response.list().http_response.content)

        try:
            return self._retried(lambda: within(self.config.timeout, ask), 1)
        except ChatFaultError as error:
            if error.status in (None, 401, 403):
                raise
            return []

    def _ask(self, view: View) -> Reply:
        told = system(view, self.config.language)
        asked = prompt(view, self.config.language, tuple(self.config.show.split(",")))
        clocks = [tokens for tokens in (view.tokens_left, view.tokens_a_turn) if tokens >= 0]
        limit = max(LEAST, min([self.config.max_tokens, *clocks]))
        address = f"xueba-{quote(self.run)}-{view.episode}-{len(view.history)}-{view.attempt}-{view.seat}"
        messages = [{"role": "system", "content": told}, _user(asked)]
        answer, cost = self._retried(lambda: self._paid(messages, address, limit), self.config.retries)
        # a service that echoes what it was sent must not get the key into records
        text, thought = (hidden(said, self._key, SECRET) for said in (answer.text, answer.thought))
        # nobody is to lose by the clock on our guess that a reply is longer than was allowed
        spent = answer.used.reply if answer.used else min(limit, _guessed(answer))
        return Reply(text, prompt=f"{told}\n\n{asked}", thought=thought, spent=spent, cost=cost)

    def _paid(self, messages: Messages, address: str, limit: int) -> tuple[Answer, float]:
        """One try, and its price. What may have been answered without reaching us is paid in full."""
        most = Tokens(sum(len(m["content"].encode("utf-8", "replace")) + OVERHEAD for m in messages), limit)
        self.bill.hold(most)
        used = most
        try:
            answer = within(self.config.timeout, lambda: self._once(messages, address, limit))
            used = answer.used or most
            return answer, self.bill.cost(used)
        except Exception as error:
            used = Tokens() if _unpaid(error) else most
            raise
        finally:
            self.bill.settle(most, used)

    def _once(self, messages: Messages, address: str, limit: int) -> Answer:
        config, host = self.config, self._client.base_url.host
        # OpenAI's newer models know only the new name of the bound, other servers often only the old one
        new = bool(config.effort) or host.endswith(("openai.com", "openai.azure.com"))
        settings: dict[str, Any] = {"max_completion_tokens" if new else "max_tokens": limit}
        if config.temperature >= 0:
            settings["temperature"] = config.temperature
        if config.effort:
            settings["reasoning_effort"] = config.effort
        raw = self._client.chat.completions.with_raw_response.create(
            model=config.model,
            messages=messages,  # type: ignore[arg-type]
            extra_headers={"Idempotency-Key": address},
            **settings,
        )
        response = raw.http_response
        return answer_of(response.content, response.headers.get("content-type", ""))

    def _retried(self, request: Callable[[], T], retries: int) -> T:
        """What `request` gives, asked for again where a fault may pass."""
        for attempt in range(retries + 1):
            try:
                return request()
            except BudgetSpentError:
                raise
            except Exception as error:  # noqa: BLE001 (whatever the client raises becomes a sentence without secrets)
                fault, pause = self._fault(error), self._pause(error, attempt)
            status = fault.status
            if attempt == retries or (status is not None and 300 <= status < 500 and status not in PASSING):
                # not while the client's own error is handled: that one knows the key
                raise fault
            time.sleep(pause)
        raise AssertionError

    def _pause(self, error: Exception, attempt: int) -> float:
        """Seconds: ever longer, by chance, so that many do not return at once; as long as is asked for, in reason."""
        headers = getattr(getattr(error, "response", None), "headers", {})
        own: float = self.config.pause * 2**attempt * (0.5 + random.random())
        return min(self.config.patience, max(_retry_after(headers.get("retry-after", "")), own))

    def _fault(self, error: Exception) -> ChatFaultError:
        """A sentence of what went wrong, in which no piece of the key appears."""
        status, cause = getattr(error, "status_code", None), error.__cause__
        name, model = self.config.key_env or DEFAULT_KEY, self.config.model
        if status == 401:
            text = f"the key in {name} is not accepted (401)" if self._key else self._wants_a_key(name)
        elif isinstance(status, int) and 300 <= status < 400:
            text = f"it redirects elsewhere ({status}), which is not followed; name the address itself"
        elif isinstance(status, int):
            said = _said(error, status)
            text = f"no model {model!r}, or no such address (404): " if status == 404 else f"{status} for {model!r}: "
            text += said or "no reason given"
        elif isinstance(error, (NoAnswerError, TimeoutError)):
            text = str(error)
        else:
            text = (
                str(cause)
                if isinstance(cause, UnboundedError)
                else f"{type(cause or error).__name__}: {cause or error}"
            )
        where = self._client.base_url
        printable = "".join(c if c.isprintable() else " " for c in hidden(text[:4000], self._key))
        host = f"{where.host}:{where.port}" if where.port else where.host
        return ChatFaultError(f"{self.name} at {host}: {printable[:300]}", status if isinstance(status, int) else None)

    def _wants_a_key(self, name: str) -> str:
        unsent = bool(os.environ.get(name))
        why = f"; {name} goes out over plain http only where key_env={name} says so" if unsent else f": set {name}"
        return f"it wants a key (401){why}"


def _user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def _said(error: Exception, status: int) -> str:
    """What the service gives as a reason; pages are none."""
    body = getattr(error, "body", None)
    if isinstance(body, str):
        return "" if body.lstrip().startswith("<") else body
    return str(error).removeprefix(f"Error code: {status}").removeprefix(" - ")


def _unpaid(error: Exception) -> bool:
    """Whether a fault says that there is no answer: it was refused, or nobody was there."""
    return hasattr(error, "status_code") or type(error.__cause__).__name__ in ("ConnectError", "ConnectTimeout")


def _guessed(answer: Answer) -> int:
    """Tokens of a reply that the service has not counted."""
    return 1 + len(f"{answer.text}{answer.thought}".encode("utf-8", "replace")) // 4


def _names(body: bytes) -> list[str]:
    """The models of a list; none where it is no list."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return []
    rows = data.get("data") if isinstance(data, dict) else None
    names = [row.get("id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [name for name in names if isinstance(name, str)]


def _retry_after(header: str) -> float:
    """Seconds, from seconds or a date; 0 where it is neither (RFC 9110, 10.2.3)."""
    if header.isascii() and header.replace(".", "", 1).isdecimal():
        return float(header)
    try:
        then = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return 0.0
    now = datetime.now(UTC)
    return max(0.0, ((then if then.tzinfo else then.replace(tzinfo=UTC)) - now).total_seconds())
