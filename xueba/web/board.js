// Every game's board as one SVG, out of rows of letters: marks, discs or chess pieces.
import { html, useRef, useState } from "./preact-htm.js";

const GLYPHS = { k: "♚", q: "♛", r: "♜", b: "♝", n: "♞", p: "♟" };
const NAMES = { k: "king", q: "queen", r: "rook", b: "bishop", n: "knight", p: "pawn", X: "X", O: "O" };

export function describe(board) {
  const columns = board.rows[0].length;
  if (board.style !== "chess") return board.rows.map((row) => [...row].join(" ").replaceAll(".", "·")).join(" / ");
  const pieces = [];
  board.rows.forEach((row, y) =>
    [...row].forEach((c, x) => c !== "." && pieces.push(`${pieceName(c)} ${cellName(board, y * columns + x)}`)),
  );
  return pieces.join(", ");
}

const pieceName = (c) => `${c === c.toUpperCase() ? "white" : "black"} ${NAMES[c.toLowerCase()]}`;

export function cellName(board, cell) {
  const columns = board.rows[0].length;
  const [y, x] = [Math.floor(cell / columns), cell % columns];
  if (board.style === "chess") return `${"abcdefgh"[x]}${8 - y}`;
  return `row ${y + 1}, column ${x + 1}`;
}

function content(board, cell) {
  const c = board.rows[Math.floor(cell / board.rows[0].length)][cell % board.rows[0].length];
  if (c === ".") return "empty";
  return board.style === "chess" ? pieceName(c) : NAMES[c] || c;
}

// the cells of three in a row, or four where stones fall
function winning(board) {
  if (board.style === "chess") return [];
  const [length, columns] = [board.style === "discs" ? 4 : 3, board.rows[0].length];
  const at = (y, x) => (board.rows[y] || "")[x];
  const found = new Set();
  board.rows.forEach((row, y) =>
    [...row].forEach((c, x) => {
      for (const [dy, dx] of c === "." ? [] : [[0, 1], [1, 0], [1, 1], [1, -1]]) {
        const line = [...Array(length).keys()].map((n) => [y + n * dy, x + n * dx]);
        if (line.every(([ny, nx]) => at(ny, nx) === c)) line.forEach(([ny, nx]) => found.add(ny * columns + nx));
      }
    }),
  );
  return [...found];
}

// moves: [[name, share, cells]] of what was considered; marked: cells of a flag's proof
export function Board({ board, moves = [], marked = [], flipped = false, label = "board", onCell = null, can = null }) {
  const rows = board.rows.length;
  const columns = board.rows[0].length;
  const top = board.style === "discs" ? 0.5 : 0;
  const margin = board.style === "chess" ? 0.45 : 0.08;
  const where = (cell) => {
    const [y, x] = [Math.floor(cell / columns), cell % columns];
    return flipped ? [columns - 1 - x + margin, rows - 1 - y + top + 0.08] : [x + margin, y + top + 0.08];
  };
  const cells = [...Array(rows * columns).keys()];
  const width = columns + margin + 0.08;
  const height = rows + top + (board.style === "chess" ? 0.5 : 0.16);
  const won = winning(board);
  const [over, setOver] = useState(null);
  // where a stone would come to lie
  const free = over != null && board.style === "discs" && can && can(over) ? cells.filter((cell) => cell % columns === over % columns && content(board, cell) === "empty") : [];
  const landing = free.length ? free[free.length - 1] : null;
  const drawing = html`
    <svg
      class=${`board ${board.style}`}
      viewBox=${`0 0 ${width} ${height}`}
      role=${onCell ? "presentation" : "img"}
      aria-hidden=${onCell ? "true" : null}
      aria-label=${onCell ? null : `${label}: ${describe(board)}`}
    >
      ${board.style === "discs" ? html`<rect class="ground" width=${width} height=${height} rx="0.15" />` : null}
      ${cells.map((cell) => html`<${Cell} key=${cell} board=${board} cell=${cell} at=${where(cell)} last=${board.last.includes(cell)} marked=${marked.includes(cell)} />`)}
      ${names(board, where, rows, columns, flipped)}
      ${won.map((cell) => html`<circle class="won" key=${`w${cell}`} cx=${where(cell)[0] + 0.5} cy=${where(cell)[1] + 0.5} r="0.44" />`)}
      ${landing == null ? null : html`<g class="landing"><rect x=${where(over % columns)[0]} y="0" width="1" height=${height} /><circle cx=${where(landing)[0] + 0.5} cy=${where(landing)[1] + 0.5} r="0.41" /></g>`}
      ${moves.map(([name, share, concerned], n) => html`<${Considered} key=${`${name}${n}`} share=${share} cells=${concerned} where=${where} name=${name} chess=${board.style === "chess"} taken=${concerned.length && content(board, concerned[concerned.length - 1]) !== "empty"} />`)}
    </svg>
  `;
  if (!onCell) return drawing;
  return html`<div class="playable">${drawing}<${Grid} ...${{ board, where, width, height, label, onCell, can, flipped, setOver }} /></div>`;
}

