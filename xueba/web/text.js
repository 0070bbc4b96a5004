// Text that players wrote: shown as text, with what turns or hides other characters spelled out, and never too long.
import { html, useState } from "./preact-htm.js";

const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/g;
const LONG = 600;

export function plain(text, limit = 4000) {
  const whole = String(text ?? "");
  const pairs = whole.slice(0, limit + 1).replace(/[\ud800-\udbff][\udc00-\udfff]|[^]/g, (c) =>
    c.length === 2 ? c : c.replace(HIDDEN, (h) => `⟨U+${h.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`),
  );
  return whole.length > limit ? `${pairs}…` : pairs;
}

// a long text is cut until one asks for all of it
export function Said({ text, kind = "p" }) {
  const [all, setAll] = useState(false);
  const shown = plain(text, all ? 70000 : LONG);
  const more = !all && String(text ?? "").length > LONG;
  return html`<${kind} class="said">${shown}${" "}${
    more ? html`<button class="small" onClick=${() => setAll(true)}>all of it</button>` : null
  }</${kind}>`;
}

export function number(value, digits = 3) {
  if (value == null || !isFinite(value)) return "–";
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : String(+value.toPrecision(digits));
}

// a share in per cent, rounded down: 100% is said of nothing less than all
export function share(value) {
  return value == null || !isFinite(value) ? "–" : `${Math.floor(value * 1000) / 10}%`;
}

export function duration(seconds) {
  if (!isFinite(seconds) || seconds < 0) return "–";
  const whole = Math.round(seconds);
  if (whole < 90) return `${whole} s`;
  if (whole < 5400) return `${Math.round(whole / 60)} min`;
  return `${(whole / 3600).toFixed(1)} h`;
}

export const percent = (count, of) => (of ? `${share(count / of)} (${count.toLocaleString("en")} of ${of.toLocaleString("en")})` : "–");

export function link(...parts) {
  return `#/${parts.map((part) => encodeURIComponent(part)).join("/")}`;
}

export function Empty({ children }) {
  return html`<div class="empty">${children}</div>`;
}

export function Trouble({ error }) {
  return error ? html`<p class="trouble" role="alert">⚠ ${plain(error, 400)}</p>` : null;
}
