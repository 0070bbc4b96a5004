"""The first page in a real browser: curves that tell their values, runs chosen and compared, what is shown when."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.fake_run import fake_run
from tests.test_index import arena, arena_episode
from tests.test_server import Served
from training.run_folder import EVENTS, METRICS, WARM_UP

pytestmark = pytest.mark.slow
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("runs")
    for name, gained in (("solved", 0.01), ("other", 0.005)):
        rows = [
            {"step": n, "time": 1e9 + n, "eval/legal": 0.88 + gained * n, "eval/legal_low": 0.86 + gained * n,
             "eval/legal_high": 0.89 + gained * n, "eval/lost_lines_first": 40 - 4 * n, "eval/lines_first": 4000,
             "eval/level_1": 1.0, "rollout/illegal": 0.003, "rollout/illegal_count": 3, "rollout/illegal_of": 1000,
             "train/policy": 1 / (n + 1), "train/gradient_norm": 2.0 + n, "train/learning_rate": 4e-5}
            for n in range(11)
        ]  # fmt: skip
        run = fake_run(root, name)
        run.append(METRICS, rows)
        run.append(EVENTS, [{"step": 10, "time": 1e9, "kind": "end", "text": "solved: 3 perfect in a row"}])
    warming = fake_run(root, "warming")
    steps = [{"step": 0, "time": 1e9 + n, "done": n, "of": 1250, "train/words": 1 / n} for n in range(25, 1050, 25)]
    warming.append(WARM_UP, steps)
    arena(root, "match", [arena_episode(number) for number in range(3)])
    server = Served(root)
    time.sleep(2)
    yield server
    server.stop()


def said(page: Any, title: str) -> str:
    return str(
        page.locator(".chart", has=page.locator(f".title:text-is('{title}')")).locator("figcaption").inner_text()
    )


def test_a_curve_tells_its_values_to_the_mouse_and_to_keys_and_so_do_the_others(served: Served, opened: Open) -> None:
    page = opened(served.url + "#/now?runs=solved", 1400, "light", served.url)
    page.wait_for_selector(".chart >> nth=3")
    assert "98%" in said(page, "legal replies")
    plot = page.get_by_role("slider", name="legal replies")
    plot.hover()
    page.wait_for_function("document.querySelector('.chart .where').innerText.startsWith('at 5')")
    assert "93%" in said(page, "legal replies")
    assert "91% to 94%" in said(page, "legal replies"), "the interval"
    assert "at 5" in said(page, "illegal moves while playing"), "the crosshair is common to all"
    assert "0.3%" in said(page, "illegal moves while playing")
    assert "0.5%" in said(page, "lost lines, moving first"), "of all lines"
    page.mouse.move(0, 0)
    plot.focus()
    for key, wanted in (("ArrowLeft", "10"), ("ArrowLeft", "9"), ("Home", "0"), ("ArrowRight", "1"), ("End", "10")):
        page.keyboard.press(key)
        page.wait_for_function(f"document.activeElement.ariaValueText.startsWith('iteration {wanted}:')")
    page.keyboard.press("Home")
    page.wait_for_function("document.activeElement.ariaValueText.includes('88%')")
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.ariaValueText.startsWith('iteration 10:')")
    assert "level 1 100%" in said(page, "Right answers by level")


def test_every_metric_is_there_and_small_figures_are_written_short(served: Served, opened: Open) -> None:
    page = opened(served.url + "#/now?runs=solved", 1400, "light", served.url)
    page.wait_for_selector("text=All other metrics")
    assert page.locator("details .chart").count() == 0, "folded, and not drawn"
    page.click("summary >> text=train")
    page.wait_for_selector("text=train/gradient_norm")
    assert "4e-5" in said(page, "train/learning_rate")


def test_curves_follow_the_theme(served: Served, opened: Open) -> None:
    page = opened(served.url + "#/now?runs=solved", 1400, "light", served.url)
    page.wait_for_selector(".chart canvas")
    page.wait_for_timeout(300)
    picture = "document.querySelector('.chart canvas').toDataURL()"
    light = page.evaluate(picture)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)
    assert page.evaluate(picture) != light


def test_a_click_shows_one_run_and_a_box_lays_it_over_the_others(served: Served, opened: Open) -> None:
    page = opened(served.url + "#/now?runs=solved", 1400, "light", served.url)
    page.click("nav[aria-label=Runs] a >> text=other")
    page.wait_for_selector("section[aria-label='run other']")
    assert page.url.endswith("runs=other")
    assert page.locator("section[aria-label='run solved']").count() == 0
    page.get_by_label("compare solved").check()
    page.wait_for_selector("text=2 runs compared")
    rows = page.locator("section[aria-label='runs compared'] tbody tr")
    assert [("solved" in row, "98%" in row) for row in rows.all_inner_texts()] == [(True, True), (False, False)]
    colours = [stroke.get_attribute("stroke") for stroke in rows.locator("line").all()]
    keys = page.locator(".chart >> nth=0").locator(".key line")
    assert [stroke.get_attribute("stroke") for stroke in keys.all()] == colours
    assert len(set(colours)) == 2
    page.get_by_label("compare match").check()
    page.wait_for_selector("section[aria-label='tournament match'] >> text=Standings")
    assert page.locator("text=2 runs compared").count() == 1
    page.get_by_label("compare other").uncheck()
    page.wait_for_selector("section[aria-label='run solved']")


def test_a_solved_run_is_done_and_shows_its_games(served: Served, opened: Open) -> None:
    page = opened(served.url + "#/now?runs=solved", 390, "dark", served.url)
    page.wait_for_selector("text=iteration 10 of at most")
    assert page.evaluate("document.querySelector('progress').position") == 1
    assert "in the last iteration, 10" in page.inner_text("section.first")
    page.wait_for_selector(".live .board")
    assert "the newest that a refused reply has ended" in page.inner_text(".live")
    places = [page.locator(f"section.{name}").bounding_box()["y"] for name in ("first", "live", "curves")]
    assert places == sorted(places), "on a phone the boards come before the curves"
    page.set_viewport_size({"width": 1400, "height": 900})
    live, curves = (page.locator(f"section.{name}").bounding_box() for name in ("live", "curves"))
    assert live["x"] > curves["x"]
    assert abs(live["y"] - curves["y"]) < 5
    page.click(".live h3 a")
    page.wait_for_selector("text=game 3 of 3")


def test_a_tournament_tells_who_leads_and_its_worst_moment(served: Served, opened: Open) -> None:
    page = opened(served.url + "#/now?runs=match", 1400, "light", served.url)
    page.wait_for_selector("text=Standings")
    liar = page.inner_text("section[aria-label='tournament match'] tr:has-text('liar')").split("\t")
    assert liar[2:] == ["0", "3", "3", "3"], "points, games, illegal moves, false claims"
    page.click("text=on the board")
    page.wait_for_selector(".turn h2")
    assert page.url.endswith("#/game/match/1/2")


def test_a_warm_up_is_seen(served: Served, opened: Open) -> None:
    page = opened(served.url + "#/now?runs=warming", 1400, "light", served.url)
    page.wait_for_selector("text=step 1,025 of 1,250")
    assert "about 4 min to go" in page.inner_text("section.first")
    assert abs(page.evaluate("document.querySelector('progress').position") - 0.82) < 0.01
    page.wait_for_selector("text=warm-up: words")
