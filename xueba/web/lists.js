// What lists have in common: pages, choices, keys from row to row, and an address that keeps the place.
import { html, useEffect, useRef } from "./preact-htm.js";
import { useKeys } from "./game.js";
import { plain } from "./text.js";

// "#/games?run=a": of what is asked only what says something
export function address(page, asked) {
  const said = Object.entries(asked).filter(([, value]) => value);
  return `#/${page}${said.length ? `?${new URLSearchParams(said)}` : ""}`;
}

export function Pages({ found, to, what }) {
  const { from, of, rows } = found;
  const turn = (name, first) => (first >= 0 && first < of ? html` <a href=${to(first)}>${name}</a>` : null);
  const size = rows.length && from + rows.length < of ? rows.length : 50;
  return html`<p class="soft" role="status">${rows.length ? `${from + 1}–${from + rows.length} of ` : ""}${of.toLocaleString("en")} ${of === 1 ? what.replace(/s$/, "") : what}${from ? turn("◀ newer", Math.max(0, from - size)) : null}${rows.length ? turn("older ▶", from + rows.length) : null}</p>`;
}

// what is chosen is among the choices even where nothing like it is recorded
export function Choice({ name, value, options, onChange, labels = {} }) {
  const all = [...new Set(["", ...options, value])];
  return html`<label>${name} <select name=${name} onChange=${(event) => onChange(event.target.value)}>
    ${all.map((option) => html`<option key=${option} value=${option} selected=${option === value}>${option ? plain(labels[option] || option.replaceAll("_", " "), 40) : "any"}</option>`)}
  </select></label>`;
}

// n and p go from row to row (each has a `data-row` that names it); the address keeps the last one, so that Back finds it
export function useRows(ready) {
  const at = useRef(new URLSearchParams(location.hash.split("?")[1]).get("at"));
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const step = (way) => {
    const all = rows();
    all[Math.max(0, Math.min(all.length - 1, all.findIndex((row) => row.dataset.row === at.current) + way))]?.focus();
  };
  useKeys({ n: () => step(1), p: () => step(-1) });
  useEffect(() => {
    if (ready && at.current) rows().find((row) => row.dataset.row === at.current)?.focus();
  }, [ready]);
  return (event) => {
    at.current = event.currentTarget.dataset.row;
    const [path, query] = location.hash.split("?");
    const kept = new URLSearchParams(query);
    kept.set("at", at.current);
    history.replaceState(null, "", `${path}?${kept}`);
  };
}
