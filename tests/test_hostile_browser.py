"""Every page in a real browser over runs whose every text is hostile: no script runs, nothing is asked of anybody else.

The fixture `opened` holds each page to it: a console message, a violated policy, a request to another address or a
dialog fails the test.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hostile_texts import EVERYTHING, TEXTS
from tests.test_hostile_watch import hostile_episode, hostile_runs
from tests.test_server import Served
from xueba.__main__ import main
from xueba.pages import replay_page
from xueba.shown import shown

pytestmark = pytest.mark.slow
Open = Callable[..., Any]
PAGES = {
    "now": "#/now?runs=hostile",
    "now, the tournament": "#/now?runs=table",
    "games": "#/games",
    "games of nobody": "#/games?player=%3Cscript%3Ewindow.pwned%3D1%3C/script%3E",
    "problems": "#/problems",
    "league": "#/league/hostile",
    "league of the tournament": "#/league/table",
    "flags": "#/flags",
    "play": "#/play",
    "nowhere": "#/%3Cimg%20src=x%20onerror=window.pwned=1%3E",
    **{f"game, {name}": f"#/game/hostile/{n}/1" for n, name in enumerate([*TEXTS, "all of it"], 1)},
    **{f"arena, ply {ply}": f"#/game/table/1/{ply}" for ply in (0, 1, 3, 35)},
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    hostile_runs(root)
    return root


@pytest.fixture(scope="module")
def served(root: Path) -> Iterator[Served]:
    server = Served(root)
    server.ask("/api/runs")
    yield server
    server.stop()


@pytest.mark.parametrize("name", PAGES)
def test_text_is_text_on_every_page(served: Served, opened: Open, name: str) -> None:
    page = opened(served.url + PAGES[name], 1400, "light", served.url)
    page.wait_for_selector("main h1")
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None
    said = page.inner_text("body")
    assert not {"\u202e", "\u2066", "\u200b", "\x1b", "\x00"} & set(said)
    hrefs = page.evaluate("[...document.querySelectorAll('a')].map(a => a.protocol)")
    assert set(hrefs) <= {"http:"}
    assert page.evaluate("document.querySelectorAll('script').length") <= 2
    if name == "game, bidi":
        assert "⟨U+202E⟩" in said


def test_pages_from_the_disk_are_as_harmless(root: Path, tmp_path: Path, opened: Open) -> None:
    for run in ("hostile", "table"):
        assert main(["report", run, "--runs", str(root), "--out", str(tmp_path / run)]) == 0
    (tmp_path / "replay.html").write_text(replay_page(shown(hostile_episode(EVERYTHING)), EVERYTHING, EVERYTHING))
    html = hostile_episode(EVERYTHING)._repr_html_()
    (tmp_path / "notebook.html").write_text(f"<!doctype html><meta charset=utf-8><h1>x</h1>{html}")
    files = [*tmp_path.glob("*/report.html"), *tmp_path.glob("*/games/*.html"), *tmp_path.glob("*.html")]
    assert len(files) >= 5
    for file in files:
        page = opened(f"file://{file}", 1400, "dark", "file://")
        page.wait_for_timeout(200)
        assert page.evaluate("window.pwned") is None, file
        assert not {"\u202e", "\u200b", "\x1b"} & set(page.inner_text("body")), file


def test_what_the_answers_hold_is_plain_json(served: Served) -> None:
    for path in ("runs", "games", "flags", "shares", "events?run=hostile", "config?run=table", "league?run=table"):
        status, text = served.get(f"/api/{path}")
        assert status == 200
        assert text.isascii(), "half a character is no UTF-8"
        json.loads(text)
