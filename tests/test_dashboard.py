"""The pages in a real browser: live without reloading, keys, permalinks, a whole game, themes, widths, axe."""

from __future__ import annotations

import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from agents.episode import to_record
from agents.play import Match, play
from agents.random_player import RandomPlayer
from envs import game_named
from tests.fake_answers import Pupil, answers, fake_answers
from tests.fake_run import fake_run
from tests.test_server import Served
from training.config import Config
from training.live_games import LiveGames
from training.loggers import FileLogger
from training.run_folder import EVENTS, METRICS, RunFolder, create_run
from xueba import demo

pytestmark = pytest.mark.slow
Open = Callable[..., Any]
ANSWERED = "console: Failed to load resource: the server responded with a status of"
RETRIED = (f"{ANSWERED} 403 (Forbidden)", f"{ANSWERED} 404 (Not Found)")
"""an old token, and a game that isn't in the index yet: the page asks again"""
AXE = Path(__file__).parent / "data" / "axe.min.js"
SHOTS = Path(os.environ.get("XUEBA_SHOTS", ""))
"""where pictures of every page are kept, if anywhere"""

PAGES = {
    "now": "#/now?runs=fake",
    "compared": "#/now?runs=fake,sums,story",
    "tournament": "#/now?runs=story",
    "games": "#/games",
    "game": "#/game/fake/3/2",
    "arena": "#/game/story/1/1",
    "problems": "#/problems/sums",
    "guessed": "#/problems/sums?flag=guessed",
    "problem": "#/problems/sums/2",
    "league": "#/league/story",
    "strength": "#/league/fake",
    "flags": "#/flags",
    "play": "#/play",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = tmp_path_factory.mktemp("runs")
    run = fake_run(runs)
    rows = [
        {"step": n, "time": 1e9 + n, "eval/lost_lines_first": 80 - 4 * n, "eval/lines_first": 400, "eval/legal": n / 20,
         "rollout/illegal": 0.2 - n / 100, "rollout/illegal_count": 20 - n, "rollout/illegal_of": 100,
         "perf/games_per_second": 120.0, "perf/iteration_seconds": 2.0, "reward/first": n / 30, "eval/score": n / 20}
        for n in range(20)
    ]  # fmt: skip
    run.append(METRICS, rows)
    for step in (0, 5, 10, 19):
        (run.checkpoints / f"{step:06d}").mkdir(parents=True)
    run.append(EVENTS, [{"step": 3, "time": 1e9, "kind": "alarm", "text": "entropy: it <b>collapses</b>"}])
    fake_answers(runs, "sums")
    story = runs / "story"
    story.mkdir()
    (story / "tournament.json").write_text("{}")
    lines = [json.dumps({"step": 0, **to_record(episode)}) for episode in demo.games().values()]
    (story / "episodes.jsonl").write_text("\n".join(lines) + "\n")
    return runs


@pytest.fixture(scope="module")
def served(root: Path) -> Iterator[Served]:
    server = Served(root)
    time.sleep(2)
    yield server
    server.stop()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_and_accessible(served: Served, opened: Open, name: str, width: int, theme: str) -> None:
    page = opened(served.url + PAGES[name], width, theme, served.url)
    page.wait_for_selector("main h1")
    page.wait_for_timeout(400)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is wider than the screen"
    # a script of the test, beside the page's policy
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    bad = [
        (v["id"], v["impact"], [n["html"][:120] for n in v["nodes"][:3]])
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert bad == []
    if str(SHOTS) not in ("", "."):
        page.screenshot(path=str(SHOTS / f"{name}-{theme}-{width}.png"))


@pytest.mark.parametrize("name", ["now", "games", "problems", "league", "flags", "play"])
def test_an_empty_folder_says_what_to_do(tmp_path: Path, opened: Open, name: str) -> None:
    server = Served(tmp_path)
    page = opened(f"{server.url}#/{name}", 1400, "light", server.url)
    page.wait_for_selector("main h1")
    page.wait_for_timeout(300)
    said = page.inner_text("main")
    assert "xueba" in said or name == "play"
    page.goto("about:blank")
    server.stop()


def test_a_live_run_appears_and_moves_without_reloading(served: Served, opened: Open, root: Path) -> None:
    os.utime(root / "fake" / METRICS)  # nobody holds its lock: how fresh its files are tells that it plays
    page = opened(served.url + "#/now?runs=fake", 1400, "light", served.url)
    page.wait_for_selector("text=Waiting for the next move")
    run, game, player = RunFolder(root / "fake"), game_named("tic-tac-toe"), RandomPlayer()
    page.evaluate(
        "() => { window.drawn = []; new MutationObserver(() => {"
        " for (const f of document.querySelectorAll('[data-time]')) { const t = Number(f.dataset.time);"
        " if (!window.drawn.some(([s]) => s === t)) window.drawn.push([t, Date.now() / 1000]); } })"
        ".observe(document.body, {subtree: true, childList: true, attributes: true}); }"
    )
    for number in range(6):
        told = LiveGames(run.path, 1).iteration(30, number, 1)

        def slowly(match: Any, turn: Any, told: Any = told) -> None:
            told(match, turn)
            time.sleep(0.08)

        list(play(game, [Match(number, (player, player))], seed=number, on_turn=slowly))
    page.wait_for_timeout(600)
    drawn = page.evaluate("window.drawn")
    assert len(drawn) > 25
    median = statistics.median(after - before for before, after in drawn)
    print(f"from a move to its drawing: median {1000 * median:.0f} ms of {len(drawn)} moves")
    assert median < 0.2
    run.append(METRICS, [{"step": 77, "time": time.time(), "eval/legal": 0.99, "eval/lost_lines_first": 1}])
    page.wait_for_selector("text=iteration 77", timeout=8000)
    create_run(root, "newcomer", Config())
    page.wait_for_selector("nav[aria-label=Runs] >> text=newcomer", timeout=8000)


def test_a_question_is_seen_as_it_is_answered(served: Served, opened: Open, root: Path) -> None:
    os.utime(root / "sums" / "config.json")  # as above
    page = opened(served.url + "#/now?runs=sums", 1400, "light", served.url)
    page.wait_for_selector("text=Wrong and guessed")
    page.wait_for_selector("text=As it is answered")
    page.wait_for_timeout(300)
    live, told = LiveGames(root / "sums"), answers()
    for episode in told[:4]:
        live.turn(7, Match(episode.number, (Pupil(), Pupil()), episode.opening), episode.turns[0])
    FileLogger(RunFolder(root / "sums")).episodes(7, told[:4])
    page.wait_for_selector(".live-board.wrong .steps .wrong >> text=777")
    page.wait_for_selector("text=25% (1 of 4) of the recorded answers right in every step")
    page.wait_for_selector("text=✗ worst")
    said = page.inner_text(".live")
    assert "<think>" not in said
    assert page.locator(".live-board").count() == 4
    assert page.locator(".live-board .badge.good").count() == 1
    page.wait_for_timeout(1500)  # the index
    page.click("text=✗ worst >> a")
    page.wait_for_selector(".sheet >> text=valid but wrong")
    assert page.locator("nav[aria-label=Pages] a[aria-current]").inner_text() == "Problems"


def test_an_address_that_leads_nowhere_says_so(served: Served, opened: Open) -> None:
    failed = tuple(
        f"console: Failed to load resource: the server responded with a status of {why}"
        for why in ("404 (Not Found)", "400 (Bad Request)")
    )
    page = opened(served.url + "#/game/story/1/1", 1400, "light", served.url, failed)
    page.wait_for_selector("text=pawn as knight")
    assert page.title() == "Game story 1 · Xueba"
    for address, told in (
        ("#/game/fake/500", "has no such game"),
        ("#/game/story/1/%", "“%” in the address is no number"),
        ("#/game/story/1/x", "“x” in the address is no number"),
        ("#/game/story/1x", "“1x” in the address is no number"),
        ("#/nowhere", "There is no page “nowhere”"),
        ("#/problems/story", "In story no questions are asked"),
        ("#/problems/nobody", "There is no run “nobody”"),
    ):
        page.evaluate("hash => { location.hash = hash; }", address)
        page.wait_for_selector(f"text={told}")
        assert "pawn as knight" not in page.inner_text("main")
    assert page.title() == "Problems nobody · Xueba"


def test_lists_are_gone_through_by_keys_and_back_finds_the_place(served: Served, opened: Open) -> None:
    page = opened(served.url + "#/flags", 1400, "light", served.url)
    page.wait_for_selector("[data-row] >> nth=2")
    focused = "document.activeElement.dataset.row"
    rows = page.eval_on_selector_all("[data-row]", "all => all.map(row => row.dataset.row)")
    for key, row in (("n", 0), ("n", 1), ("n", 2), ("p", 1)):
        page.keyboard.press(key)
        assert page.evaluate(focused) == rows[row]
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn, .sheet")
    page.go_back()
    page.wait_for_selector("[data-row] >> nth=2")
    page.wait_for_function(f"{focused} === {json.dumps(rows[1])}")
    page.click("nav[aria-label=Runs] >> text=sums")
    page.wait_for_selector("text=→ 777")
    assert "Flags sums" in page.title()


def test_questions_are_filtered_and_games_chosen(served: Served, opened: Open) -> None:
    page = opened(served.url + "#/problems/sums", 1400, "light", served.url)
    page.click("text=right, but guessed")
    page.wait_for_selector("text=such answers")
    assert page.url.endswith("#/problems/sums?flag=guessed")
    page.click("[data-row] >> nth=0")
    page.wait_for_selector(".sheet >> text=✗ guessed")
    page.go_back()
    page.wait_for_selector("a[aria-current] >> text=right, but guessed")
    page.goto(served.url + "#/game/sums/1")
    page.wait_for_selector(".sheet")
    assert page.url.endswith("#/problems/sums/1")
    page.goto(served.url + "#/games")
    page.wait_for_selector("text=of 5 games")
    page.select_option("select[name=run]", "story")
    page.wait_for_selector("text=of 2 games")
    page.select_option("select[name=flag]", "resurrected")
    page.wait_for_function("location.hash.endsWith('flag=resurrected')")
    page.fill("input[name=said]", "nobody says this")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=No game fits")
    assert page.url.endswith("#/games?run=story&flag=resurrected&said=nobody+says+this")
    page.goto(served.url + "#/league/story")
    page.click(".cross td a >> nth=0")
    page.wait_for_selector("text=of 2 games")
    page.goto(served.url + "#/league/fake")
    page.click("svg.lineage a[aria-label*='iteration 10,']")
    page.wait_for_selector("text=Sit down")
    assert page.input_value("select[name=against]") == "run:fake@10"


def test_keys_and_permalinks(served: Served, opened: Open) -> None:
    page = opened(served.url + "#/game/story/1", 1400, "light", served.url)
    page.wait_for_selector("text=The beginning")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("text=pawn as knight")
    assert page.url.endswith("#/game/story/1/1")
    page.wait_for_selector("text=what both players believe")
    page.keyboard.press("n")
    page.wait_for_selector(".turn h2 >> text=Ra8")
    assert page.url.endswith("/3")
    page.keyboard.press("p")
    page.wait_for_selector(".turn h2 >> text=bxc5")
    page.keyboard.press("End")
    page.wait_for_selector(".turn h2 >> text=resign")
    assert page.locator(".turn .badge").count() == 0, "to resign breaks no rule"
    assert "has won" in page.inner_text("p.won")
    assert page.evaluate("""() => { const list = document.querySelector('ol.moves').getBoundingClientRect();
        const at = document.querySelector('ol.moves [aria-current]').getBoundingClientRect();
        return at.top >= list.top - 1 && at.bottom <= list.bottom + 1; }"""), "the list has followed"
    page.keyboard.press("Home")
    page.wait_for_selector("text=The beginning")
    page.keyboard.press("]")
    page.wait_for_selector("text=game 2 of 2")
    page.goto(served.url + "#/game/story/1/35")
    page.wait_for_selector("text=My c-pawn cannot be stopped")
    page.click("button >> text=show on the board")
    assert page.locator("rect.marked").count() >= 1
    page.goto(served.url + "#/flags?kind=resurrected")
    page.click("[data-row] >> nth=0")
    page.wait_for_selector(".turn h2 >> text=Ra8")


def test_a_person_plays_a_whole_game_by_keys_and_is_refused_an_illegal_move(served: Served, opened: Open) -> None:
    page = opened(served.url + "#/play/tic-tac-toe", 1400, "light", served.url, RETRIED)
    page.select_option("select[name=against]", "perfect")
    page.click("button >> text=Sit down")
    page.wait_for_selector("text=Your move.")
    page.locator(".grid button[tabindex='0']").focus()
    for key in ("ArrowRight", "ArrowDown", "Enter"):  # the middle
        page.keyboard.press(key)
    page.wait_for_selector(".moves li >> nth=1")
    taken = page.locator(".grid button[aria-label$='O']").first
    taken.click()
    page.wait_for_timeout(200)
    assert page.locator(".moves li").count() == 2, "a click on what is taken means nothing"
    page.fill("input[name=move]", "5")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=5 is taken")
    page.click("button >> text=hint")
    page.wait_for_selector("text=Search would play")
    # the game is in the address: nothing is lost by looking elsewhere, by going back or by reading the page anew
    page.goto(served.url + "#/games")
    page.go_back()
    page.wait_for_selector(".moves li >> nth=1")
    page.reload()
    page.wait_for_selector(".moves li >> nth=1")
    page.click("nav >> text=Play")
    page.click("text=Go on with your game")
    page.wait_for_selector(".moves li >> nth=1")
    page.evaluate("document.querySelector('meta[name=xueba-token]').content = 'of a launch before'")
    for digit in "123456789":
        page.locator("body").press(digit)
        page.wait_for_timeout(250)
    page.click("text=look at the game")
    page.wait_for_selector("h1 >> text=human")
    assert re.search(r"#/game/played/[1-9]", page.url)


def test_chess_is_played_against_one_that_lies(served: Served, opened: Open) -> None:
    page = opened(served.url + "#/play/chess?against=liar", 390, "dark", served.url)
    page.click("button >> text=Sit down")
    page.wait_for_selector("text=Your move.")
    page.fill("input[name=move]", "Ke3")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=FIDE Laws of Chess")
    for cell in (52, 36):
        page.click(f".grid button[data-cell='{cell}']")
    page.wait_for_selector(".bubble")
    page.wait_for_selector(".moves >> text=you e4")
    page.click("button >> text=resign")
    page.wait_for_selector("text=You have lost")


def test_hostile_text_is_only_text(served: Served, opened: Open) -> None:
    page = opened(served.url + "#/game/fake/3/1", 1400, "light", served.url)
    page.wait_for_selector(".turn")
    said = page.inner_text("main")
    assert "⟨U+202E⟩" in said
    assert "⟨U+200B⟩" in said
    assert "[/red]" in said
    page.goto(served.url + "#/now?runs=fake")
    page.wait_for_selector("text=it <b>collapses</b>")


def test_the_server_dies_and_the_page_comes_back_by_itself(tmp_path: Path, opened: Open) -> None:
    run = fake_run(tmp_path)
    first = Served(tmp_path)
    cut = tuple(
        f"console: Failed to load resource: net::ERR_{why}"
        for why in ("INCOMPLETE_CHUNKED_ENCODING", "CONNECTION_REFUSED")
    )
    page = opened(f"{first.url}#/now", 1400, "light", first.url, cut)
    page.wait_for_selector("text=● live")
    port = first.port
    first.stop(signal.SIGKILL)
    page.wait_for_selector("text=no connection", timeout=8000)
    second = Served(tmp_path, port)
    page.wait_for_selector("text=● live", timeout=15000)
    run.append(METRICS, [{"step": 5, "time": time.time(), "eval/legal": 0.5}])
    page.wait_for_selector("text=iteration 5", timeout=8000)
    page.goto("about:blank")
    second.stop()


@pytest.mark.parametrize("which", ["dashboard", "story"])
def test_the_pictures_of_readme_are_made_by_their_script(root: Path, tmp_path: Path, browser: Any, which: str) -> None:
    """Here over the runs of these tests, in README over a real one; kept with the other pictures, if these are."""
    folder = tmp_path if str(SHOTS) in ("", ".") else SHOTS
    out = folder / f"readme-{which}.png"
    words = [str(root), "--page", "#/now?runs=fake"] if which == "dashboard" else []
    script = Path(__file__).parent.parent / "docs" / "make_pictures.py"
    subprocess.run([sys.executable, str(script), which, *words, "--out", str(out)], check=True, timeout=100)
    with Image.open(out) as picture:
        assert picture.width >= 800
        assert picture.height >= 400
        assert len(picture.convert("RGB").resize((64, 64)).getcolors(4096) or []) > 20, "nothing is drawn"
