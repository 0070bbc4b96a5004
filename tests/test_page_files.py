"""Pages that open from a disk, in a real browser: reports, and games one by one, on a telephone too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from xueba import demo
from xueba.pages import replay_page
from xueba.shown import shown

pytestmark = pytest.mark.slow
Open = Callable[..., Any]


def test_a_report_opens_from_the_disk(tmp_path: Path, opened: Open) -> None:
    assert demo.demo(tmp_path, tmp_path / "runs") == 0
    page = opened(f"file://{tmp_path}/index.html", 1400, "light", "file://")
    page.click("text=reply 3 >> nth=0")
    page.wait_for_selector(".turn h2 >> text=Ra8")
    for key, wanted in (("ArrowRight", "Rxc6"), ("End", "resign"), ("p", "Kxf4"), ("Home", "The beginning")):
        page.keyboard.press(key)
        page.wait_for_selector(f".right >> text={wanted} >> nth=0")
    for width in (390, 1400):
        narrow = opened(f"file://{tmp_path}/no_referee.html#/game/replay/1/3", width, "dark", "file://")
        narrow.wait_for_selector(".turn")
        assert narrow.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert (tmp_path / "no_referee.html").stat().st_size < 150_000


def test_a_game_page_numbers_moves_flags_no_resignation_and_fits_a_telephone(tmp_path: Path, opened: Open) -> None:
    long = "chat:an-organisation/a-model-of-a-very-long-name@http://127.0.0.1:8000/v1?temperature=0.7&max_tokens=2000"
    episode = replace(demo.games()["no_referee"], players=(long, long[::-1]))
    (tmp_path / "game.html").write_text(replay_page(shown(episode), "a game"), encoding="utf-8")
    page = opened(f"file://{tmp_path}/game.html#/game/replay/1/{len(episode.turns)}", 390, "light", "file://")
    page.wait_for_selector(".turn h2 >> text=resign")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is wider than the screen"
    assert page.evaluate("document.querySelector('h1').getBoundingClientRect().right <= innerWidth")
    assert "let pass" not in page.inner_text(".turn")
    assert page.query_selector(".turn .badge") is None
    listed = [" ".join(link.inner_text().split()) for link in page.query_selector_all(".moves a")]
    assert listed[:4] == ["28… bxc5 ⚑", "29. Rb6", "Ra8 ⚑", "30. Rxc6"]
