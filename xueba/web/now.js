// Is it learning, how good is it, does it invent rules? And the games as they are played.
import { html, useEffect, useMemo, useRef, useState } from "./preact-htm.js";
import { ask, useAnswer, useNews, useSparing } from "./news.js";
import { Board } from "./board.js";
import { Chart } from "./charts.js";
import { Answers, LiveSheet } from "./problems.js";
import { duration, Empty, link, number, percent, plain, share, Trouble } from "./text.js";

// what says how good it is, the best measure first: name, label, whether it is a share, whether less is better
const SKILLS = [
  ["eval/lost_lines_first", "lost lines, moving first", false, true],
  ["eval/lost_lines_second", "lost lines, moving second", false, true],
  ["eval/agreement_result", "keeps what the solver proves", true],
  ["eval/agreement_best", "the solver's very best move", true],
  ["arena/mcts_points", "points against MCTS", true],
  ["arena/random_points", "points against random", true],
  ["eval/right", "right, with every step", true],
  ["eval/answers", "right answers", true],
  ["eval/guessed", "right, but guessed", true, true],
  ["eval/legal", "legal replies", true],
  ["eval/well_formed", "well-formed replies", true],
];
// what says whether it invents rules: name, label
const FAULTS = [
  ["rollout/illegal", "illegal moves while playing"],
  ["rollout/malformed", "malformed replies while playing"],
  ["rollout/guessed", "answers that are guessed"],
];
const OTHERS = [
  ["eval/level_", "Right answers by level"],
  ["reward/", "Reward by part"],
  ["rollout/points_against_", "Points against others"],
];
const BOARDS = 4;
const MINUTE = 60000;

export function Now({ query }) {
  const [runs, error, again] = useAnswer("runs", {});
  const sparing = useSparing(again, 1000);
  useNews("metrics", sparing);
  useNews("event", sparing);
  useNews("reset", again);
  useEffect(() => {
    const timer = setInterval(again, 5000);
    return () => clearInterval(timer);
  }, []);
  if (!runs) return html`<${Trouble} error=${error} /><p class="soft">Reading the runs…</p>`;
  if (!runs.length)
    return html`<${Empty}><h1>No run yet</h1>
      <p>Begin one in a terminal, and it appears here by itself:</p><pre>xueba train</pre>
      <p>It learns tic-tac-toe in a few minutes. Or sit down yourself: <a href="#/play">play</a>.</p></${Empty}>`;
  const wanted = (query.get("runs") || "").split(",").filter(Boolean);
  const chosen = runs.filter((run) => wanted.includes(run.name));
  const last = runs.filter((run) => run.kind !== "arena" || run.state === "running").slice(-1);
  const shown = chosen.length ? chosen : last.length ? last : runs.slice(-1);
  const learned = shown.filter((run) => run.kind !== "arena");
  return html`
    <${Trouble} error=${error} />
    <${Picker} runs=${runs} shown=${shown} />
    ${learned.length ? html`<${First} run=${learned[learned.length - 1]} />` : html`<${Tournament} run=${shown[shown.length - 1]} />`}
    <div class=${learned.length ? "columns" : "alone"}>${learned.length ? html`<${Curves} runs=${learned} />` : null}<${Live} runs=${shown} /></div>
  `;
}

function Picker({ runs, shown }) {
  const names = shown.map((run) => run.name);
  const toggled = (name) => {
    const next = names.includes(name) ? names.filter((other) => other !== name) : [...names, name];
    return `#/now?runs=${next.map(encodeURIComponent).join(",")}`;
  };
  return html`<nav class="runs" aria-label="Runs">
    ${[...runs].reverse().slice(0, 30).map((run) =>
      html`<a key=${run.name} href=${toggled(run.name)} aria-current=${names.includes(run.name) ? "true" : null}>
        ${run.state === "running" ? "● " : ""}${run.kind === "arena" ? "♞ " : ""}${run.name}
      </a>`,
    )}
  </nav>`;
}

