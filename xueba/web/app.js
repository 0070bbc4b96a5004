// The page: which part of it is shown, what the server has said so far, and the one stream of news.
import { html, render, useEffect, useState } from "./preact-htm.js";
import { Now } from "./now.js";
import { GamePage, Games } from "./game.js";
import { Problems } from "./problems.js";
import { League } from "./league.js";
import { Flags } from "./flags.js";
import { Play } from "./play.js";
import { listen, useIndexing } from "./news.js";

const PAGES = {
  now: ["Now", Now],
  games: ["Games", Games],
  problems: ["Problems", Problems],
  league: ["League", League],
  flags: ["Flags", Flags],
  play: ["Play", Play],
};

// "#/game/NAME/3/12?a=b" is where [game, NAME, 3, 12] and a query
function place() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  return { parts: parts.length ? parts : ["now"], query: new URLSearchParams(query || "") };
}

function App() {
  const [at, setAt] = useState(place());
  const [connected, setConnected] = useState(true);
  const indexing = useIndexing();
  useEffect(() => {
    const moved = () => setAt(place());
    addEventListener("hashchange", moved);
    const stop = listen({ open: () => setConnected(true), closed: () => setConnected(false) });
    return () => {
      removeEventListener("hashchange", moved);
      stop();
    };
  }, []);
  const [name] = at.parts;
  useEffect(() => {
    document.title = `${(PAGES[name] || ["Game"])[0]} · Xueba`;
  }, [name]);
  const Page = name === "game" ? GamePage : (PAGES[name] || PAGES.now)[1];
  const current = name === "game" ? "games" : PAGES[name] ? name : "now";
  return html`
    <a class="skip" href="#main" onClick=${toMain}>To the content</a>
    <header>
      <a class="brand" href="#/now"><img src="/static/icon.svg" alt="" width="24" height="24" />Xueba</a>
      <nav aria-label="Pages">
        ${Object.entries(PAGES).map(
          ([key, [title]]) =>
            html`<a href=${`#/${key}`} aria-current=${key === current ? "page" : null} key=${key}>${title}</a>`,
        )}
      </nav>
      <span class=${connected ? "link on" : "link off"} role="status">
        ${!connected ? "○ no connection, trying again" : indexing == null ? "● live" : `● reading the games: ${Math.floor(100 * indexing)}%`}
      </span>
    </header>
    <main id="main" tabindex="-1"><${Page} parts=${at.parts.slice(1)} query=${at.query} /></main>
  `;
}

function toMain(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

render(html`<${App} />`, document.getElementById("app"));
