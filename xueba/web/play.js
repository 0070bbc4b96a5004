// A person against any player or checkpoint, with its thinking shown or hidden, and hints.
import { html, useEffect, useRef, useState } from "./preact-htm.js";
import { act, useAnswer } from "./news.js";
import { Board, cellName } from "./board.js";
import { useKeys } from "./game.js";
import { link, plain, Said, Trouble } from "./text.js";

const OTHER = "other…";
const KEPT = "xueba-table"; // the game that one was at last, for whoever comes back to this page

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// "#/play/WORLD" is a game to begin, "#/play/table/ID" one that goes on
export function Play({ parts: [world, id], query }) {
  const [worlds, error] = useAnswer("worlds", {});
  const [game, setGame] = useState(null);
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  const table = world === "table" ? id : "";
  const followed = useRef("");
  // what the opponent plays comes by asking on, until it's one's own turn
  const follow = async (found) => {
    const { table } = found;
    followed.current = table;
    while (followed.current === table) {
      setGame(found);
      if (found.yours || found.ended || found.fault) return;
      try {
        found = await act({ do: "see", table, turns: found.turns.length });
        setTrouble("");
      } catch (failed) {
        if (failed.status) throw failed;
        setTrouble(`${failed.message}; trying again`);
        await pause(2000);
      }
    }
  };
  const ask = async (asked) => {
    setBusy(true);
    setTrouble("");
    try {
      const found = await act(asked);
      setBusy(false);
      if (asked.do === "new") {
        sessionStorage.setItem(KEPT, found.table);
        followed.current = found.table;
        setGame(found);
        location.hash = link("play", "table", found.table);
      } else await follow(found);
    } catch (failed) {
      setTrouble(failed.message);
      if (asked.do === "see" && failed.status) sessionStorage.removeItem(KEPT);
    }
    setBusy(false);
  };
  useEffect(() => {
    if (table) ask({ do: "see", table });
    return () => {
      followed.current = "";
    };
  }, [table]);
  if (!worlds) return html`<${Trouble} error=${error} />`;
  const leave = () => {
    if (!game.ended) act({ do: "leave", table: game.table }).catch(() => {});
    sessionStorage.removeItem(KEPT);
    location.hash = link("play", game.world);
  };
  const before = sessionStorage.getItem(KEPT);
  const unknown = world && !table && !worlds.games.includes(world);
  return html`<h1>Play</h1>
    <${Trouble} error=${unknown ? `there is no game ${plain(world, 40)} to be played here` : trouble} />
    ${table && game && game.table === table ? html`<${Table} key=${table} game=${game} ask=${ask} busy=${busy} leave=${leave} setTrouble=${setTrouble} />` : html`
    ${before && !table ? html`<p><a href=${link("play", "table", before)}>Go on with your game</a></p>` : null}
    <${Begin} key=${`${world} ${query}`} worlds=${worlds} world=${unknown || !world || table ? worlds.games[0] : world} against=${query.get("against") || ""} ask=${ask} busy=${busy} />`}`;
}

function Begin({ worlds, world: first, against, ask, busy }) {
  const [world, setWorld] = useState(first);
  const learned = (worlds.learned[world] || []).map((run) => `run:${run}`);
  const players = [...new Set([world === first ? against : "", ...learned, ...worlds.opponents[world]])].filter(Boolean);
  const [chosen, setChosen] = useState("");
  const begun = (event) => {
    event.preventDefault();
    const found = new FormData(event.target);
    ask({ do: "new", world, against: (found.get("named") || "").trim() || found.get("against"), seat: Number(found.get("seat")) });
  };
  return html`<form class="begin" onSubmit=${begun}>
    <label>game <select onChange=${(event) => setWorld(event.target.value) || setChosen("")}>${worlds.games.map((name) => html`<option key=${name} value=${name} selected=${name === world}>${name}</option>`)}</select></label>
    <label>against <select name="against" key=${world} onChange=${(event) => setChosen(event.target.value)}>${[...players, OTHER].map((name) => html`<option key=${name} value=${name}>${plain(name, 60)}</option>`)}</select></label>
    ${chosen === OTHER ? html`<label>named <input name="named" required placeholder=${world === "chess" ? "uci:stockfish?skill=5" : "run:NAME@40"} /></label>` : null}
    <label>you <select name="seat"><option value="0">begin</option><option value="1">are second</option></select></label>
    <button disabled=${busy}>Sit down</button>
    <p class="soft">${world === "chess" ? "With messages, if you like: the referee looks at what is said. uci:ENGINE is an engine that is installed, bender:CLASS breaks a rule." : "run:NAME@40 is a checkpoint, search:NAME the same with search."}</p>
  </form>`;
}

