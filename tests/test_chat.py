"""Chat players: `openai`'s own client against a server that misbehaves; no fault is a move, no key is told."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import chess
import pytest

from agents.agent import Reply, View
from agents.chat import BudgetSpentError, ChatConfig, ChatFaultError, ChatPlayer
from agents.episode import Episode, to_record
from agents.journal import Journal, Journaled
from agents.play import Clock, Match, play
from agents.scripted import SCRIPTED, Scripted
from envs.arena import Arena
from tests.fake_chat_server import FAULTS, FINAL, SLOW, FakeChatServer

pytest.importorskip("openai")

HONEST = Scripted("honest", SCRIPTED["honest"])
KEY = "sk-QxZ7vWk9YjH3tBnR5"
ENDGAME = "4k3/8/8/8/8/8/4P3/4K3 w - - 0 1"
Ask = Callable[[], object]


def first_legal(messages: list[dict[str, str]]) -> str:
    """A model that plays the first legal move of the FEN it is shown."""
    found = re.search(r"FEN: (.*)", messages[-1]["content"])
    assert found
    board = chess.Board(found.group(1))
    return f"<think>hm</think><say>hello</say><answer>{min(move.uci() for move in board.legal_moves)}</answer>"


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[FakeChatServer]:
    with FakeChatServer(first_legal) as running:
        yield running


def player(server: FakeChatServer, **changes: object) -> ChatPlayer:
    config = ChatConfig("fake", server.url, pause=0.001, timeout=20.0, patience=0.05)
    made = ChatPlayer(replace(config, **changes), "chat:fake", "test")  # type: ignore[arg-type]
    server.guests.append(made)
    return made


def view(**changes: object) -> View:
    return replace(View(Arena(), 0, (), 0), **changes)  # type: ignore[arg-type]


def game(chat: ChatPlayer | Journaled, plies: int = 4) -> Episode:
    arena = Arena("explain", ENDGAME)
    return next(play(arena, [Match(7, (chat, HONEST))], seed=0, retries=2, clock=Clock(plies)))


def patient(fault: str) -> float:
    """Seconds for a reply: few where they are meant to run out."""
    return 0.2 if fault in SLOW else 20.0


def test_a_game_against_a_chat_model(server: FakeChatServer) -> None:
    chat = player(server, price_in=2.0, price_out=10.0)
    episode = game(chat, 10)
    mine = [turn for turn in episode.turns if turn.seat == 0]
    assert all(turn.verdict.legal for turn in mine)
    assert {turn.reply.thought for turn in mine} == {"deep thoughts"}
    assert {turn.reply.spent for turn in mine} == {10}
    assert mine[0].reply.cost == pytest.approx(300e-6)
    assert chat.bill.spent == pytest.approx(len(mine) * 300e-6)
    assert mine[0].verdict.said == "hello"
    wanted = {f"xueba-test-7-{2 * n}-0-0": 1 for n in range(5)}
    deadline = time.monotonic() + 10
    while server.delivered != wanted and time.monotonic() < deadline:
        time.sleep(0.01)  # the server counts a reply once it has sent it, and that is after it has arrived
    assert server.delivered == wanted


@pytest.mark.parametrize("fault", FAULTS)
def test_a_match_goes_on_once_a_fault_has_passed(server: FakeChatServer, fault: str) -> None:
    plain = game(player(server))
    server.faults = [fault]
    server.asked.clear()
    episode = game(player(server, timeout=patient(fault)))
    assert episode.history == plain.history, "a fault is no move"
    assert all(turn.verdict.legal for turn in episode.turns), "and no illegal one"
    assert server.asked["xueba-test-7-0-0-0"] > 1, "it is asked again, and can be told from a new question"
    assert server.asked["xueba-test-7-2-0-0"] >= 1


@pytest.mark.parametrize("fault", [*FAULTS, *FINAL])
def test_what_does_not_pass_stops_the_match_and_is_named(server: FakeChatServer, fault: str) -> None:
    server.faults = [fault] * 10
    began = time.monotonic()
    with pytest.raises(ChatFaultError, match=r"^chat:fake at 127\.0\.0\.1:\d+: .{5,}") as caught:
        game(player(server, retries=1, timeout=patient(fault)))
    assert time.monotonic() - began < 10
    assert len(server.requests) == (1 if fault in FINAL else 2)
    text = str(caught.value)
    assert text.isprintable(), "no line is forged, no terminal moved"
    named = {"429": "429", "500": "oops", "redirect": "redirects", "html": "html", "huge": "longer", "packed": "packed"}
    named |= {"drip": "slowly|within", "hang": "within|Timeout", "402": "402", "empty text": "empty", "nested": "JSON"}
    assert re.search(named.get(fault, ""), text), text


def test_a_redirect_is_not_followed(server: FakeChatServer) -> None:
    with FakeChatServer(first_legal) as other:
        for server.other in (other.url, ""):
            server.faults = ["redirect"]
            with pytest.raises(ChatFaultError, match="redirects elsewhere"):
                player(server).act([view()])
        assert (server.elsewhere, other.elsewhere, other.requests) == (0, 0, [])


@pytest.mark.parametrize("fault", ["drip", "drip headers", "endless"])
def test_nothing_goes_on_in_the_background_for_long(server: FakeChatServer, fault: str) -> None:
    server.faults = [fault]
    with pytest.raises(ChatFaultError):
        player(server, retries=0, timeout=0.2).act([view()])
    if fault == "drip headers":
        server.over.set()  # those may drip for as long as the client's library lets them
    until = time.monotonic() + 5
    while any(thread.name == "request" for thread in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.01)


def told(server: FakeChatServer, ask: Ask) -> str:
    """Everything that somebody could be told of what `ask` raises."""
    with pytest.raises(ChatFaultError) as caught:
        ask()
    error = caught.value
    found = traceback.TracebackException.from_exception(error, capture_locals=False).format(chain=True)
    return "".join([*found, repr(error), str(error), repr(error.__context__), repr(error.__cause__)])


def pieces(key: str) -> set[str]:
    return {key[at : at + 4] for at in range(len(key) - 3)}


@pytest.mark.parametrize("fault", ["wrong key", *FINAL, "429", "hang"])
def test_a_key_is_not_told(
    server: FakeChatServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    chat = player(server, retries=0, timeout=patient(fault))
    server.key = "another" if fault == "wrong key" else KEY
    server.faults = [fault] * 5
    text = told(server, lambda: chat.act([view()]))
    if fault == "wrong key":
        assert "OPENAI_API_KEY is not accepted" in text
        text += told(server, chat.check)
    assert server.headers[0]["authorization"] == f"Bearer {KEY}", "it has been sent, so it could have been told"
    text += repr(chat) + caplog.text
    assert not [piece for piece in pieces(KEY) if piece in text]


def test_a_key_that_is_sent_back_does_not_get_into_records(
    server: FakeChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n")  # as from a file
    server.answer = lambda messages: first_legal(messages).replace("hello", f"hello {server.headers[-1]}")
    record = json.dumps(to_record(game(player(server))))
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert "hello" in record
    assert "authorization" in record
    assert KEY not in record
    server.answer = lambda _: f"<say>it begins with {KEY[:12]} and ends with {KEY[-12:]}</say><answer>e4</answer>"
    (reply,) = player(server).act([view()])
    assert reply.text == "<say>it begins with … and ends with …</say><answer>e4</answer>"


@pytest.mark.parametrize("key", ["x", "ex", "EMPTY", KEY])
def test_no_key_changes_what_a_player_says(server: FakeChatServer, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    said = f"<think>the EMPTY square, {KEY[:6]}</think><answer>exd5</answer>"
    server.answer = lambda _: said
    (reply,) = player(server).act([view()])
    assert reply.text == said


def test_a_wrong_model_and_a_dead_address_are_found_before_the_first_move(server: FakeChatServer) -> None:
    player(server).check()
    assert not server.requests, "the list is enough"
    with pytest.raises(ChatFaultError, match=r"no model 'fke'.*did you mean 'fake'"):
        player(server, model="fke").check()
    with pytest.raises(ChatFaultError, match="no model 'fke'"):
        player(server, model="fke").act([view()])
    assert len(server.requests) == 2, "asking again would change nothing"
    with pytest.raises(ChatFaultError, match=r"127\.0\.0\.1:9: .*(Connect|refused)"):
        ChatPlayer(ChatConfig("fake", "http://127.0.0.1:9/v1", timeout=2.0, pause=0.01), "chat:fake").check()


@pytest.mark.parametrize("listed", [None, [], [{"id": "fake:latest"}], [5, {"name": "x"}, {"id": 3}], "soon", {"a": 1}])
def test_a_service_without_a_good_list_is_asked_for_a_word(server: FakeChatServer, listed: object) -> None:
    server.listed = listed
    server.answer = lambda _: "yes"
    player(server).check()
    assert len(server.requests) == 1
    with pytest.raises(ChatFaultError, match="no model 'fke'"):
        player(server, model="fke").check()


def test_a_key_that_is_wanted_is_asked_for(server: FakeChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.key = KEY
    with pytest.raises(ChatFaultError, match=r"wants a key .*: set OPENAI_API_KEY"):
        player(server).check()
    assert (server.visits, len(server.requests)) == (1, 0), "nobody is asked for a word then"
    monkeypatch.setenv("MY_KEY", KEY)
    player(server, key_env="MY_KEY").check()


def test_budgets_stop_the_match_and_it_goes_on_from_there(server: FakeChatServer, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    poor = player(server, tokens=4000, max_tokens=100)
    with pytest.raises(BudgetSpentError, match=r"may take up to .* tokens, and of 4,000 it has used") as caught:
        game(Journaled(poor, journal), 60)
    assert caught.value.player == "chat:fake"
    assert 1 < len(server.requests) < 40
    assert poor.bill.spent_tokens == 110 * len(server.requests)
    rich = player(server, tokens=100_000)
    episode = game(Journaled(rich, journal), 60)
    assert len(episode.history) == 60
    assert set(server.delivered.values()) == {1}, "no reply is paid twice"
    dear = player(server, price_out=1e4, budget=2.0, max_tokens=150)
    with pytest.raises(BudgetSpentError, match=r"may cost up to \$1\.5000.*budget of \$2 it has spent \$0\.6"):
        game(dear, 100)
    assert dear.bill.spent == pytest.approx(0.6)


@pytest.mark.parametrize(("fault", "paid"), [("429", False), ("500", False), ("truncated", True), ("hang", True)])
def test_what_may_have_been_answered_is_paid(server: FakeChatServer, fault: str, paid: bool) -> None:
    chat = player(server, max_tokens=1000, retries=0, timeout=patient(fault))
    server.faults = [fault]
    with pytest.raises(ChatFaultError):
        chat.act([view()])
    assert (chat.bill.spent_tokens > 1000) == paid


def test_many_at_once_do_not_spend_more_than_there_is(server: FakeChatServer) -> None:
    chat = player(server, tokens=8000, max_tokens=100)
    ends: list[str] = []

    def ask() -> None:
        try:
            for _ in range(50):
                chat.act([view()])
        except BudgetSpentError as error:
            ends.append(error.player)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends == ["chat:fake"] * 8
    assert 8000 - 2000 < chat.bill.spent_tokens <= 8000


@pytest.mark.parametrize("usage", [None, {}, "many", {"prompt_tokens": -5, "completion_tokens": 1e300}])
def test_a_service_that_counts_no_tokens(server: FakeChatServer, usage: object) -> None:
    server.usage = usage
    chat = player(server, max_tokens=100)
    (reply,) = chat.act([view()])
    assert 10 < reply.spent < 50, "the length of the reply"
    assert chat.bill.spent_tokens > 500, "the most that it can have been"


def test_settings_are_sent(server: FakeChatServer) -> None:
    player(server, temperature=0.5, max_tokens=99).act([view()])
    player(server, effort="low").act([view(tokens_left=50)])
    player(server).act([view(tokens_left=0)])
    player(server).act([view(tokens_left=500, tokens_a_turn=40)])
    first, second, third, fourth = server.requests
    assert (first["temperature"], first["max_tokens"], first["model"]) == (0.5, 99, "fake")
    assert [message["role"] for message in first["messages"]] == ["system", "user"]
    assert "reasoning_effort" not in first
    assert (second["reasoning_effort"], second["max_completion_tokens"]) == ("low", 50)
    assert "temperature" not in second
    assert third["max_tokens"] == 16
    assert fourth["max_tokens"] == 40
    assert server.headers[0]["authorization"] == "Bearer none"


def test_who_keeps_to_what_is_asked_for_loses_no_game_by_the_clock(server: FakeChatServer) -> None:
    """The bound goes out and is told; a service that counts nothing is not counted beyond it."""
    server.usage = None
    server.answer = lambda messages: f"<think>{'well ' * 100}</think>{first_legal(messages).partition('</think>')[2]}"
    match = Match(0, (player(server), HONEST))
    (episode,) = play(Arena("strict", ENDGAME), [match], seed=0, clock=Clock(plies=4, tokens_a_turn=100))
    assert episode.ending == "unfinished"
    assert [turn.reply.spent for turn in episode.turns if turn.seat == 0] == [100, 100]
    for request in server.requests:
        assert request["max_tokens"] == 100
        assert "more than 100 tokens" in request["messages"][-1]["content"]


def test_every_question_has_its_own_address(server: FakeChatServer) -> None:
    chat = player(server)
    chat.run = "比赛 1/2"
    e4 = Arena().actions_of([chess.Move.from_uci("e2e4")])
    for changed in (view(), view(episode=3), view(seat=1), view(attempt=1), view(history=e4)):
        chat.act([changed])
    assert len(server.asked) == 5
    chat.run = "another"
    chat.act([view()])
    assert len(server.asked) == 6
    assert all(address.isascii() and " " not in address for address in server.asked)


def test_a_service_may_ask_for_a_pause(server: FakeChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("agents.chat.time.sleep", waited.append)
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    endless_zone = "Mon, 01 Jan 2024 00:00:00 +99999999999999"
    for header in ("7", then, "1" * 400, "soon", "-5", "\xb2", endless_zone):
        monkeypatch.setitem(sys.modules["tests.fake_chat_server"].PLAIN["429 later"][2], "Retry-After", header)
        server.faults = ["429 later"]
        player(server, patience=60.0, pause=0.5).act([view()])
    seven, date, endless, *rest = waited
    assert seven == 7.0
    assert 20 < date <= 30
    assert endless == 60.0
    assert all(0.25 <= pause <= 0.75 for pause in rest)
    server.faults = ["500"] * 4
    waited.clear()
    player(server, pause=1.0, patience=60.0).act([view()])
    assert all(0.5 * 2**n <= pause <= 1.5 * 2**n for n, pause in enumerate(waited))


def test_without_the_client_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(RuntimeError, match=r"pip install 'xueba\[arena\]'"):
        ChatPlayer(ChatConfig("fake", "http://127.0.0.1:9/v1"))


def test_words_in_no_form_stand_as_they_are(server: FakeChatServer) -> None:
    server.answer = lambda _: "I play Nf3, the best move."
    (reply,) = player(server).act([view()])
    assert reply == replace(reply, text="I play Nf3, the best move.")
    arena = Arena()
    (verdict,) = arena.judge(arena.initial(1), [reply.text])
    assert (verdict.kind, verdict.action) == ("no_move", -1)
    assert isinstance(reply, Reply)
