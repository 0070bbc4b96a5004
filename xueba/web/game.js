// One game of any kind, ply by ply.
import { html, useEffect, useRef, useState } from "./preact-htm.js";
import { useAnswer } from "./news.js";
import { Board } from "./board.js";
import { Empty, link, plain, Said, share, Trouble } from "./text.js";

const SEATS = ["first", "second"];
export const BADGES = { true: "✓ true", false: "✗ false", unverifiable: "? unverifiable" };

export function GamePage({ parts: [run, line, at], query }) {
  const asked = query.get("number") ? { run, number: query.get("number"), step: query.get("step") } : { run, game: line };
  const odd = [line, at].find((part) => part !== undefined && !/^\d{1,9}$/.test(part));
  const [game, failed, again] = useAnswer("game", asked, Boolean(run) && odd === undefined);
  // a game that has just ended is not in the index at once
  const [tries, setTries] = useState(0);
  useEffect(() => setTries(0), [run, line]);
  useEffect(() => {
    if (!failed || tries >= 8) return undefined;
    const timer = setTimeout(() => again() || setTries(tries + 1), 700);
    return () => clearTimeout(timer);
  }, [failed, tries]);
  const error = odd !== undefined ? `“${plain(odd, 40)}” in the address is no number: it is #/game/RUN/GAME/MOVE` : tries < 3 ? "" : failed;
  // questions have a page of their own
  useEffect(() => {
    if (game && game.kind === "problem" && location.hash.startsWith("#/game/")) location.replace(location.hash.replace("game", "problems"));
  }, [game]);
  if (!run) return html`<${Empty}><p>Which game? <a href="#/games">All of them</a></p></${Empty}>`;
  if (!game || error) return html`<${Trouble} error=${error} />${error ? html`<p><a href="#/games">All games</a></p>` : html`<p class="soft">Reading the game…</p>`}`;
  if (game.kind === "problem") return html`<${Sheet} game=${game} />`;
  return html`<${Replay} game=${game} at=${at === undefined ? null : Number(at)} />`;
}

// something the rules refuse, or said that is not so; a move that only the agreed board knows is no new fault
const FINE = ["legal", "resign", "draw", "protest", "accept"];
const faulty = ({ verdict, ruling }) =>
  Boolean(verdict) && (ruling ? ruling.kind !== "legal" : !FINE.includes(verdict.kind));
const flagged = (ply) => faulty(ply) || (ply.claims || []).some((claim) => claim.finding === "false");

const SIDES = { chess: ["White", "Black"] };

// who has won, in words
function won({ returns, players, plies }) {
  if (!returns || returns.every((value) => value === 0)) return "½–½, a draw";
  const winner = returns[0] > returns[1] ? 0 : 1;
  const side = (SIDES[plies[0].board.style] || ["X", "O"])[winner];
  return `${winner ? "0–1" : "1–0"}, ${side} has won: ${plain(players[winner], 40)}`;
}

