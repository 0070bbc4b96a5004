// Every invented rule and false claim, and the share of each class.
import { html, useState } from "./preact-htm.js";
import { useAnswer, useNews, useSparing } from "./news.js";
import { useKeys } from "./game.js";
import { Empty, link, percent, plain, Trouble } from "./text.js";

export function Flags({ query }) {
  const [kind, run, player] = ["kind", "run", "player"].map((name) => query.get(name) || "");
  const [flags, error, again] = useAnswer("flags", { kind, run, player, limit: 200 });
  const [shares, , countAgain] = useAnswer("shares", { run });
  const [at, setAt] = useState(0);
  useNews("game", useSparing(() => (again(), countAgain()), 2000));
  const show = (n) => {
    const next = Math.max(0, Math.min((flags || []).length - 1, n));
    setAt(next);
    document.querySelector(`[data-flag="${next}"]`)?.focus();
  };
  useKeys({ n: () => show(at + 1), p: () => show(at - 1) });
  const to = (changed) => `#/flags?${new URLSearchParams(Object.entries({ kind, run, player, ...changed }).filter(([, v]) => v))}`;
  return html`<h1>Flags</h1>
    <${Trouble} error=${error} />
    <p class="soft">Everything the rules refused and every claim found false${run ? html` in <b>${run}</b> (<a href=${to({ run: "" })}>all runs</a>)` : ""}. Each leads to its ply. Keys: n next, p previous, Enter opens.</p>
    ${shares && shares.kinds.length ? html`<${Shares} shares=${shares} kind=${kind} to=${to} />` : null}
    ${flags && !flags.length ? html`<${Empty}><p>${kind || run || player ? html`Nothing like this. <a href="#/flags">All flags</a>` : html`Nothing has been flagged yet. To see some: <code>xueba arena --demo</code>`}</p></${Empty}>` : null}
    <ul class="flags">${(flags || []).map((flag, n) => html`<li key=${flag.id}>
      <a data-flag=${n} href=${link("game", flag.run, flag.game, flag.at)} onFocus=${() => setAt(n)}>
        <span class="badge">${flag.kind === "false_claim" ? "✗ false claim" : `⚑ ${plain(flag.kind.replaceAll("_", " "), 40)}`}${flag.sub ? `: ${plain(flag.sub.replaceAll("_", " "), 40)}` : ""}</span>
        <q>${plain(flag.quote || "–", 140)}</q>
      </a>
      <span class="soft">${plain(flag.evidence, 200)}</span>
      <span class="soft"><a href=${to({ player: flag.player })}>${plain(flag.player, 30)}</a>, ${flag.run} game ${flag.game}</span>
    </li>`)}</ul>`;
}

function Shares({ shares, kind, to }) {
  const all = new Map();
  for (const { kind: name, count } of shares.kinds) all.set(name, (all.get(name) || 0) + count);
  const most = Math.max(...all.values());
  const claims = Object.values(shares.claims).reduce((a, b) => a + b, 0);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="share of each class"><table class="shares"><caption>Share of each class, of ${shares.replies.toLocaleString("en")} replies</caption><tbody>
    ${[...all].map(([name, count]) => html`<tr key=${name}><th scope="row"><a href=${to({ kind: name === kind ? "" : name })} aria-current=${name === kind ? "true" : null}>${plain(name.replaceAll("_", " "), 40)}</a></th>
      <td class="bar"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width=${(100 * count) / most} height="10" /></svg></td>
      <td>${name === "false_claim" ? `${percent(count, claims)} of the claims` : percent(count, shares.replies)}</td></tr>`)}
  </tbody></table></div>`;
}