function Table({ game, ask, busy, leave, setTrouble }) {
  const [thinks, setThinks] = useState(true);
  const [from, setFrom] = useState(null);
  const [hint, setHint] = useState(null);
  const [message, setMessage] = useState("");
  useEffect(() => {
    setFrom(null);
    setHint(null);
  }, [game.turns.length]);
  const columns = game.board.rows[0].length;
  const { style } = game.board;
  const chess = style === "chess";
  const square = (cell) => cellName(game.board, cell);
  // a cell as a move: itself, its column, or the two squares of a chess move
  const moveOf = (cell) => {
    if (style === "discs") return game.board.labels[cell % columns];
    if (!chess) return String(cell + 1);
    return from === null ? null : game.legal.find((move) => move.startsWith(square(from) + square(cell))) || null;
  };
  const make = (move) => {
    if (!move || !game.yours || busy) return;
    ask({ do: "move", table: game.table, move, ...(chess && message ? { say: message } : {}) });
    setMessage("");
  };
  const mine = (cell) => game.legal.some((move) => move.startsWith(square(cell)));
  // a click where nothing can be played means nothing; who wants to try it may type it
  const clicked = (cell) => {
    if (!game.yours || busy) return;
    const move = moveOf(cell);
    if (chess && !move) setFrom(from !== cell && mine(cell) ? cell : null);
    else if (game.legal.includes(move)) make(move);
  };
  const can = (cell) => game.yours && (chess && from === null ? mine(cell) : game.legal.includes(moveOf(cell)));
  const digits = [..."123456789"].filter((digit) => !chess && game.legal.includes(digit));
  useKeys(Object.fromEntries(digits.map((digit) => [digit, () => make(digit)])));
  const typed = (event) => {
    event.preventDefault();
    make(new FormData(event.target).get("move").trim());
    event.target.reset();
  };
  const hinted = async () => {
    try {
      setHint(await act({ do: "hint", table: game.table }));
    } catch (failed) {
      setTrouble(failed.message);
    }
  };
  const theirs = [...game.turns].reverse().find((turn) => turn.seat !== game.seat);
  const { refused } = game;
  const status = game.ended ? ending(game) : refused ? `✗ ${plain(refused.answer, 20)}: ${plain(refused.why, 300)}` : game.yours ? `Your move${from !== null ? ` from ${square(from)}` : ""}.` : game.fault ? "The game has stopped." : `${plain(game.against, 40)} is thinking…`;
  return html`<div class="replay"><section class="left">
      <p>${game.world}: you ${chess ? `have ${game.seat ? "Black" : "White"}` : game.seat ? "are second" : "begin"}, against ${plain(game.against, 40)}</p>
      <${Board} board=${game.board} flipped=${chess && game.seat === 1} label=${`${game.world}, your board`} onCell=${clicked} can=${can} marked=${from === null ? [] : [from]} />
      <p role="status" class=${refused ? "trouble" : "status"}>${status}</p>
      <${Trouble} error=${game.fault} />
      ${game.ended || game.fault ? null : html`<form class="controls" onSubmit=${typed}>
        <label>move <input name="move" autocomplete="off" maxlength="40" required placeholder=${chess ? "Nf3, draw" : `or keys ${style === "discs" ? "1 to 7" : "1 to 9"}`} /></label>
        ${chess ? html`<label>say <input maxlength="500" autocomplete="off" value=${message} onInput=${(event) => setMessage(event.target.value)} placeholder="with your move" /></label>` : null}
        <button disabled=${!game.yours || busy}>Play it</button>
      </form>`}
      <div class="controls">
        <button onClick=${hinted} disabled=${!game.yours || busy}>hint</button>
        <button onClick=${() => setThinks(!thinks)}>${thinks ? "hide" : "show"} its thinking</button>
        ${chess && !game.ended ? html`<button onClick=${() => make("resign")} disabled=${!game.yours || busy}>resign</button>` : null}
        ${game.line ? html`<a href=${link("game", game.kept, game.line)}>look at the game</a>` : null}
        <button onClick=${leave}>${game.ended ? "another game" : "leave"}</button>
      </div>
      ${hint ? html`<p>${chess ? "One that keeps its material" : "Search"} would play <b>${hint.move}</b>${hint.value != null ? ` and takes you to be at ${hint.value.toFixed(2)}` : ""}.</p>` : null}
    </section>
    <section class="right">
      ${theirs ? html`<article class="turn"><h2>${plain(game.against, 40)}: ${plain(theirs.answer, 20)}</h2>
        ${theirs.said ? html`<div class="bubble"><${Said} text=${theirs.said} /></div>` : null}
        ${theirs.verdict.played ? null : html`<p class="law">✗ ${plain(theirs.verdict.reason, 300)}</p>`}
        ${(theirs.claims || []).map((claim, n) => html`<p key=${n} class="soft">“${plain(claim.quote, 200)}” is ${claim.finding}: ${plain(claim.en, 200)}</p>`)}
        ${thinks ? html`<h3>Its thinking</h3><${Said} text=${theirs.think} kind="pre" />` : null}</article>` : null}
      <ol class="moves told">${game.turns.map((turn, n) => html`<li key=${n}>${turn.seat === game.seat ? "you" : "it"} ${plain((turn.ruling && turn.ruling.san) || turn.answer, 14)}${turn.verdict.played ? "" : " ✗"}</li>`)}</ol>
    </section></div>`;
}

function ending(game) {
  const mine = game.returns[game.seat];
  return `${mine > 0 ? "✓ You have won" : mine < 0 ? "✗ You have lost" : "½ A draw"} (${plain(game.ended, 60)}).`;
}