function Replay({ game, at }) {
  const last = game.plies.length - 1;
  const ply = Math.min(last, Math.max(0, at ?? 0));
  const [flipped, setFlipped] = useState(false);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const [thinks, setThinks] = useState(true);
  const go = (to) => history.replaceState(null, "", link("game", game.run, game.game, Math.min(last, Math.max(0, to)))) || dispatchEvent(new HashChangeEvent("hashchange"));
  const flags = game.plies.map((found, n) => (flagged(found) ? n : -1)).filter((n) => n >= 0);
  const seek = (way) => {
    const found = way > 0 ? flags.find((n) => n > ply) : [...flags].reverse().find((n) => n < ply);
    if (found !== undefined) go(found);
  };
  const other = (way) => {
    const next = way < 0 ? game.before : game.after;
    if (next) location.hash = link("game", game.run, next);
  };
  const chess = game.plies[0].board.style === "chess"; // stones fall downwards, however one looks at them
  const keys = {
    ArrowLeft: () => go(ply - 1),
    ArrowRight: () => go(ply + 1),
    ArrowUp: () => go(0),
    ArrowDown: () => go(last),
    Home: () => go(0),
    End: () => go(last),
    " ": () => setPlaying((on) => !on),
    ...(chess ? { f: () => setFlipped((on) => !on) } : {}),
    n: () => seek(1),
    p: () => seek(-1),
    "+": () => setSpeed((s) => Math.min(8, s * 2)),
    "-": () => setSpeed((s) => Math.max(0.25, s / 2)),
    t: () => setThinks((on) => !on),
    "[": () => other(-1),
    "]": () => other(1),
  };
  useKeys(keys);
  useEffect(() => {
    if (!playing) return undefined;
    if (ply >= last) {
      setPlaying(false);
      return undefined;
    }
    const timer = setTimeout(() => go(ply + 1), 1000 / speed);
    return () => clearTimeout(timer);
  }, [playing, ply, speed]);
  const list = useRef(null);
  // the page itself stays where it is
  useEffect(() => {
    const at = list.current.querySelector("[aria-current]");
    if (!at) return void (list.current.scrollTop = 0);
    const [box, within] = [at.getBoundingClientRect(), list.current.getBoundingClientRect()];
    list.current.scrollTop += Math.min(0, box.top - within.top) + Math.max(0, box.bottom - within.bottom);
  }, [ply, game.game]);
  const here = game.plies[ply];
  const [marked, setMarked] = useState([]);
  useEffect(() => setMarked([]), [ply, game.game]);
  const proof = marked.length ? marked : here.ruling && here.ruling.kind !== "legal" ? here.ruling.squares : [];
  const board = ply && here.moves ? game.plies[ply - 1].board : here.board;
  return html`<div class="replay">
    <section class="left">
      <h1>${plain(game.players[0], 30)} <span class="soft">against</span> ${plain(game.players[1], 30)}</h1>
      <p class="soft">${plain(game.world.split(":").slice(0, 2).join(" "), 40)}, ${game.alone ? "" : html`<a href=${`#/games?run=${encodeURIComponent(game.run)}`}>${game.run}</a>, game ${game.game} of ${game.of}${game.step ? `, iteration ${game.step}` : ""}: `}${game.mode ? `mode ${game.mode.replaceAll("_", " ")}, ` : ""}${plain(game.outcome.replaceAll("_", " "), 120)}</p>
      <p class="won">${won(game)}</p>
      <div class=${here.agreed ? "two" : "one"}>
        <figure><${Board} board=${here.board} marked=${proof} flipped=${flipped} label=${here.agreed ? "the real board" : "board"} />${here.agreed ? html`<figcaption>real board</figcaption>` : null}</figure>
        ${here.agreed ? html`<figure><${Board} board=${here.agreed} marked=${proof} flipped=${flipped} label="the board both players believe in" /><figcaption>⚠ what both players believe</figcaption></figure>` : null}
      </div>
      <div class="controls" role="group" aria-label="steps">
        <button onClick=${keys.Home} aria-label="to the beginning" disabled=${!ply}>|◀</button>
        <button onClick=${keys.ArrowLeft} aria-label="one move back" disabled=${!ply}>◀</button>
        <button onClick=${keys[" "]} aria-pressed=${playing}>${playing ? "stop" : "play"}</button>
        <button onClick=${keys.ArrowRight} aria-label="one move on" disabled=${ply === last}>▶</button>
        <button onClick=${keys.End} aria-label="to the end" disabled=${ply === last}>▶|</button>
        ${chess ? html`<button onClick=${keys.f} aria-pressed=${flipped}>flip</button>` : null}
        <button onClick=${() => seek(-1)} disabled=${!flags.some((n) => n < ply)}>⚑ previous</button>
        <button onClick=${() => seek(1)} disabled=${!flags.some((n) => n > ply)}>⚑ next</button>
        <button onClick=${keys.t} aria-pressed=${thinks}>thinking</button>
      </div>
      <p class="soft keys">Keys: ← → step, ↑ ↓ ends, space plays (+ − faster, slower), ${chess ? "f flips, " : ""}n p flags, [ ] games, t thinking</p>
      <${Values} plies=${game.plies} at=${ply} go=${go} />
      ${board !== here.board ? html`<details class="mind" open><summary>Moves it considered</summary><div class="two"><figure><${Board} board=${board} moves=${here.moves} flipped=${flipped} label="before the move" /></figure><ul class="plain">${here.moves.map(([name, of]) => html`<li key=${name}><b>${name}</b> ${share(of)}</li>`)}</ul></div></details>` : null}
      ${here.line && here.line.length > 1 ? html`<p>expects: ${here.line.map((name) => plain(name, 8)).join(" ")}</p>` : null}
    </section>
    <section class="right">
      <ol class="moves" aria-label="moves" ref=${list}>
        ${game.plies.map((found, n) => n ? html`<li key=${n}><a href=${link("game", game.run, game.game, n)} class=${flagged(found) ? "flagged" : ""} aria-current=${n === ply ? "step" : null}>${moveNumber(game, n)}${mark(found)} ${plain(found.answer || "–", 14)}${flagged(found) ? " ⚑" : ""}</a></li>` : null)}
      </ol>
      <div aria-live="polite">${ply ? html`<${Told} ply=${here} player=${game.players[here.seat]} thinks=${thinks} setMarked=${setMarked} />` : html`<p class="soft">The beginning${game.opening && game.opening.length ? ` after ${game.opening.join(" ")}` : ""}. Step on with →.</p>`}</div>
    </section>
  </div>`;
}

