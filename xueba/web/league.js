// Who plays, how strong they are, who beats whom; the checkpoints of a run in time.
import { html } from "./preact-htm.js";
import { useAnswer } from "./news.js";
import { Empty, link, plain, Trouble } from "./text.js";

export function League({ parts: [chosen] }) {
  const [runs, error] = useAnswer("runs", {});
  if (!runs) return html`<${Trouble} error=${error} />`;
  if (!runs.length) return html`<${Empty}><h1>No players yet</h1><p>Let some play a tournament:</p><pre>xueba arena honest liar sceptic --mode no_referee</pre><p>or train a model: its opponents and past checkpoints appear here.</p></${Empty}>`;
  const games = runs.filter((run) => run.kind !== "problem");
  const run = chosen || (games.length ? games[games.length - 1].name : "");
  return html`<h1>League</h1>
    <nav class="runs" aria-label="Runs">${[...games].reverse().map((other) => html`<a key=${other.name} href=${link("league", other.name)} aria-current=${other.name === run ? "true" : null}>${other.kind === "arena" ? "♞ " : ""}${other.name}</a>`)}</nav>
    ${run ? html`<${Table} run=${run} />` : html`<p class="soft">Only problems so far: nobody plays against anybody.</p>`}`;
}

function Table({ run }) {
  const [league, error] = useAnswer("league", { run });
  if (!league) return html`<${Trouble} error=${error} />`;
  const { ratings, pairs, checkpoints, lineage } = league;
  const names = ratings.map((rating) => rating.name);
  const score = (a, b) => {
    let [points, games] = [0, 0];
    for (const pair of pairs) {
      if (pair.first === a && pair.second === b) points += pair.won + pair.drawn / 2;
      else if (pair.first === b && pair.second === a) points += pair.lost + pair.drawn / 2;
      else continue;
      games += pair.won + pair.drawn + pair.lost;
    }
    return games ? `${+points.toFixed(1)} / ${games}` : "";
  };
  return html`<${Trouble} error=${error} />
    ${names.length ? html`<${Ratings} ratings=${ratings} />
    <h2>Who beats whom</h2><p class="soft">Points of the row's player out of the games against the column's.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="cross table"><table class="cross"><thead><tr><td></td>${names.map((name) => html`<th scope="col" key=${name}>${plain(name, 18)}</th>`)}</tr></thead>
    <tbody>${names.map((a) => html`<tr key=${a}><th scope="row">${plain(a, 30)}</th>${names.map((b) => html`<td key=${b}>${a === b ? "·" : score(a, b)}</td>`)}</tr>`)}</tbody></table></div>` : html`<p class="soft">No game of two different players has been recorded here.</p>`}
    ${checkpoints.length ? html`<h2>Checkpoints in time</h2><${Lineage} checkpoints=${checkpoints} lineage=${lineage} run=${run} />` : null}`;
}

function Ratings({ ratings }) {
  const ends = ratings.flatMap((r) => [r.low, r.elo, r.high]).filter((end) => end !== null);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const x = (elo, open) => (elo === null ? open : 2 + (96 * (elo - low)) / Math.max(1, high - low));
  return html`<h2>Ratings</h2><div class="scroll" tabindex="0" role="region" aria-label="ratings"><table><thead><tr><th scope="col">player</th><th scope="col">Elo</th><th scope="col">95% interval</th><th scope="col"><span class="hidden">as a picture</span></th><th scope="col">games</th></tr></thead>
    <tbody>${ratings.map((r) => html`<tr key=${r.name}><th scope="row">${plain(r.name, 40)}</th><td>${Math.round(r.elo)}</td><td>${r.interval}</td>
      <td class="bar"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><line x1=${x(r.low, 0)} x2=${x(r.high, 100)} y1="5" y2="5" /><rect x=${x(r.elo) - 1} y="1" width="2" height="8" /></svg></td><td>${r.games}</td></tr>`)}</tbody></table></div>`;
}

function Lineage({ checkpoints, lineage, run }) {
  const last = Math.max(1, checkpoints[checkpoints.length - 1]);
  return html`<svg class="lineage" viewBox="0 0 100 14" role="img" aria-label=${`checkpoints at iterations ${checkpoints.join(", ")}`}>
      <line x1="2" x2="98" y1="7" y2="7" />${checkpoints.map((c) => html`<circle key=${c} cx=${2 + (96 * c) / last} cy="7" r=${lineage.best === c ? 2.4 : 1.5} class=${lineage.best === c ? "best" : ""}><title>iteration ${c}</title></circle>`)}
    </svg>
    <p class="soft">${lineage.begun}${lineage.best != null ? `; the best measured is ${lineage.best}` : ""}</p>
    ${lineage.world ? html`<p>Sit down against one: ${[...checkpoints].reverse().slice(0, 8).map((c) => html` <a key=${c} href=${`#/play/${lineage.world}?against=${encodeURIComponent(`run:${run}@${c}`)}`}>${c}</a>`)}</p>` : null}`;
}
