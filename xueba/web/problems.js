// Questions and what was answered to them.
import { html } from "./preact-htm.js";
import { useAnswer, useNews, useSparing } from "./news.js";
import { GamePage, Steps } from "./game.js";
import { address, Pages, useRows } from "./lists.js";
import { Empty, link, percent, plain, Trouble } from "./text.js";

const LINES = 8;

// a question that is being answered
export function LiveSheet({ ply: { sheet, number, step, time } }) {
  const right = sheet.grade.startsWith("✓");
  return html`<figure class=${right ? "live-board" : "live-board wrong"} data-time=${time}>
    <pre class="question">${plain(sheet.question, 300).replaceAll("↵", "\n")}</pre>
    <${Steps} steps=${sheet.steps.slice(0, LINES)} />
    ${sheet.steps.length > LINES ? html`<p class="soft">and ${sheet.steps.length - LINES} lines more</p>` : null}
    <figcaption><b>${plain(sheet.answer, 40)}</b> <${Grade} sheet=${sheet} />${right ? "" : ` it is ${plain(sheet.right_answer, 40)}`}
      <br /><span class="soft">question ${number}, level ${sheet.level}, iteration ${step}</span></figcaption>
  </figure>`;
}

const Grade = ({ sheet }) => html`<span class=${sheet.grade.startsWith("✓") ? "badge good" : "badge"}>${plain(sheet.grade, 40)}</span>`;

// "46+41 → 87 ✓ right", and the line with the first fault
export function Briefly({ sheet }) {
  return html`<code>${plain(sheet.question, 120)} → ${plain(sheet.answer, 40)}</code> <${Grade} sheet=${sheet} />${sheet.flaw ? html` <span class="wrong">✗ <code>${plain(sheet.flaw, 120)}</code></span>` : null}`;
}

// what was answered in the last minute
export function Answers({ ended }) {
  if (!ended.length) return null;
  const right = ended.filter((game) => game.returns && game.returns[0] === 1).length;
  const worst = [...ended].reverse().find((game) => game.sheet);
  return html`<h2>Of the last minute</h2><ul class="plain">
    <li>${percent(right, ended.length)} of the recorded answers right in every step</li>
    ${worst ? html`<li>✗ worst: <a href=${`${link("problems", worst.run, 0)}?number=${worst.number}&step=${worst.step}`}><${Briefly} sheet=${worst.sheet} /></a></li>` : null}
  </ul>`;
}

// "#/problems/NAME" lists the questions of a run, "#/problems/NAME/3" shows one of them
export function Problems({ parts, query }) {
  return parts.length > 1 ? html`<${GamePage} parts=${parts} query=${query} />` : html`<${Asking} chosen=${parts[0]} query=${query} />`;
}

function Asking({ chosen, query }) {
  const [runs, error] = useAnswer("runs", {});
  if (!runs) return html`<${Trouble} error=${error} />`;
  const asking = runs.filter((run) => run.kind === "problem").reverse();
  const run = chosen || asking[0]?.name;
  if (!run)
    return html`<${Empty}><h1>No questions yet</h1><p>Let a model learn a kind of problem, and every line of its reasoning is checked here:</p><pre>xueba train addition</pre></${Empty}>`;
  const known = runs.find((other) => other.name === run);
  return html`<h1>Problems</h1>
    <nav class="runs" aria-label="Runs">${asking.map((other) => html`<a key=${other.name} href=${link("problems", other.name)} aria-current=${other.name === run ? "true" : null}>${other.name}</a>`)}</nav>
    ${known?.kind === "problem" ? html`<${List} run=${run} query=${query} />` : html`<p>${known ? html`In ${run} no questions are asked: <a href=${address("games", { run })}>its games</a>` : `There is no run “${plain(run, 60)}”.`}</p>`}`;
}

const WHICH = [["", "all"], ["wrong", "wrong"], ["guessed", "right, but guessed"], ["malformed", "malformed"]];

function List({ run, query }) {
  const [flag, from] = ["flag", "from"].map((name) => query.get(name) || "");
  const [found, error, again] = useAnswer("problems", { run, flag, from });
  const [shares, , countAgain] = useAnswer("shares", { run });
  const sparing = useSparing(() => (again(), countAgain()), 2000);
  useNews("game", (game) => game.run === run && !from && sparing());
  const focused = useRows(Boolean(found));
  const wrong = shares ? shares.kinds.reduce((sum, kind) => sum + kind.count, 0) : 0;
  const page = `problems/${encodeURIComponent(run)}`;
  return html`<${Trouble} error=${error} />
    ${shares ? html`<p>${percent(Math.max(0, shares.replies - wrong), shares.replies)} of the recorded answers are right in every step.</p>` : null}
    <p class="runs" role="group" aria-label="which">${WHICH.map(([value, label]) => html`<a key=${label} aria-current=${flag === value ? "true" : null} href=${address(page, { flag: value })}>${label}</a>`)}</p>
    ${found ? html`<${Pages} found=${found} what=${flag ? "such answers" : "answers"} to=${(first) => address(page, { flag, from: first })} />
    <ul class="flags">${found.rows.map((game) => html`<li key=${game.game}>
      <a href=${link("problems", run, game.game)} data-row=${game.game} onFocus=${focused}>${game.sheet ? html`<${Briefly} sheet=${game.sheet} />` : `question ${game.game}`}</a>
      <span class="soft">question ${game.game}, iteration ${game.step}, ${plain(game.first, 20)}</span></li>`)}</ul>` : null}`;
}