// of chess: before each reply of White, and before the first of all
function moveNumber(game, n) {
  const { seat, board } = game.plies[n];
  if (board.style !== "chess" || (seat && n > 1)) return "";
  const before = game.plies.slice(1, n).filter((found) => found.verdict.played).length + (game.opening || []).length;
  const fen = (game.plies[n - 1].board.fen || "").split(" ");
  return `${fen[5] || Math.floor(before / 2) + 1}${seat ? "…" : "."} `;
}

// the colour of a side is the same on a light and on a dark page
const mark = ({ board, seat }) =>
  board.style !== "chess" ? ["X", "O"][seat] : html`<svg class="dot" viewBox="0 0 10 10" role="img" aria-label=${SIDES.chess[seat]}><circle cx="5" cy="5" r="4.2" fill=${["#fff", "#16212b"][seat]} stroke=${["#16212b", "#fff"][seat]} /></svg>`;

// "378416 draw" is how a model writes the moves that it expects, and what they lead to
function expects(think) {
  const found = /^\s*([1-9][1-9 ]*) (win|draw|loss)\s*$/.exec(think);
  return found ? html`<p class="soft">expects ${[...found[1].replaceAll(" ", "")].join(", ")} → ${found[2]}</p>` : null;
}

function Told({ ply, player, thinks, setMarked }) {
  const { verdict, ruling } = ply;
  const fine = !faulty(ply);
  return html`<article class=${`turn ${SEATS[ply.seat]}`}>
    <h2>${mark(ply)} ${plain(player, 40)}: ${plain(ply.answer || "no answer", 40)}</h2>
    ${ply.said ? html`<div class="bubble"><${Said} text=${ply.said} /></div>` : null}
    ${ply.stance ? html`<p class="badge">${ply.stance === "protest" ? "✋ protests" : "✓ accepts"}</p>` : null}
    ${fine ? null : html`<p><span class="badge">${verdict.played ? "⚑" : "✗"} ${plain(verdict.kind.replaceAll("_", " "), 40)}${ruling && ruling.sub ? `: ${plain(ruling.sub.replaceAll("_", " "), 40)}` : ""}</span> ${verdict.played ? "(let pass)" : ""}</p>`}
    ${fine && !ruling && verdict.reason ? html`<p class="soft">${plain(verdict.reason, 300)}</p>` : null}
    ${ruling && ruling.kind !== "legal" ? html`<p class="law">${plain(ruling.en, 400)}${ruling.article ? html` <b>FIDE ${plain(ruling.article, 20)}</b>` : null}<br /><span lang="zh">${plain(ruling.zh, 400)}</span></p>` : fine || ruling ? null : html`<p class="law">${plain(verdict.reason, 300)}</p>`}
    ${ruling && ruling.repairs.length ? html`<p class="soft">notation: ${ruling.repairs.map((repair) => plain(repair, 100)).join("; ")}</p>` : null}
    ${ply.claims.length ? html`<h3>Claims</h3><ul class="claims">${ply.claims.map((claim, n) => html`<li key=${n} class=${`claim ${claim.finding}`}>
      <blockquote>${plain(claim.quote, 300)}</blockquote>
      <p><b>${BADGES[claim.finding]}</b> ${plain(claim.en, 300)} ${claim.article ? `FIDE ${plain(claim.article, 20)}` : ""}
      ${claim.squares.length ? html` <button class="small" onClick=${() => setMarked(claim.squares)}>show on the board</button>` : null}</p>
    </li>`)}</ul>` : null}
    ${ply.value != null ? html`<p class="soft">takes its position to be worth ${ply.value.toFixed(2)} (−1 lost, 1 won)</p>` : null}
    ${thinks && ply.think ? html`<h3>Thinking</h3><${Said} text=${ply.think} kind="pre" />${expects(ply.think)}` : null}
  </article>`;
}

