// Asking the server, and its one stream of news a tab.
import { useEffect, useRef, useState } from "./preact-htm.js";

const heard = new Map(); // kind of event -> set of listeners
const KINDS = ["metrics", "warm-up", "event", "ply", "game", "reset", "indexing", "indexed"];

export function listen({ open, closed }) {
  const source = new EventSource("/api/live");
  source.onopen = open;
  source.onerror = closed; // the browser tries again by itself, and says which number it heard last
  for (const kind of KINDS) {
    source.addEventListener(kind, (event) => {
      const data = JSON.parse(event.data);
      for (const listener of heard.get(kind) || []) listener(data);
    });
  }
  return () => source.close();
}

export function useNews(kind, listener) {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const told = (data) => latest.current(data);
    if (!heard.has(kind)) heard.set(kind, new Set());
    heard.get(kind).add(told);
    return () => heard.get(kind).delete(told);
  }, [kind]);
}

export async function ask(name, asked = {}) {
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== "" && value != null));
  const answer = await fetch(`/api/${name}?${query}`);
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error || `the server answered ${answer.status}`);
  return data;
}

export async function act(asked, again = true) {
  const meta = document.querySelector("meta[name=xueba-token]");
  const answer = await fetch("/api/play", {
    method: "POST",
    headers: { "content-type": "application/json", "x-xueba-token": meta.content },
    body: JSON.stringify(asked),
  });
  const text = await answer.text();
  let data = {};
  try {
    data = JSON.parse(text);
  } catch {
    data = { error: text.trim() };
  }
  if (answer.status === 403 && again) {
    // the dashboard was begun anew since this page was opened: its own first page tells the new token, and only to us
    const found = /name="xueba-token" content="([\w-]+)"/.exec(await (await fetch("/")).text());
    if (found && found[1] !== meta.content) {
      meta.content = found[1];
      return act(asked, false);
    }
  }
  if (!answer.ok) throw Object.assign(new Error(data.error || `the server answered ${answer.status}`), { status: answer.status });
  return data;
}

// nothing was found: a list without rows, or a page of one that has none
const bare = (data) => (Array.isArray(data) ? !data.length : Boolean(data) && data.of === 0);

// [data, error, again]: asked anew when what is asked changes, and after `again()`; what was there stays until the
// answer comes, and after a failure only if it is the answer to the same question
export function useAnswer(name, asked, when = true) {
  const [state, setState] = useState({ data: null, error: "", about: "" });
  const [round, setRound] = useState(0);
  const about = JSON.stringify([name, asked]);
  useEffect(() => {
    let gone = false;
    if (!when) return undefined;
    ask(name, asked).then(
      (data) => gone || setState({ data, error: "", about }),
      (error) => gone || setState((before) => ({ data: before.about === about ? before.data : null, error: error.message, about })),
    );
    return () => {
      gone = true;
    };
  }, [about, round, when]);
  const again = () => setRound((before) => before + 1);
  // what could not be answered, or was answered by nothing, may have been waiting for the index
  useNews("indexed", () => (state.error || bare(state.data)) && again());
  return [state.data, state.error, again];
}

// how much of the runs has been read, while the index of games is being made; else null
export function useIndexing() {
  const [share, setShare] = useState(null);
  useNews("indexing", (news) => setShare(news.share));
  useNews("indexed", () => setShare(null));
  return share;
}

// `again`, at most once in `pause` milliseconds
export function useSparing(again, pause = 1000) {
  const waiting = useRef(0);
  const latest = useRef(again);
  latest.current = again;
  useEffect(() => () => clearTimeout(waiting.current), []);
  return () => {
    if (waiting.current) return;
    waiting.current = setTimeout(() => {
      waiting.current = 0;
      latest.current();
    }, pause);
  };
}
