// Is it learning, how good is it, does it invent rules? And the games as they are played.
import { html, useEffect, useMemo, useRef, useState } from "./preact-htm.js";
import { ask, useAnswer, useNews, useSparing } from "./news.js";
import { Board } from "./board.js";
import { Chart, Key, told } from "./charts.js";
import { Answers, LiveSheet } from "./problems.js";
import { duration, Empty, link, number, percent, plain, share, Trouble } from "./text.js";

// what says how good it is, the best measure first: name, label, kind of its curve
const SKILLS = [
  ["eval/lost_lines_first", "lost lines, moving first", "lost"],
  ["eval/lost_lines_second", "lost lines, moving second", "lost"],
  ["eval/agreement_result", "keeps what the solver proves", "share"],
  ["eval/agreement_best", "the solver's very best move", "share"],
  ["arena/mcts_points", "points against MCTS", "share"],
  ["arena/random_points", "points against random", "share"],
  ["eval/right", "right, with every step", "share"],
  ["eval/answers", "right answers", "share"],
  ["eval/guessed", "right, but guessed", "share"],
  ["eval/legal", "legal replies", "share"],
  ["eval/well_formed", "well-formed replies", "share"],
];
// what says whether it invents rules: name, label
const FAULTS = [
  ["rollout/illegal", "illegal moves while playing", "share"],
  ["rollout/malformed", "malformed replies while playing", "share"],
  ["rollout/guessed", "answers that are guessed", "share"],
];
// several on one chart: their names, the chart's, how a part is called
const OTHERS = [
  [/^eval\/level_(\d+)$/, "Right answers by level", "share", "level "],
  [/^reward\/(?!masked)(.+)$/, "Reward by part", "", ""],
  [/^rollout\/points_against_(.+)$/, "Points against others", "share", ""],
  [/^train\/(policy|value|words|surrogate)$/, "Losses", "", ""],
];
const SINGLE = [
  ["train/loss", "loss", ""],
  ["rollout/policy_entropy", "entropy of the policy, nats", ""],
  ["rollout/token_entropy", "entropy of a token, nats", ""],
];
const SIDE = /_(count|of|low|high)$/; // of another metric, and drawn with that
const BOARDS = 4;
const MINUTE = 60000;

export function Now({ query }) {
  const [runs, error, again] = useAnswer("runs", {});
  const sparing = useSparing(again, 1000);
  useNews("metrics", sparing);
  useNews("warm-up", sparing);
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
    ${learned.length > 1 ? html`<${Compared} runs=${learned} />` : learned.map((run) => html`<${First} key=${run.name} run=${run} />`)}
    ${shown.filter((run) => run.kind === "arena").map((run) => html`<${Tournament} key=${run.name} run=${run} />`)}
    <div class=${learned.length ? "columns" : "alone"}><${Live} runs=${shown} />${learned.length ? html`<${Curves} runs=${learned} />` : null}</div>
  `;
}

// a name shows that run alone, its box lays it over the others
function Picker({ runs, shown }) {
  const names = shown.map((run) => run.name);
  const to = (next) => `#/now?runs=${next.map(encodeURIComponent).join(",")}`;
  const toggled = (name) => to(names.includes(name) ? names.filter((other) => other !== name) : [...names, name]);
  return html`<nav class="runs" aria-label="Runs">
    ${[...runs].reverse().slice(0, 30).map((run) => {
      const there = names.includes(run.name);
      return html`<span class="run" key=${run.name}>
        <input type="checkbox" checked=${there} aria-label=${`compare ${run.name}`} title="compare" onChange=${() => (location.hash = toggled(run.name))} />
        <a href=${to([run.name])} aria-current=${there ? "true" : null}>${run.state === "running" ? "● " : ""}${run.kind === "arena" ? "♞ " : ""}${run.name}</a>
      </span>`;
    })}
  </nav>`;
}

