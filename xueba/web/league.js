// Who plays, how strong they are, who beats whom; the checkpoints of a run in time.
import { html } from "./preact-htm.js";
import { useAnswer } from "./news.js";
import { address } from "./lists.js";
import { Empty, link, plain, share, Trouble } from "./text.js";

export function League({ parts: [chosen] }) {
  const [runs, error] = useAnswer("runs", {});
  if (!runs) return html`<${Trouble} error=${error} />`;
  if (!runs.length) return html`<${Empty}><h1>No players yet</h1><p>Let some play a tournament:</p><pre>xueba arena honest liar sceptic --mode no_referee</pre><p>or train a model: its opponents and past checkpoints appear here.</p></${Empty}>`;
  const games = runs.filter((run) => run.kind !== "problem");
  // a tournament has most to tell; what persons have played is none
  const first = [...games].reverse().find((other) => other.kind === "arena" && other.config.asked) || games[games.length - 1];
  const run = chosen || (first ? first.name : "");
  return html`<h1>League</h1>
    <nav class="runs" aria-label="Runs">${[...games].reverse().map((other) => html`<a key=${other.name} href=${link("league", other.name)} aria-current=${other.name === run ? "true" : null}>${other.kind === "arena" ? "♞ " : ""}${other.name}</a>`)}</nav>
    ${run ? html`<${Table} key=${run} run=${run} />` : html`<p class="soft">Only problems so far: nobody plays against anybody.</p>`}`;
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
    return games ? html`<a href=${address("games", { run, player: a, against: b })}>${`${+points.toFixed(1)} / ${games}`}</a>` : "";
  };
  return html`<${Trouble} error=${error} />
    ${names.length ? html`<${Ratings} ratings=${ratings} run=${run} />
    <h2>Who beats whom</h2><p class="soft">Points of the row's player out of the games against the column's; each leads to these games.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="cross table"><table class="cross"><thead><tr><td></td>${names.map((name) => html`<th scope="col" key=${name}>${plain(name, 18)}</th>`)}</tr></thead>
    <tbody>${names.map((a) => html`<tr key=${a}><th scope="row">${plain(a, 30)}</th>${names.map((b) => html`<td key=${b}>${a === b ? "·" : score(a, b)}</td>`)}</tr>`)}</tbody></table></div>` : html`<p class="soft">No game of two different players has been recorded here: the model plays itself. <a href=${address("games", { run })}>Its games</a></p>`}
    ${checkpoints.length ? html`<h2>Strength in time</h2><${Lineage} checkpoints=${checkpoints} lineage=${lineage} run=${run} />` : null}`;
}

function Ratings({ ratings, run }) {
  const ends = ratings.flatMap((r) => [r.low, r.elo, r.high]).filter((end) => end !== null);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const x = (elo, open) => (elo === null ? open : 2 + (96 * (elo - low)) / Math.max(1, high - low));
  return html`<h2>Ratings</h2><div class="scroll" tabindex="0" role="region" aria-label="ratings"><table><thead><tr><th scope="col">player</th><th scope="col">Elo</th><th scope="col">95% interval</th><th scope="col"><span class="hidden">as a picture</span></th><th scope="col">games</th></tr></thead>
    <tbody>${ratings.map((r) => html`<tr key=${r.name}><th scope="row"><a href=${address("games", { run, player: r.name })}>${plain(r.name, 40)}</a></th><td>${Math.round(r.elo)}</td><td>${r.interval}</td>
      <td class="bar"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><line x1=${x(r.low, 0)} x2=${x(r.high, 100)} y1="5" y2="5" /><rect x=${x(r.elo) - 1} y="1" width="2" height="8" /></svg></td><td><a href=${address("games", { run, player: r.name })} aria-label=${`${r.games} games of ${plain(r.name, 40)}`}>${r.games}</a></td></tr>`)}</tbody></table></div>`;
}

const WIDE = 400, HIGH = 190, LEFT = 46, ROOM = 26;

// the run's own measure over its iterations, and on it the checkpoints that are still there: each can be sat down against
function Lineage({ checkpoints, lineage: { strength, best, begun, world }, run }) {
  const last = Math.max(1, ...checkpoints, ...strength.map(([step]) => step));
  const [low, high] = [Math.min(0, ...strength.map(([, score]) => score)), Math.max(1, ...strength.map(([, score]) => score))];
  const x = (step) => LEFT + 8 + ((WIDE - LEFT - 28) * step) / last;
  const y = (score) => 24 + ((HIGH - 54) * (high - score)) / (high - low);
  // what was not measured stands where the last measure left it
  const scoreAt = (step) => strength.reduce((found, [at, score]) => (at <= step ? score : found), null);
  const against = (step) => `#/play/${world}?against=${encodeURIComponent(`run:${run}@${step}`)}`;
  const told = (step) => `iteration ${step}${scoreAt(step) === null ? "" : `, strength ${share(scoreAt(step))}`}${step === best ? ", the best measured" : ""}`;
  // the best and the newest are always labelled, of the others those that have room
  const labels = [best, checkpoints[checkpoints.length - 1], ...checkpoints].filter((step) => step != null).reduce((kept, step) => (kept.some((other) => Math.abs(x(other) - x(step)) < ROOM) ? kept : [...kept, step]), []);
  const point = (step) => html`<circle class="hit" cx=${x(step)} cy=${y(scoreAt(step) ?? low)} r="12" /><circle class=${step === best ? "best" : ""} cx=${x(step)} cy=${y(scoreAt(step) ?? low)} r=${step === best ? 7 : 5} /><title>${told(step)}</title>`;
  return html`<svg class="lineage" viewBox=${`0 0 ${WIDE} ${HIGH}`} role="group" aria-label="strength over iterations, with the checkpoints">
      ${[low, (low + high) / 2, high].map((score) => html`<line key=${score} x1=${LEFT} x2=${WIDE - 10} y1=${y(score)} y2=${y(score)} /><text x=${LEFT - 6} y=${y(score) + 4} text-anchor="end">${share(score)}</text>`)}
      <polyline points=${strength.map(([step, score]) => `${x(step)},${y(score)}`).join(" ")} />
      ${checkpoints.map((step) => (world ? html`<a key=${step} href=${against(step)} aria-label=${`sit down against ${told(step)}`}>${point(step)}</a>` : html`<g key=${step}>${point(step)}</g>`))}
      ${labels.map((step) => html`<text key=${step} x=${x(step)} y=${HIGH - 10} text-anchor="middle" class=${step === best ? "named" : ""}>${step}</text>`)}
    </svg>
    <p class="soft">The run's own measure (eval/score) over its iterations; points are the checkpoints that are kept${best != null ? `, the large one (${best}) is the best measured` : ""}. ${plain(begun, 300)}</p>
    ${world ? html`<p>Sit down against one: ${[...checkpoints].reverse().slice(0, 12).map((step) => html` <a key=${step} href=${against(step)}>${step === best ? `${step} (best)` : step}</a>`)}</p>` : null}`;
}
