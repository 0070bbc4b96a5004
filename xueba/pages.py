"""One file of HTML that opens from a disk: the dashboard's own components, its style and the data, and nothing else.

The modules of `xueba/web` become one script; data goes into a block that is no script, with what could end it escaped.
The policy in the page allows exactly this script and this style, by their sums, and no address at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from envs.visible import clean

WEB = Path(__file__).parent / "web"
_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_LIBRARY = re.compile(r"export ?\{([^}]*)\};?\s*$")


@lru_cache(maxsize=8)
def script(modules: Sequence[str], main: str) -> str:
    """`modules` of the dashboard, in their order, and `main` after them, as one script."""
    library = (WEB / "preact-htm.js").read_text(encoding="utf-8")
    found = _LIBRARY.search(library)
    assert found is not None
    names = [part.strip().split(" as ") for part in found.group(1).split(",")]
    given = ",".join(f"{name[-1]}:{name[0]}" for name in names)
    parts = [f"const preact=(()=>{{{library[: found.start()]};return {{{given}}}}})();"]
    parts.append("const { html, render, useEffect, useMemo, useRef, useState } = preact;")
    for name in modules:
        text = (WEB / name).read_text(encoding="utf-8")
        parts.append(_EXPORT.sub("", _IMPORT.sub("", text)))
    return "(() => {" + "\n".join([*parts, main]) + "})();"


def page(title: str, body: str, *, data: Any = None, code: str = "", language: str = "en") -> str:
    """A whole page.

    Args:
        title: of the page; text.
        body: HTML, in which every text is escaped already.
        data: what `code` reads from the element `data`.
        code: the script, if any.
        language: of the page.
    """
    style = (WEB / "style.css").read_text(encoding="utf-8")
    policy = f"default-src 'none'; style-src '{_sum(style)}'; img-src data:; base-uri 'none'; form-action 'none'"
    policy += f"; script-src '{_sum(code)}'" if code else ""
    parts = [
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta name="color-scheme" content="light dark"><title>{escape(clean(title, 200))}</title>',
        f"<style>{style}</style></head><body>{body}",
    ]
    if data is not None:
        parts.append(f'<script type="application/json" id="data">{inert(data)}</script>')
    if code:
        parts.append(f"<script>{code}</script>")
    return "".join([*parts, "</body></html>\n"])


def inert(data: Any) -> str:
    """JSON that no parser of HTML takes for anything else."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _sum(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


REPLAY = """
const game = JSON.parse(document.getElementById("data").textContent);
function Alone() {
  const read = () => Number(location.hash.split("/").pop()) || 0;
  const [at, setAt] = useState(read());
  useEffect(() => {
    const moved = () => setAt(read());
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return html`<main id="main"><${game.kind === "problem" ? Sheet : Replay} game=${game} at=${at} /></main>`;
}
render(html`<${Alone} />`, document.getElementById("app"));
"""


def replay_page(game: dict[str, Any], title: str, note: str = "") -> str:
    """A game, ply by ply, as `xueba.shown.shown` gives it; `note` stands above it."""
    alone = {**game, "run": "replay", "game": 1, "of": 1, "alone": True}
    above = f'<p class="note">{escape(clean(note, 400))}</p>' if note else ""
    noscript = "<noscript>This page draws with JavaScript, which it brings along.</noscript>"
    code = script(("board.js", "text.js", "game.js"), REPLAY)
    return page(title, f'{above}{noscript}<div id="app"></div>', data=_finite(alone), code=code)


def _finite(data: Any) -> Any:
    if isinstance(data, float):
        return data if data - data == 0 else None
    if isinstance(data, dict):
        return {name: _finite(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return data
