"""What every test process is given before anything is imported, and the browser of those that look at pages."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

# Workers of pytest-xdist share the cores, and small models are fastest on one thread. The same figure with one
# worker or many also keeps floating-point sums the same.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Nothing is drawn on a screen and nothing fetched from a hub.
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# The same examples each time: what is found by chance belongs to whoever looks for it, and not to whoever lands next.
settings.register_profile("the same", derandomize=True, database=None)
settings.load_profile("the same")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright: make slow")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium is installed")
    with sync_api.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages, and holds them to it: no error, nothing from elsewhere, no violated policy."""
    contexts, faults, expected = [], [], []

    def begin(address: str, width: int = 1400, theme: str = "light", home: str = "", but: tuple[str, ...] = ()) -> Any:
        expected.extend(but)
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: faults.append(f"console: {m.text}") if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("request", lambda r: None if r.url.startswith((home, "data:")) else faults.append(f"asked {r.url}"))
        page.add_init_script(
            "addEventListener('securitypolicyviolation',"
            " e => console.error('CSP ' + e.violatedDirective + e.blockedURI));"
            "window.alert = () => console.error('a script ran')"
        )
        page.goto(address)
        return page

    yield begin
    for context in contexts:
        context.close()
    assert [fault for fault in faults if fault not in expected] == []
