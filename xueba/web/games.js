// The list of games; questions have one of their own.
import { html } from "./preact-htm.js";
import { useAnswer, useNews, useSparing } from "./news.js";
import { address, Choice, Pages, useRows } from "./lists.js";
import { Empty, link, plain, Trouble } from "./text.js";

const NAMES = ["run", "world", "player", "against", "result", "flag", "said"];
const RESULTS = { "1-0": "the first has won", "0-1": "the second has won", "1/2": "drawn" };
const result = (value) => (value > 0 ? "1–0" : value < 0 ? "0–1" : "½–½");

export function Games({ query }) {
  const asked = Object.fromEntries(NAMES.map((name) => [name, query.get(name) || ""]));
  const from = query.get("from") || "";
  const [found, error, again] = useAnswer("games", { ...asked, from });
  const [choices, , chooseAgain] = useAnswer("choices", { run: asked.run });
  const sparing = useSparing(() => (again(), chooseAgain()), 2000);
  useNews("game", () => from || sparing()); // older pages would slip away under the reader
  const focused = useRows(Boolean(found));
  const go = (changed) => (location.hash = address("games", { ...asked, ...changed }));
  const options = { ...choices, against: choices?.player, result: Object.keys(RESULTS) };
  const any = NAMES.some((name) => asked[name]);
  return html`<h1>Games</h1>
    <form class="filter" onSubmit=${(event) => (event.preventDefault(), go({ said: new FormData(event.target).get("said").trim() }))}>
      ${NAMES.slice(0, -1).map((name) => html`<${Choice} key=${name} name=${name} value=${asked[name]} options=${options[name] || []} labels=${RESULTS} onChange=${(value) => go({ [name]: value })} />`)}
      <label key=${asked.said}>said or thought <input name="said" defaultValue=${asked.said} placeholder="words" /></label>
      <button>Find</button>
    </form>
    <${Trouble} error=${error} />
    ${found && !found.of ? html`<${Empty}>${any || (choices && choices.run.length) ? html`<p>No game fits. <a href="#/games">All games</a>${asked.run ? html`, or <a href=${link("problems", asked.run)}>the questions of ${plain(asked.run, 60)}</a>` : ""}</p>` : html`<p>Games appear here as soon as some have been played: <code>xueba train</code>, or <code>xueba arena liar believer --mode no_referee</code>.</p>`}</${Empty}>` : null}
    ${found && found.of ? html`<${Pages} found=${found} what="games" to=${(first) => address("games", { ...asked, from: first })} />
    <div class="scroll" tabindex="0" role="region" aria-label="games"><table class="games">
      <thead><tr>${["game", "iteration", "world", "players", "result", "ending", "moves", "flags"].map((name) => html`<th scope="col" key=${name}>${name}</th>`)}</tr></thead>
      <tbody>${found.rows.map((game) => html`<tr key=${`${game.run}/${game.game}`}>
        <td><a href=${link("game", game.run, game.game)} data-row=${`${game.run}/${game.game}`} onFocus=${focused}>${game.run} ${game.game}</a></td>
        <td>${game.world.startsWith("arena:") ? "" : game.step}</td>
        <td>${plain(game.world.split(":").slice(0, 2).join(" "), 30)}</td>
        <td>${plain(game.first, 24)} – ${plain(game.second, 24)}</td>
        <td>${result(game.result)}</td><td>${plain(game.ending.replaceAll("_", " "), 24)}</td><td>${game.plies}</td>
        <td>${game.flags ? html`<span class="badge">⚑ ${game.flags}</span>` : ""}</td>
      </tr>`)}</tbody></table></div>` : null}`;
}