// value over time, as the first player sees it
function Values({ plies, at, go }) {
  const points = plies.map((ply, n) => [n, ply.value == null ? null : ply.seat ? -ply.value : ply.value]).filter(([, v]) => v != null);
  if (points.length < 2) return null;
  const width = plies.length - 1;
  const place = ([n, v]) => `${(100 * n) / width},${20 - 18 * Math.max(-1, Math.min(1, v))}`;
  const clicked = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    go(Math.round(((event.clientX - box.left) / box.width) * width));
  };
  return html`<figure class="values"><svg viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label="value over time, as the first player sees it" onClick=${clicked}>
    <line class="axis" x1="0" x2="100" y1="20" y2="20" /><polyline points=${points.map(place).join(" ")} /><line class="at" x1=${(100 * at) / width} x2=${(100 * at) / width} y1="0" y2="40" />
  </svg><figcaption class="soft">value for the first player, up is won</figcaption></figure>`;
}

export function useKeys(keys) {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const pressed = (event) => {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      const pressing = event.key === " " && /^(BUTTON|A|SUMMARY)$/.test(event.target.tagName);
      if (typing || pressing || event.ctrlKey || event.metaKey || event.altKey || !latest.current[event.key]) return;
      event.preventDefault();
      latest.current[event.key]();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

const MARKS = { right: "✓", wrong: "✗", after: "·", unverifiable: "?" };

export function Steps({ steps }) {
  return html`<ol class="steps">${steps.map((step, n) => html`<li key=${n} class=${step.mark}><span class="mark" aria-hidden="true">${MARKS[step.mark]}</span> <code>${plain(step.text, 200)}</code> <span class="soft">${step.mark === "after" ? "after the first fault" : step.mark}</span></li>`)}</ol>`;
}

export function Sheet({ game }) {
  useKeys({
    "[": () => game.before && (location.hash = link("problems", game.run, game.before)),
    "]": () => game.after && (location.hash = link("problems", game.run, game.after)),
  });
  return html`<article class="sheet">
    <h1>${plain(game.world, 40)}</h1>
    <p class="soft"><a href=${link("problems", game.run)}>${game.run}</a>, question ${game.game} of ${game.of}, level ${game.level}, iteration ${game.step}, asked of ${plain(game.players[0], 30)}</p>
    <pre class="question">${plain(game.question, 2000).replaceAll("↵", "\n")}</pre>
    <${Steps} steps=${game.steps} />
    ${game.answer === undefined ? html`<p class="soft">not answered</p>` : html`<p>answer <b>${plain(game.answer, 80)}</b> <span class=${game.grade.startsWith("✓") ? "badge good" : "badge"}>${plain(game.grade, 40)}</span></p>
    <p class="soft">${game.grade.startsWith("✓") ? "" : `right is ${plain(game.right_answer, 80)}. `}${plain(game.reason, 300)}</p>
    <table class="parts"><caption>Reward by part</caption><tbody>${Object.entries(game.rewards || {}).map(([name, value]) => html`<tr key=${name}><th scope="row">${name}</th><td>${value.toFixed(2)}</td></tr>`)}</tbody></table>`}
    <p class="controls">${game.before ? html`<a href=${link("problems", game.run, game.before)}>◀ the one before</a>` : null} ${game.after ? html`<a href=${link("problems", game.run, game.after)}>the next ▶</a>` : null} <span class="soft">keys [ and ]</span></p>
  </article>`;
}