// several runs: a row each, in the colour of its line
function Compared({ runs }) {
  const measures = [...SKILLS, ...FAULTS].filter(([name]) => runs.some((run) => run.metrics[name] != null)).slice(0, 6);
  return html`<section class="card compared" aria-label="runs compared"><h1>${runs.length} runs compared</h1>
    <div class="scroll" tabindex="0" role="region" aria-label="figures of each run"><table>
      <thead><tr><th scope="col">run</th><th scope="col">what</th><th scope="col">state</th><th scope="col">iteration</th>${measures.map(([name, label]) => html`<th scope="col" key=${name}>${label}</th>`)}</tr></thead>
      <tbody>${runs.map((run, n) => html`<tr key=${run.name}><th scope="row"><${Key} at=${n} /><a href=${`#/now?runs=${encodeURIComponent(run.name)}`}>${run.name}</a></th>
        <td>${run.world} by ${run.algorithm}, seed ${run.seed}</td><td>${run.state}${run.alarms.length ? " ⚠" : ""}</td><td>${(run.metrics.step || 0).toLocaleString("en")} of ${run.iterations.toLocaleString("en")}</td>
        ${measures.map(([name, , kind]) => html`<td key=${name}>${skill(run.metrics, name, kind)}</td>`)}</tr>`)}</tbody>
    </table></div></section>`;
}

