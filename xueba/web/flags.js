// Every invented rule, false claim and wrong answer, and the share of each class.
import { html } from "./preact-htm.js";
import { useAnswer, useNews, useSparing } from "./news.js";
import { address, Pages, useRows } from "./lists.js";
import { Briefly } from "./problems.js";
import { Empty, link, percent, plain, Trouble } from "./text.js";

const word = (name) => plain(name.replaceAll("_", " "), 40);

export function Flags({ query }) {
  const asked = Object.fromEntries(["run", "kind", "player"].map((name) => [name, query.get(name) || ""]));
  const { run, kind, player } = asked;
  const from = query.get("from") || "";
  const [found, error, again] = useAnswer("flags", { ...asked, from });
  const [shares, , countAgain] = useAnswer("shares", { run });
  const sparing = useSparing(() => (again(), countAgain()), 2000);
  useNews("game", () => from || sparing());
  const focused = useRows(Boolean(found));
  const to = (changed) => address("flags", { ...asked, ...changed });
  return html`<h1>Flags</h1>
    <${Trouble} error=${error} />
    ${shares && shares.runs.length ? html`<nav class="runs" aria-label="Runs"><a href=${to({ run: "" })} aria-current=${run ? null : "true"}>all runs</a>${shares.runs.map((name) => html`<a key=${name} href=${to({ run: name })} aria-current=${name === run ? "true" : null}>${name}</a>`)}</nav>` : null}
    <p class="soft">Everything the rules refused, every claim found false, every wrong answer. Each leads to its reply. Keys: n next, p previous, Enter opens.</p>
    ${shares && shares.kinds.length ? html`<${Shares} shares=${shares} kind=${kind} to=${to} />` : null}
    ${kind || player ? html`<p>Shown: <b>${[kind, player].filter(Boolean).map((name) => word(name)).join(" by ")}</b>. <a href=${to({ kind: "", player: "" })}>Show all</a></p>` : null}
    ${found && !found.of ? html`<${Empty}><p>${kind || run || player ? html`Nothing like this. <a href="#/flags">All flags</a>` : html`Nothing has been flagged yet. To see some: <code>xueba arena liar believer --mode no_referee</code>`}</p></${Empty}>` : null}
    ${found && found.of ? html`<${Pages} found=${found} what=${found.of === found.count ? "flags" : `rows, of ${found.count.toLocaleString("en")} flags: one for each class, player and game`} to=${(first) => to({ from: first })} />
    <ul class="flags">${found.rows.map((flag) => html`<${Row} key=${idOf(flag)} flag=${flag} to=${to} focused=${focused} />`)}</ul>` : null}`;
}

const idOf = (flag) => [flag.id, flag.player, flag.kind, flag.sub].join("/");

function Row({ flag, to, focused }) {
  const [first, ...others] = flag.replies;
  const there = (reply) => (flag.sheet ? link("problems", flag.run, flag.game) : link("game", flag.run, flag.game, reply.at));
  const more = flag.count - flag.replies.length;
  return html`<li>
    <a data-row=${idOf(flag)} href=${there(first)} onFocus=${focused}>
      <span class="badge">${flag.kind === "false_claim" ? "✗ false claim" : `⚑ ${word(flag.kind)}`}${flag.sub ? `: ${word(flag.sub)}` : ""}</span>
      ${" "}${flag.sheet ? html`<${Briefly} sheet=${flag.sheet} />` : html`<q>${plain(first.quote || "–", 140)}</q>`}
    </a>
    ${flag.sheet ? null : html`<span class="soft">${plain(first.evidence, 200)}</span>`}
    <span class="soft"><a href=${to({ player: flag.player, from: "" })}>${plain(flag.player, 30)}</a>, ${flag.run} game ${flag.game}${flag.sheet ? "" : html`, reply ${first.at}${others.map((reply) => html`, <a key=${reply.at} href=${there(reply)} title=${plain(reply.quote, 140)}>${reply.at}</a>`)}${more > 0 ? ` and ${more} more` : ""}`}</span>
  </li>`;
}

// the classes of claims stand as "rule/revives": the kinds of one class on a line
function Shares({ shares, kind, to }) {
  const all = new Map();
  for (const { kind: name, sub, count } of shares.kinds) {
    const found = all.get(name) || { count: 0, subs: [] };
    found.count += count;
    if (sub) found.subs.push([sub, count]);
    all.set(name, found);
  }
  const most = Math.max(...[...all.values()].map(({ count }) => count));
  const claims = Object.values(shares.claims).reduce((a, b) => a + b, 0);
  const choice = (name, label) => html`<a href=${to({ kind: name === kind ? "" : name })} aria-current=${name === kind ? "true" : null}>${label}</a>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="share of each class"><table class="shares"><caption>Share of each class, of ${shares.replies.toLocaleString("en")} replies</caption><tbody>
    ${[...all].map(([name, { count, subs }]) => html`<tr key=${name}><th scope="row">${choice(name, word(name))}</th>
      <td class="bar"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width=${(100 * count) / most} height="10" /></svg></td>
      <td>${name === "false_claim" ? `${percent(count, claims)} of the claims` : percent(count, shares.replies)}${subs.length ? html`<${Kinds} subs=${subs} choice=${choice} />` : null}</td></tr>`)}
  </tbody></table></div>`;
}

function Kinds({ subs, choice }) {
  const classes = new Map();
  for (const [sub, count] of subs) {
    const head = sub.includes("/") ? sub.split("/")[0] : "";
    classes.set(head, [...(classes.get(head) || []), [sub, count]]);
  }
  return [...classes].map(([head, found]) => html`<div class="soft" key=${head}>${head ? html`${choice(head, word(head))}: ` : ""}${found.map(([sub, count], n) => html`${n ? ", " : ""}${choice(sub, word(head ? sub.slice(head.length + 1) : sub))} ${count}`)}</div>`);
}
