// Questions and what was answered to them.
import { html, useState } from "./preact-htm.js";
import { useAnswer, useNews, useSparing } from "./news.js";
import { Empty, link, percent, plain, Trouble } from "./text.js";

export function Problems({ parts: [chosen] }) {
  const [runs, error] = useAnswer("runs", {});
  const asking = (runs || []).filter((run) => run.kind === "problem");
  const run = chosen || (asking.length ? asking[asking.length - 1].name : "");
  if (!runs) return html`<${Trouble} error=${error} />`;
  if (!asking.length)
    return html`<${Empty}><h1>No questions yet</h1><p>Let a model learn a kind of problem, and every line of its reasoning is checked here:</p><pre>xueba train addition</pre></${Empty}>`;
  return html`<h1>Problems</h1>
    <nav class="runs" aria-label="Runs">${asking.map((other) => html`<a key=${other.name} href=${link("problems", other.name)} aria-current=${other.name === run ? "true" : null}>${other.name}</a>`)}</nav>
    <${List} run=${run} />`;
}

function List({ run }) {
  const [only, setOnly] = useState("");
  const [games, error, again] = useAnswer("games", { run, flag: only, limit: 100 });
  const [shares] = useAnswer("shares", { run });
  useNews("game", useSparing(again, 2000));
  const wrong = shares ? shares.kinds.reduce((sum, kind) => sum + kind.count, 0) : 0;
  return html`<${Trouble} error=${error} />
    ${shares ? html`<p>${percent(Math.max(0, shares.replies - wrong), shares.replies)} of the recorded answers are right in every step.</p>` : null}
    <p class="runs" role="group" aria-label="which">
      ${[["", "all"], ["wrong", "wrong"], ["malformed", "malformed"]].map(([value, label]) => html`<button key=${label} aria-pressed=${only === value} onClick=${() => setOnly(value)}>${label}</button>`)}
    </p>
    ${games && !games.length ? html`<p class="soft">None.</p>` : null}
    <ul class="questions">${(games || []).map((game) => html`<li key=${game.game}><a href=${link("game", run, game.game)}>${game.flags ? "✗" : "✓"} question ${game.game}</a> <span class="soft">iteration ${game.step}, ${plain(game.first, 20)}</span></li>`)}</ul>`;
}
