// The page: which part of it is shown, what the server has said so far, and the one stream of news.
import { html, render, useEffect, useState } from "./preact-htm.js";
import { Now } from "./now.js";
import { GamePage } from "./game.js";
import { Games } from "./games.js";
import { Problems } from "./problems.js";
import { League } from "./league.js";
import { Flags } from "./flags.js";
import { Play } from "./play.js";
import { listen, useIndexing } from "./news.js";
import { plain, Trouble } from "./text.js";

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
  const parts = path.split("/").filter(Boolean).map(decoded);
  return { parts: parts.length ? parts : ["now"], query: new URLSearchParams(query || "") };
}

// a part whose escapes are none means what stands there
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

// what a tab is called: the page, and what it is about
function titled({ parts: [name, ...rest], query }) {
  if (name === "game") return `Game ${rest[0] || ""} ${Number(rest[1]) || query.get("number") || ""}`.trim();
  const about = rest.slice(0, 2).join(" ") || query.get("runs") || query.get("run") || "";
  return Object.hasOwn(PAGES, name) ? `${PAGES[name][0]} ${about}`.trim() : "No such page";
}

function Lost({ at }) {
  return html`<h1>No such page</h1><${Trouble} error=${`There is no page “${plain(at, 40)}”.`} /><p><a href="#/now">What is being learned now</a></p>`;
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
  const title = `${plain(titled(at), 120)} · Xueba`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  const Page = name === "game" ? GamePage : Object.hasOwn(PAGES, name) ? PAGES[name][1] : Lost;
  const current = name === "game" ? "games" : name;
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
    <main id="main" tabindex="-1"><${Page} at=${name} parts=${at.parts.slice(1)} query=${at.query} /></main>
  `;
}

function toMain(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

render(html`<${App} />`, document.getElementById("app"));