function First({ run }) {
  const now = run.metrics;
  const skills = SKILLS.filter(([name]) => now[name] != null).slice(0, 3);
  const faults = FAULTS.filter(([name]) => now[`${name}_of`]).map(([name, label]) => [label, now[`${name}_count`], now[`${name}_of`]]);
  const answers = now["rollout/answers_of"];
  if (answers) faults.unshift(["answers that are wrong", answers - now["rollout/answers_count"], answers]);
  return html`<section class="first" aria-label=${`run ${run.name}`}>
    <div class="card wide">
      <h1>${run.name}</h1>
      <p>${run.world} by ${run.algorithm}, seed ${run.seed}</p>
      <p class="stage">${stage(run)}</p>
      <progress max=${run.iterations} value=${now.step || 0} aria-label="iterations done"></progress>
      <p class="soft">iteration ${(now.step || 0).toLocaleString("en")} of ${run.iterations.toLocaleString("en")}${left(run)}</p>
      ${run.alarms.map((alarm) => html`<p class="alarm" role="alert" key=${alarm}>⚠ ${plain(alarm, 200)}</p>`)}
    </div>
    ${skills.map(([name, label, isShare]) => html`<div class="card" key=${name}><h2>${label}</h2><p class="big">${skill(now, name, isShare)}</p><p class="soft">${interval(now, name)}</p></div>`)}
    ${skills.length ? null : html`<div class="card"><h2>How good it is</h2><p class="soft">not measured yet</p></div>`}
    <div class="card">
      <h2>${run.kind === "problem" ? "Wrong and guessed" : "Invented rules"}</h2>
      ${faults.length ? faults.map(([label, count, of]) => html`<p key=${label}><b>${share(count / of)}</b> ${label}<br /><span class="soft">${count} of ${of}</span></p>`) : html`<p class="soft">nothing played yet</p>`}
      <a href=${`#/flags?run=${encodeURIComponent(run.name)}`}>all flags of this run</a>
    </div>
    <div class="card"><h2>Speed</h2>
      <p><b>${number(now["perf/games_per_second"])}</b> ${run.kind === "problem" ? "answers" : "games"} a second</p>
      ${now["perf/tokens_per_second"] ? html`<p><b>${number(now["perf/tokens_per_second"])}</b> tokens a second</p>` : null}
      ${now["perf/iteration_seconds"] ? html`<p><b>${number(now["perf/iteration_seconds"])}</b> s an iteration</p>` : null}
    </div>
  </section>`;
}

function Tournament({ run }) {
  const asked = run.config.asked || {};
  const to = encodeURIComponent(run.name);
  return html`<section class="first" aria-label=${`tournament ${run.name}`}>
    <div class="card wide">
      <h1>♞ ${run.name}</h1>
      <p>${(asked.players || []).map((name) => plain(name, 30)).join(", ")}</p>
      <p class="soft">${asked.mode ? `mode ${plain(asked.mode.replaceAll("_", " "), 20)}` : "games of persons"}${run.state === "running" ? ", being played" : ""}</p>
    </div>
    <div class="card"><h2>More of it</h2>
      <p><a href=${`#/league/${to}`}>who beats whom</a></p><p><a href=${`#/games?run=${to}`}>its games</a></p><p><a href=${`#/flags?run=${to}`}>what was invented</a></p>
    </div>
  </section>`;
}

function stage(run) {
  if (run.state === "ended") return `■ ${plain(run.said, 100)}`;
  if (run.state === "silent") return "○ nothing new for two minutes: stopped, or at one long step";
  if (!run.metrics.step) return `● ${/^\d+ steps/.test(run.said) ? `warm-up: ${run.said}` : plain(run.said, 100)}`;
  const how = { "expert-iteration": "self-play with search", distillation: "learning from a teacher", reading: "reading" };
  return `● ${how[run.algorithm] || (run.kind === "problem" ? "practice for a reward" : "self-play")}`;
}

function left(run) {
  const each = run.metrics["perf/iteration_seconds"];
  if (run.state !== "running" || !each) return "";
  return `, at most ${duration(each * (run.iterations - run.metrics.step))} to go`;
}

function skill(now, name, isShare) {
  const lines = now[name.replace("lost_lines", "lines")];
  return isShare ? share(now[name]) : `${number(now[name])}${lines ? ` of ${number(lines)}` : ""}`;
}

function interval(now, name) {
  const [low, high] = [now[`${name}_low`], now[`${name}_high`]];
  return low == null ? "" : `95% interval ${share(low)} to ${share(high)}`;
}

function Curves({ runs }) {
  const [all, setAll] = useState({});
  const [smooth, setSmooth] = useState(0);
  const names = runs.map((run) => run.name);
  const load = () =>
    Promise.all(names.map((run) => ask("metrics", { run }).then((data) => [run, data]))).then(
      (found) => setAll(Object.fromEntries(found)),
      () => {},
    );
  const sparing = useSparing(load, 700);
  useEffect(() => {
    load();
  }, [names.join()]);
  useNews("metrics", ({ run }) => names.includes(run) && sparing());
  useNews("reset", load);
  const there = useMemo(() => new Set(Object.values(all).flatMap((data) => Object.keys(data.columns))), [all]);
  const lines = (name) =>
    names.filter((run) => all[run]?.columns[name]?.some((v) => v != null)).map((run) => ({ name: run, steps: all[run].step, values: all[run].columns[name] }));
  const charts = SKILLS.filter(([name]) => there.has(name)).map(([name, label, isShare]) => [label, lines(name), isShare]);
  for (const [name, label] of FAULTS) if (there.has(name)) charts.push([label, lines(name), true]);
  const last = names[names.length - 1];
  for (const [head, title] of OTHERS) {
    const parts = [...there].filter((name) => name.startsWith(head) && !/_(count|of|low|high)$/.test(name)).sort();
    const found = parts.filter((name) => all[last]?.columns[name]).map((name) => ({ name: name.slice(head.length), steps: all[last].step, values: all[last].columns[name] }));
    if (found.length) charts.push([`${title} (${last})`, found, false]);
  }
  for (const [name, label] of [["train/loss", "loss"], ["rollout/policy_entropy", "entropy of the policy, nats"], ["rollout/token_entropy", "entropy of a token, nats"]])
    if (there.has(name)) charts.push([label, lines(name), false]);
  return html`<section class="curves" aria-label="Curves">
    <label class="smooth">smoothing <input type="range" min="0" max="0.95" step="0.05" value=${smooth} onInput=${(e) => setSmooth(+e.target.value)} /></label>
    ${charts.length ? charts.map(([title, found, isShare]) => found.length ? html`<${Chart} key=${title + found.map((l) => l.name)} title=${title} lines=${found} share=${isShare} smooth=${smooth} />` : null) : html`<p class="soft">No figures yet.</p>`}
  </section>`;
}

function Live({ runs }) {
  const names = runs.map((run) => run.name);
  const boards = useRef(new Map());
  const ended = useRef([]);
  const [, draw] = useState(0);
  useNews("ply", (ply) => {
    if (!names.includes(ply.run)) return;
    const key = `${ply.run}/${ply.number}`;
    boards.current.delete(key);
    boards.current.set(key, ply);
    // the game that has had no move for longest makes room
    while (boards.current.size > BOARDS) boards.current.delete(boards.current.keys().next().value);
    draw((n) => n + 1);
  });
  useNews("game", (game) => {
    if (!names.includes(game.run)) return;
    const now = Date.now();
    ended.current = [...ended.current.filter((other) => now - other.at < MINUTE), { ...game, at: now }].slice(-400);
    draw((n) => n + 1);
  });
  const asking = (game) => runs.some((run) => run.name === game.run && run.kind === "problem");
  const shown = [...boards.current.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  const last = names[names.length - 1];
  return html`<section class="live" aria-label="Games as they are played">
    <h2>${runs.every((run) => run.kind === "problem") ? "As it is answered" : "As it is played"}</h2>
    ${shown.length ? html`<div class="boards">${shown.map(([key, ply]) => html`<${ply.sheet ? LiveSheet : LiveBoard} key=${key} ply=${ply} />`)}</div>` : html`<p class="soft">${runs.some((run) => run.state === "running") ? "Waiting for the next move…" : "This run plays no more. "}<a href=${asking({ run: last }) ? link("problems", last) : `#/games?run=${encodeURIComponent(last)}`}>${asking({ run: last }) ? "what it has answered" : "its recorded games"}</a></p>`}
    <${Answers} ended=${ended.current.filter(asking)} />
    <${Extremes} ended=${ended.current.filter((game) => !asking(game))} />
  </section>`;
}

function LiveBoard({ ply }) {
  const { turn } = ply;
  const wrong = turn.verdict && !["legal", "resign", "draw", "protest", "accept", "consistent_drift"].includes(turn.verdict.kind);
  return html`<figure class=${wrong ? "live-board wrong" : "live-board"} data-time=${ply.time}>
    <div class=${ply.agreed ? "two" : ""}>${ply.board ? html`<${Board} board=${ply.board} moves=${turn.moves || []} marked=${(wrong && turn.ruling && turn.ruling.squares) || []} label=${`game ${ply.number}`} />` : null}
    ${ply.agreed ? html`<${Board} board=${ply.agreed} label="what both players believe" />` : null}</div>
    <figcaption>
      ${ply.agreed ? html`<span class="badge">⚠ right: what both players believe</span> ` : null}
      <b>${plain(turn.answer || "", 20)}</b> ${wrong ? html`<span class="badge">✗ ${plain(turn.verdict.kind.replaceAll("_", " "), 30)}</span>` : null}
      ${(turn.claims || []).some((claim) => claim.finding === "false") ? html`<span class="badge">✗ false claim</span>` : null}
      <span class="thought">${turn.said ? `“${plain(turn.said, 110)}”` : plain(turn.think, 110)}</span>
      <span class="soft">game ${ply.number}, ${ply.players.map((name) => plain(name, 16)).join(" – ")}${ply.over ? ", over" : ""}</span>
    </figcaption>
  </figure>`;
}

// the worst: lost by a reply that the rules refuse, else the longest that was lost; the best: the quickest that was won
function Extremes({ ended }) {
  const refused = ended.filter((game) => game.ending !== "rules");
  const fine = ended.filter((game) => game.ending === "rules" && game.returns && game.returns[0] !== 0);
  const said = (game) => `game ${game.number}, ${game.ending === "rules" ? (game.returns[0] > 0 ? "won by the first player" : "won by the second player") : plain(game.ending, 30)}`;
  if (!ended.length) return null;
  const item = (label, game) => game && html`<li>${label}: <a href=${`${link("game", game.run, 0)}?number=${game.number}&step=${game.step}`}>${said(game)}</a></li>`;
  return html`<h2>Of the last minute</h2>
    <ul class="plain">
      <li>${percent(refused.length, ended.length)} of the recorded games ended by a refused reply</li>
      ${item("✓ best", fine[fine.length - 1])}${item("✗ worst", refused[refused.length - 1])}
    </ul>`;
}
