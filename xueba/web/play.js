// A person against any player or checkpoint, with its thinking shown or hidden, and hints from search.
import { html, useEffect, useState } from "./preact-htm.js";
import { act, useAnswer } from "./news.js";
import { Board, cellName } from "./board.js";
import { Empty, plain, Said, Trouble } from "./text.js";

export function Play({ parts: [world], query }) {
  const [worlds, error] = useAnswer("worlds", {});
  const [game, setGame] = useState(null);
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  const ask = async (asked) => {
    setBusy(true);
    setTrouble("");
    try {
      let found = await act(asked);
      setGame(found);
      // the opponent may think for long; what it has played comes with a later answer
      while (!found.yours && !found.ended && !found.fault) setGame((found = await act({ do: "see", table: found.table })));
    } catch (failed) {
      setTrouble(failed.message);
    }
    setBusy(false);
  };
  if (!worlds) return html`<${Trouble} error=${error} />`;
  const chosen = world && worlds.games.includes(world) ? world : worlds.games[0];
  return html`<h1>Play</h1>
    <${Trouble} error=${trouble} />
    ${game ? html`<${Table} game=${game} ask=${ask} busy=${busy} leave=${() => { act({ do: "leave", table: game.table }).catch(() => {}); setGame(null); }} setTrouble=${setTrouble} />` : html`<${Begin} worlds=${worlds} world=${chosen} against=${query.get("against") || ""} ask=${ask} busy=${busy} />`}`;
}

function Begin({ worlds, world: first, against, ask, busy }) {
  const [world, setWorld] = useState(first);
  const plain_ = { "tic-tac-toe": ["perfect"], "connect-four": ["mcts:2000", "solver"] }[world] || [];
  const players = [...new Set([against, ...(worlds.learned[world] || []).map((run) => `run:${run}`), "mcts:400", "random", ...plain_])].filter(Boolean);
  const begun = (event) => {
    event.preventDefault();
    const found = new FormData(event.target);
    ask({ do: "new", world, against: found.get("against"), seat: Number(found.get("seat")) });
  };
  return html`<form class="begin" onSubmit=${begun}>
    <label>game <select onChange=${(event) => setWorld(event.target.value)}>${worlds.games.map((name) => html`<option key=${name} value=${name} selected=${name === world}>${name}</option>`)}</select></label>
    <label>against <input name="against" list="players" value=${players[0]} /><datalist id="players">${players.map((name) => html`<option key=${name} value=${name} />`)}</datalist></label>
    <label>you <select name="seat"><option value="0">begin</option><option value="1">are second</option></select></label>
    <button disabled=${busy}>Sit down</button>
    <p class="soft">Players: ${players.join(", ")}; run:NAME@40 is a checkpoint, search:NAME the same with search.</p>
  </form>`;
}

function Table({ game, ask, busy, leave, setTrouble }) {
  const [thinks, setThinks] = useState(true);
  const [from, setFrom] = useState(null);
  const [hint, setHint] = useState(null);
  useEffect(() => {
    setFrom(null);
    setHint(null);
  }, [game.turns.length]);
  const columns = game.board.rows[0].length;
  const chess = game.board.style === "chess";
  const square = (cell) => cellName(game.board, cell);
  // a cell as a move: itself, its column, or the two squares of a chess move
  const moveOf = (cell) => {
    if (game.board.style === "discs") return game.board.labels[cell % columns];
    if (!chess) return String(cell + 1);
    return from === null ? null : game.legal.find((move) => move.startsWith(square(from) + square(cell))) || square(from) + square(cell);
  };
  const clicked = (cell) => {
    if (!game.yours || busy) return;
    if (chess && (from === null || game.legal.some((move) => move.startsWith(square(cell)) && square(cell) !== square(from)))) return setFrom(cell);
    if (chess && from === cell) return setFrom(null);
    ask({ do: "move", table: game.table, move: moveOf(cell) });
  };
  const can = (cell) => game.yours && (chess && from === null ? game.legal.some((move) => move.startsWith(square(cell))) : game.legal.includes(moveOf(cell)));
  const hinted = async () => {
    try {
      setHint(await act({ do: "hint", table: game.table }));
    } catch (failed) {
      setTrouble(failed.message);
    }
  };
  const last = game.turns[game.turns.length - 1];
  const theirs = [...game.turns].reverse().find((turn) => turn.seat !== game.seat);
  const refused = last && last.seat === game.seat && !last.verdict.legal;
  const status = game.ended ? ending(game) : refused ? `✗ ${plain(last.answer, 20)} is not allowed: ${plain(last.verdict.reason, 120)}` : game.yours ? `Your move${from !== null ? ` from ${square(from)}` : ""}.` : `${plain(game.against, 40)} is thinking…`;
  return html`<div class="replay"><section class="left">
      <p>${game.world}: you ${game.seat ? "are second" : "begin"}, against ${plain(game.against, 40)}</p>
      <${Board} board=${game.board} flipped=${chess && game.seat === 1} label=${`${game.world}, your board`} onCell=${clicked} can=${can} marked=${from === null ? [] : [from]} />
      <p role="status" class=${refused ? "trouble" : "status"}>${status}</p>
      <div class="controls">
        <button onClick=${hinted} disabled=${!game.yours || busy}>hint</button>
        <button onClick=${() => setThinks(!thinks)} aria-pressed=${thinks}>its thinking</button>
        ${game.ended ? html`<a href=${`#/game/${game.kept}/0/1`}>look at the game</a>` : null}
        <button onClick=${leave}>${game.ended ? "another game" : "leave"}</button>
      </div>
      ${hint ? html`<p>Search would play <b>${hint.move}</b>${hint.value != null ? ` and takes you to be at ${hint.value.toFixed(2)}` : ""}.</p>` : null}
      <${Trouble} error=${game.fault} />
    </section>
    <section class="right">
      ${thinks && theirs ? html`<article class="turn"><h2>${plain(game.against, 40)}: ${plain(theirs.answer, 20)}</h2><${Said} text=${theirs.think} kind="pre" /></article>` : null}
      <ol class="moves">${game.turns.map((turn, n) => html`<li key=${n}>${turn.seat === game.seat ? "you" : "it"} ${plain(turn.answer, 14)}${turn.verdict.legal ? "" : " ✗"}</li>`)}</ol>
    </section></div>`;
}

function ending(game) {
  const mine = game.returns[game.seat];
  return `${mine > 0 ? "✓ You have won" : mine < 0 ? "✗ You have lost" : "½ A draw"} (${plain(game.ended, 60)}).`;
}