function First({ run }) {
  const now = run.metrics;
  const skills = SKILLS.filter(([name]) => now[name] != null).slice(0, 3);
  const faults = FAULTS.filter(([name]) => now[`${name}_of`]).map(([name, label]) => [label, now[`${name}_count`], now[`${name}_of`]]);
  const answers = now["rollout/answers_of"];
  if (answers) faults.unshift(["answers that are wrong", answers - now["rollout/answers_count"], answers]);
  const [what, done, of] = run.warm_up ? ["step", run.warm_up.done, run.warm_up.of] : ["iteration", now.step || 0, run.iterations];
  // solved: done, however many iterations it might have had
  const ended = /^solved/.test(run.said);
  return html`<section class="first" aria-label=${`run ${run.name}`}>
    <div class="card wide">
      <h1>${run.name}</h1>
      <p>${run.world} by ${run.algorithm}, seed ${run.seed}</p>
      <p class="stage">${stage(run)}</p>
      <progress max=${of} value=${ended && run.state === "ended" ? of : done} aria-label=${`${what}s done`}></progress>
      <p class="soft">${what} ${done.toLocaleString("en")} of ${ended ? "at most " : ""}${of.toLocaleString("en")}${left(run)}</p>
      ${run.alarms.map((alarm) => html`<p class="alarm" role="alert" key=${alarm}>⚠ ${plain(alarm, 200)}</p>`)}
    </div>
    ${skills.map(([name, label, kind]) => html`<div class="card" key=${name}><h2>${label}</h2><p class="big">${skill(now, name, kind)}</p><p class="soft">${interval(now, name)}</p></div>`)}
    ${skills.length ? null : html`<div class="card"><h2>How good it is</h2><p class="soft">not measured yet</p></div>`}
    <div class="card">
      <h2>${run.kind === "problem" ? "Wrong and guessed" : "Invented rules"}</h2>
      ${faults.length ? faults.map(([label, count, among]) => html`<p key=${label}><b>${told(count / among, "share")}</b> ${label}<br /><span class="soft">${count} of ${among}</span></p>`) : html`<p class="soft">nothing played yet</p>`}
      ${faults.length ? html`<p class="soft">in the last iteration, ${(now.step || 0).toLocaleString("en")}</p>` : null}
      <a href=${`#/flags?run=${encodeURIComponent(run.name)}`}>all flags of this run</a>
    </div>
    ${now["perf/games_per_second"] == null ? null : html`<div class="card"><h2>Speed</h2>
      <p><b>${number(now["perf/games_per_second"])}</b> ${run.kind === "problem" ? "answers" : "games"} a second</p>
      ${now["perf/tokens_per_second"] ? html`<p><b>${number(now["perf/tokens_per_second"])}</b> tokens a second</p>` : null}
      ${now["perf/iteration_seconds"] ? html`<p><b>${number(now["perf/iteration_seconds"])}</b> s an iteration</p>` : null}
    </div>`}
  </section>`;
}

function Tournament({ run }) {
  const asked = run.config.asked || {};
  const to = encodeURIComponent(run.name);
  const [table, error, again] = useAnswer("standings", { run: run.name });
  useNews("indexed", useSparing(again, 5000));
  const worst = table && table.worst;
  return html`<section class="first" aria-label=${`tournament ${run.name}`}>
    <div class="card wide">
      <h1>♞ ${run.name}</h1>
      <p>${(asked.players || []).map((name) => plain(name, 30)).join(", ")}</p>
      <p class="soft">${asked.mode ? `mode ${plain(asked.mode.replaceAll("_", " "), 20)}` : "games of persons"}${run.state === "running" ? ", being played" : ""}</p>
      <p>${table ? `${table.games.toLocaleString("en")} ${table.games === 1 ? "game" : "games"} recorded` : ""}</p>
      <p><a href=${`#/league/${to}`}>who beats whom</a> · <a href=${`#/games?run=${to}`}>its games</a> · <a href=${`#/flags?run=${to}`}>what was invented</a></p>
      <${Trouble} error=${error} />
    </div>
    ${table && table.players.length ? html`<div class="card wide"><h2>Standings</h2><div class="scroll" tabindex="0" role="region" aria-label="standings"><table>
      <thead><tr>${["player", "Elo", "points", "games", "illegal moves", "false claims"].map((head) => html`<th scope="col" key=${head}>${head}</th>`)}</tr></thead>
      <tbody>${table.players.map((one) => html`<tr key=${one.name}><th scope="row">${plain(one.name, 30)}</th><td title=${one.interval ? `95% interval ${one.interval}` : ""}>${one.elo == null ? "–" : Math.round(one.elo)}</td><td>${one.points}</td><td>${one.games}</td><td>${one.illegal}</td><td>${one.false}</td></tr>`)}</tbody></table></div></div>` : null}
    ${worst ? html`<div class="card"><h2>The worst moment</h2><p><span class="badge">✗ ${plain(worst.kind.replaceAll("_", " "), 30)}</span></p><p><b>${plain(worst.player, 30)}</b>: “${plain(worst.quote, 110)}”</p><p class="soft">${plain(worst.evidence, 160)}</p>
      <p><a href=${`${link("game", run.name, worst.game)}/${worst.at}`}>on the board</a></p></div>` : null}
  </section>`;
}

function stage(run) {
  if (run.state === "ended") return `■ ${plain(run.said, 100)}`;
  if (run.state === "stopped") return `○ stopped from outside; xueba train --resume ${run.name} goes on`;
  if (run.state === "silent") return "○ nothing new for two minutes: stopped, or at one long step";
  if (run.warm_up) return run.warm_up.done < run.warm_up.of ? `● warm-up${/^\d+ steps/.test(run.said) ? `: ${run.said}` : ""}` : "● warmed up, being measured";
  if (!run.metrics.step) return `● ${/^\d+ steps/.test(run.said) ? `warm-up: ${run.said}` : plain(run.said, 100) || "beginning"}`;
  const how = { "expert-iteration": "self-play with search", distillation: "learning from a teacher", reading: "reading" };
  return `● ${how[run.algorithm] || (run.kind === "problem" ? "practice for a reward" : "self-play")}`;
}

function left(run) {
  if (run.warm_up) return run.state === "running" && run.warm_up.left ? `, about ${duration(run.warm_up.left)} to go` : "";
  const each = run.metrics["perf/iteration_seconds"];
  if (run.state !== "running" || !each) return "";
  return `, at most ${duration(each * (run.iterations - run.metrics.step))} to go`;
}

function skill(now, name, kind) {
  const lines = now[name.replace("lost_lines", "lines")];
  return kind === "share" ? share(now[name]) : `${number(now[name])}${lines ? ` of ${number(lines)}` : ""}`;
}

function interval(now, name) {
  const [low, high] = [now[`${name}_low`], now[`${name}_high`]];
  return low == null ? "" : `95% interval ${share(low)} to ${share(high)}`;
}

function Curves({ runs }) {
  const [all, setAll] = useState({});
  const [smooth, setSmooth] = useState(0);
  const [opened, setOpened] = useState({});
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
  useNews("warm-up", ({ run }) => names.includes(run) && sparing());
  useNews("reset", load);
  const [charts, rest, warm] = useMemo(() => drawn(names, all), [all, names.join()]);
  const chart = ([title, lines, kind, axis]) => html`<${Chart} key=${title} title=${title} lines=${lines} kind=${kind} axis=${axis} smooth=${smooth} />`;
  return html`<section class="curves" aria-label="Curves">
    <label class="smooth">smoothing <input type="range" min="0" max="0.95" step="0.05" value=${smooth} onInput=${(e) => setSmooth(+e.target.value)} /></label>
    ${charts.length ? null : warm.map(chart)}
    ${charts.length || warm.length ? charts.map(chart) : html`<p class="soft">No figures yet.</p>`}
    ${Object.keys(rest).length ? html`<h2>All other metrics</h2>` : null}
    ${Object.entries(rest).map(([head, found]) => html`<details key=${head} open=${!!opened[head]} onToggle=${(e) => setOpened((before) => ({ ...before, [head]: e.target.open }))}>
      <summary>${head} (${found.length})</summary>${opened[head] ? html`<div class="curves">${found.map(chart)}</div>` : null}</details>`)}
  </section>`;
}

// the charts that stand open, those of all other metrics by the first part of their names, and those of the warm-up
function drawn(names, all) {
  const has = (run, name) => all[run]?.columns[name]?.some((v) => v != null);
  const there = new Set(Object.values(all).flatMap((data) => Object.keys(data.columns)).filter((name) => !SIDE.test(name)));
  const line = (data, name, label, at) => ({ name: label, at, steps: data.step, values: data.columns[name], low: data.columns[`${name}_low`], high: data.columns[`${name}_high`] });
  const lines = (name) => names.map((run, at) => has(run, name) && line(all[run], name, run, at)).filter(Boolean);
  const charts = [];
  const used = new Set();
  const add = (title, found, kind, shown) => {
    shown.forEach((name) => used.add(name));
    if (found.length) charts.push([title, found, kind, "iteration"]);
  };
  for (const [name, label, kind] of [...SKILLS, ...FAULTS]) add(label, kind === "lost" ? lines(name).map((found) => ofLines(found, all[found.name], name)) : lines(name), kind, [name]);
  const last = names[names.length - 1];
  for (const [pattern, title, kind, head] of OTHERS) {
    const parts = [...there].filter((name) => pattern.test(name) && has(last, name) && !idle(all[last].columns[name], name));
    const found = parts.map((name, at) => line(all[last], name, `${head}${pattern.exec(name)[1]}`, at));
    add(names.length > 1 ? `${title} (${last})` : title, found, kind, names.length > 1 ? [] : parts);
  }
  for (const [name, label, kind] of SINGLE) add(label, lines(name), kind, [name]);
  const warm = names.flatMap((run, at) => Object.keys(all[run]?.warm_up.columns || {}).reverse().map((name) => [`warm-up: ${name.replace("train/", "")}${names.length > 1 ? ` (${run})` : ""}`, [line(all[run].warm_up, name, run, at)], "", "step of the warm-up"]));
  const rest = {};
  for (const name of [...there].filter((other) => !used.has(other)).sort()) {
    const found = lines(name);
    if (found.length) (rest[name.split("/")[0]] ||= []).push([name, found, names.some((run) => all[run]?.columns[`${name}_of`]) ? "share" : "", "iteration"]);
  }
  if (charts.length && warm.length) rest["warm-up"] = warm;
  return [charts, rest, warm];
}

// lost lines as a share of all: early on there are few, since a reply that is refused ends its line
function ofLines(line, data, name) {
  const of = data.columns[name.replace("lost_lines", "lines")] || [];
  return { ...line, values: line.values.map((lost, n) => (lost == null ? null : lost / Math.max(1, of[n] || 0))) };
}

// a loss that is 0 throughout is not learned from
const idle = (values, name) => name.startsWith("train/") && !values.some((value) => value);

function Live({ runs }) {
  const names = runs.map((run) => run.name);
  const playing = runs.filter((run) => run.state === "running").map((run) => run.name);
  const boards = useRef(new Map());
  const ended = useRef([]);
  const [outstanding, setOutstanding] = useState([]);
  const [, draw] = useState(0);
  const add = (ply) => {
    const key = `${ply.run}/${ply.number}`;
    boards.current.delete(key);
    boards.current.set(key, ply);
    // the game that has had no move for longest makes room
    while (boards.current.size > BOARDS) boards.current.delete(boards.current.keys().next().value);
  };
  const load = () => {
    for (const [key, ply] of boards.current) if (!names.includes(ply.run)) boards.current.delete(key);
    Promise.all(names.map((run) => ask("boards", { run }).then((found) => [run, found]))).then((all) => {
      for (const [run, found] of all) if (playing.includes(run)) for (const ply of found.last) if (!boards.current.has(`${run}/${ply.number}`) && boards.current.size < BOARDS) add(ply);
      setOutstanding(all.flatMap(([, found]) => found.standing_out));
    }, () => {});
  };
  useEffect(() => {
    if (!playing.length) boards.current.clear(); // the games of a run that has ended make room for those that stand out
    load();
  }, [names.join(), playing.join()]);
  const later = useSparing(load, 3000);
  useNews("indexed", () => playing.length || later());
  useNews("ply", (ply) => {
    if (!names.includes(ply.run)) return;
    add(ply);
    draw((n) => n + 1);
  });
  useNews("game", (game) => {
    if (!names.includes(game.run)) return;
    const now = Date.now();
    ended.current = [...ended.current.filter((other) => now - other.at < MINUTE), { ...game, at: now }].slice(-400);
    draw((n) => n + 1);
  });
  const asking = (game) => runs.some((run) => run.name === game.run && run.kind === "problem");
  const shown = [...boards.current.entries()].filter(([, ply]) => names.includes(ply.run)).sort(([a], [b]) => (a < b ? -1 : 1));
  const idle = !playing.length && !shown.length;
  const last = names[names.length - 1];
  const answering = runs.every((run) => run.kind === "problem");
  const recorded = html`<a href=${asking({ run: last }) ? link("problems", last) : `#/games?run=${encodeURIComponent(last)}`}>${asking({ run: last }) ? "answers" : "recorded games"}</a>`;
  return html`<section class="live" aria-label=${idle ? "Games that stand out" : "Games as they are played"}>
    <h2>${idle ? `${answering ? "Answers" : "Games"} that stand out` : answering ? "As it is answered" : "As it is played"}</h2>
    ${shown.length ? html`<div class="boards">${shown.map(([key, ply]) => html`<${ply.sheet ? LiveSheet : LiveBoard} key=${key} ply=${ply} />`)}</div>` : null}
    ${idle ? html`<div class="boards">${outstanding.map(({ why, game, at_reply, ply }) => html`<div key=${`${ply.run}/${game}`}><h3><a href=${link(ply.sheet ? "problems" : "game", ply.run, game, ...(at_reply && !ply.sheet ? [at_reply] : []))}>${why}</a></h3><${ply.sheet ? LiveSheet : LiveBoard} ply=${ply} /></div>`)}</div><p class="soft">This run plays no more. All of its ${recorded}</p>` : null}
    ${!idle && !shown.length ? html`<p class="soft">${runs.every((run) => run.warm_up) ? "Nothing is played before the warm-up is over." : html`Waiting for the next move… ${recorded}`}</p>` : null}
    <${Answers} ended=${ended.current.filter(asking)} />
    <${Extremes} ended=${ended.current.filter((game) => !asking(game))} />
  </section>`;
}

function LiveBoard({ ply }) {
  const { turn } = ply;
  const wrong = turn.verdict && !["legal", "resign", "draw", "protest", "accept", "consistent_drift"].includes(turn.verdict.kind);
  return html`<figure class=${wrong ? "live-board wrong" : "live-board"} data-time=${ply.time}>
    <div class=${ply.agreed ? "two" : ""}>${ply.board ? html`<${Board} board=${ply.board} moves=${turn.moves || []} marked=${(wrong && turn.ruling && turn.ruling.squares) || []} label=${`game ${ply.called}`} />` : null}
    ${ply.agreed ? html`<${Board} board=${ply.agreed} label="what both players believe" />` : null}</div>
    <figcaption>
      ${ply.agreed ? html`<span class="badge">⚠ right: what both players believe</span> ` : null}
      <b>${plain(turn.answer || "", 20)}</b> ${wrong ? html`<span class="badge">✗ ${plain(turn.verdict.kind.replaceAll("_", " "), 30)}</span>` : null}
      ${(turn.claims || []).some((claim) => claim.finding === "false") ? html`<span class="badge">✗ false claim</span>` : null}
      <span class="thought">${turn.said ? `“${plain(turn.said, 110)}”` : plain(turn.think, 110)}</span>
      <span class="soft">game ${ply.called}, ${ply.players.map((name) => plain(name, 16)).join(" – ")}${ply.over ? ", over" : ""}</span>
    </figcaption>
  </figure>`;
}

// the worst: lost by a reply that the rules refuse, else the longest that was lost; the best: the quickest that was won
function Extremes({ ended }) {
  const refused = ended.filter((game) => game.ending !== "rules");
  const fine = ended.filter((game) => game.ending === "rules" && game.returns && game.returns[0] !== 0);
  const said = (game) => `game ${game.called}, ${game.ending === "rules" ? (game.returns[0] > 0 ? "won by the first player" : "won by the second player") : plain(game.ending, 30)}`;
  if (!ended.length) return null;
  const item = (label, game) => game && html`<li>${label}: <a href=${`${link("game", game.run, 0)}?number=${game.number}&step=${game.step}`}>${said(game)}</a></li>`;
  return html`<h2>Of the last minute</h2>
    <ul class="plain">
      <li>${percent(refused.length, ended.length)} of the recorded games ended by a refused reply</li>
      ${item("✓ best", fine[fine.length - 1])}${item("✗ worst", refused[refused.length - 1])}
    </ul>`;
}