function Cell({ board, cell, at: [x, y], last, marked }) {
  const columns = board.rows[0].length;
  const row = Math.floor(cell / columns);
  const c = board.rows[row][cell % columns];
  const dark = (row + (cell % columns)) % 2;
  if (board.style === "chess")
    return html`<g>
      <rect class=${dark ? "dark" : "light"} x=${x} y=${y} width="1" height="1" />
      ${last ? html`<rect class="last" x=${x} y=${y} width="1" height="1" />` : null}
      ${marked ? html`<rect class="marked" x=${x + 0.05} y=${y + 0.05} width="0.9" height="0.9" />` : null}
      ${c === "." ? null : html`<text class=${c === c.toUpperCase() ? "white" : "black"} x=${x + 0.5} y=${y + 0.82}>${GLYPHS[c.toLowerCase()]}\uFE0E</text>`}
    </g>`;
  const kind = c === "X" ? "first" : c === "O" ? "second" : "none";
  const [mx, my] = [x + 0.5, y + 0.5];
  const half = board.style === "discs" ? 0.15 : 0.25;
  return html`<g class=${kind}>
    ${board.style === "discs" ? html`<circle class="hole" cx=${mx} cy=${my} r="0.41" />` : html`<rect class="field" x=${x + 0.04} y=${y + 0.04} width="0.92" height="0.92" rx="0.1" />`}
    ${c === "X" ? html`<path class="stone" d=${`M${mx - half} ${my - half}l${2 * half} ${2 * half}m0 ${-2 * half}l${-2 * half} ${2 * half}`} />` : null}
    ${c === "O" ? html`<circle class="stone" cx=${mx} cy=${my} r=${half * 1.1} />` : null}
    ${last ? html`<rect class="frame" x=${x + 0.09} y=${y + 0.09} width="0.82" height="0.82" rx=${board.style === "discs" ? 0.41 : 0.07} />` : null}
    ${marked ? html`<rect class="marked" x=${x + 0.1} y=${y + 0.1} width="0.8" height="0.8" />` : null}
  </g>`;
}

function names(board, where, rows, columns, flipped) {
  if (board.style === "discs")
    return board.labels.map((name, x) => html`<text class="name" key=${name} x=${where(x)[0] + 0.5} y="0.36">${name}</text>`);
  if (board.style !== "chess") return null;
  const ranks = [...Array(rows).keys()].map(
    (y) => html`<text class="name" key=${`r${y}`} x="0.2" y=${where(y * columns)[1] + 0.6}>${rows - y}</text>`,
  );
  const files = board.labels.map(
    (name, x) => html`<text class="name" key=${name} x=${where(x)[0] + 0.5} y=${rows + 0.4}>${name}</text>`,
  );
  return [ranks, files];
}

function Considered({ share, cells, where, name, chess, taken }) {
  if (!cells.length || share < 0.02) return null;
  const title = html`<title>${name} ${Math.round(share * 100)}%</title>`;
  const [x, y] = where(cells[cells.length - 1]).map((v) => v + 0.5);
  // around a stone that lies there by now, and not on it
  if (!chess && taken) return html`<g class="considered">${title}<circle class="ring" cx=${x} cy=${y} r="0.46" /></g>`;
  if (!chess) return html`<g class="considered">${title}<circle cx=${x} cy=${y} r=${0.08 + 0.22 * Math.sqrt(share)} /></g>`;
  const [fx, fy] = where(cells[0]).map((v) => v + 0.5);
  const style = 0.06 + 0.14 * share;
  return html`<g class="considered" opacity=${0.35 + 0.6 * share}>
    ${title}<path d=${`M${fx} ${fy}L${x} ${y}`} stroke-width=${style} /><circle cx=${x} cy=${y} r=${style * 1.4} />
  </g>`;
}

// over the drawing: one button a cell, of which one is in the order of Tab, and arrow keys go from cell to cell
function Grid({ board, where, width, height, label, onCell, can, flipped, setOver }) {
  const [rows, columns] = [board.rows.length, board.rows[0].length];
  const [focus, setFocus] = useState(0);
  const grid = useRef(null);
  const keyed = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const here = Number(event.target.dataset.cell);
    const next = here + (flipped ? -step : step);
    const sideways = Math.abs(step) === 1 && Math.floor(next / columns) !== Math.floor(here / columns);
    if (next < 0 || next >= rows * columns || sideways) return;
    // at once: the next key may come before anything is drawn anew
    grid.current.querySelector(`[data-cell="${next}"]`).focus();
  };
  const order = [...Array(rows).keys()];
  return html`<div class="grid" role="grid" aria-label=${label} ref=${grid} onKeyDown=${keyed}>
    ${order.map(
      (y) => html`<div role="row" key=${y}>
        ${[...Array(columns).keys()].map((x) => {
          const cell = y * columns + x;
          const [left, top] = where(cell);
          return html`<div role="gridcell" key=${x}>
            <button
              data-cell=${cell}
              tabindex=${cell === focus ? 0 : -1}
              class=${can && can(cell) ? "can" : ""}
              aria-label=${`${cellName(board, cell)}, ${content(board, cell)}`}
              style=${{
                left: `${(100 * left) / width}%`,
                top: `${(100 * top) / height}%`,
                width: `${100 / width}%`,
                height: `${100 / height}%`,
              }}
              onFocus=${() => setFocus(cell) || setOver(cell)}
              onBlur=${() => setOver(null)}
              onMouseEnter=${() => setOver(cell)}
              onMouseLeave=${() => setOver(null)}
              onClick=${() => onCell(cell)}
            ></button>
          </div>`;
        })}
      </div>`,
    )}
  </div>`;
}
