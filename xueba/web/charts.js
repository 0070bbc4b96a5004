// Curves of one or several runs over each other, by uPlot: with their intervals, and a crosshair common to all of them.
import { html, useEffect, useMemo, useRef, useState } from "./preact-htm.js";
import { plain, share as percent } from "./text.js";

const COLOURS = ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [1, 4], [12, 4]];
const HEIGHT = 170;
const FEW = 40; // so few points are drawn one by one
const WHOLE = [...Array(12).keys()].flatMap((n) => [1, 2, 5].map((k) => k * 10 ** n));
const LOST = [0, 0.001, 0.01, 0.1, 1]; // shares that lost lines are read off at
const DARK = matchMedia("(prefers-color-scheme: dark)");

// a running mean whose weight falls by `keep` each point
export function smoothed(values, keep) {
  let [mean, weight] = [0, 0];
  return values.map((value) => {
    if (value == null) return null;
    mean = keep * mean + (1 - keep) * value;
    weight = keep * weight + (1 - keep);
    return mean / weight;
  });
}

export function short(value, digits = 6) {
  const [size, round] = [Math.abs(value), +value.toPrecision(digits)];
  return size && (size >= 1e5 || size < 1e-3) ? round.toExponential().replace("e+", "e") : String(round);
}

// the colour and dash of the run, or part, number `at`
export function Key({ at }) {
  return html`<svg class="swatch" viewBox="0 0 24 8" aria-hidden="true"><line x1="0" y1="4" x2="24" y2="4" stroke=${COLOURS[at % COLOURS.length]} stroke-width="3" stroke-dasharray=${DASHES[at % DASHES.length].join(" ")} /></svg>`;
}

// lines: [{ name, at, steps, values, low, high }], `at` says the colour; kind: "share", "lost" (a share, mostly tiny) or ""
export function Chart({ title, lines, kind = "", smooth = 0, axis = "iteration" }) {
  const place = useRef(null);
  const plot = useRef(null);
  const [chosen, setChosen] = useState(null); // where the crosshair is: a point of each line
  const dark = useDark();
  const banded = lines.filter((line) => line.low && line.high).length && !smooth;
  const data = useMemo(() => aligned(lines, smooth, banded), [lines, smooth]);
  const key = lines.map((line) => `${line.at} ${line.name}`).join();
  useEffect(() => {
    plot.current = new uPlot(options(lines, kind, axis, banded, place.current.clientWidth, setChosen), data, place.current);
    const resized = new ResizeObserver(() => plot.current.setSize({ width: place.current.clientWidth, height: HEIGHT }));
    resized.observe(place.current);
    return () => {
      resized.disconnect();
      plot.current.destroy();
    };
  }, [key, kind, axis, banded, dark]);
  useEffect(() => plot.current.setData(data), [JSON.stringify(data.map((d) => [d.length, d[d.length - 1]])), smooth]);
  const last = data[0].length - 1;
  const points = lines.map((_, n) => (chosen && chosen[n + 1] != null && chosen[n + 1] <= last ? chosen[n + 1] : nearest(data[n + 1], last)));
  const said = lines.map((line, n) => [line, told(data[n + 1][points[n]], kind), banded && line.low ? between(data, lines.length, n, points[n], kind) : ""]);
  const at = chosen && chosen[0] <= last ? chosen[0] : last;
  const where = (data[0][points.length === 1 ? points[0] : at] ?? 0).toLocaleString("en");
  const move = (event) => {
    const from = chosen ? at : event.key === "ArrowLeft" ? last + 1 : -1;
    const by = event.shiftKey ? 10 : 1;
    const next = { ArrowLeft: from - by, ArrowRight: from + by, Home: 0, End: last }[event.key];
    if (event.key === "Escape") plot.current.setCursor({ left: -10, top: -10 }, true, true);
    if (next == null) return;
    event.preventDefault();
    const step = data[0][Math.max(0, Math.min(last, next))];
    plot.current.setCursor({ left: plot.current.valToPos(step, "x"), top: 0 }, true, true);
  };
  return html`<figure class="chart">
    <figcaption>
      <span class="title">${plain(title, 100)}</span>
      ${said.map(([line, value]) => html`<span class="key" key=${line.name}><${Key} at=${line.at} />${plain(line.name, 60)} <b>${value}</b></span>`)}
      <span class="where">at ${where}${said.length === 1 ? said[0][2] : ""}</span>
    </figcaption>
    <div ref=${place} class="plot" role="slider" tabindex="0" onKeyDown=${move} aria-label=${plain(title, 100)} aria-valuemin="0" aria-valuemax=${Math.max(0, last)} aria-valuenow=${Math.max(0, at)}
      aria-valuetext=${`${axis} ${where}: ${said.map(([line, value, interval]) => `${plain(line.name, 60)} ${value}${interval}`).join(", ")}`}></div>
  </figure>`;
}

function options(lines, kind, axis, banded, width, setChosen) {
  const style = getComputedStyle(document.documentElement);
  const [soft, rule] = ["--soft", "--line"].map((name) => style.getPropertyValue(name));
  const look = { stroke: soft, grid: { stroke: rule, width: 1 }, ticks: { stroke: rule, width: 1, size: 4 }, font: "12px system-ui", gap: 3 };
  const shown = (value) => (kind && (value < 0 || value > 1) ? "" : kind === "lost" && !value ? "none" : kind ? `${+(value * 100).toPrecision(6)}%` : short(value));
  const marks = kind === "lost" ? { splits: () => LOST, filter: (_, splits) => splits } : {};
  const line = (at) => ({ stroke: COLOURS[at % COLOURS.length], dash: DASHES[at % DASHES.length], width: 2 });
  const hidden = { stroke: "transparent", width: 0, spanGaps: true, points: { show: false } };
  return {
    width: width || 300,
    height: HEIGHT,
    padding: [8, 12, 0, 0],
    cursor: {
      y: false,
      sync: { key: axis },
      points: { size: (_, n) => (n > lines.length ? 0 : 8) },
      dataIdx: (plot, n, at) => nearest(plot.data[n], at),
    },
    legend: { show: false },
    hooks: { setCursor: [({ cursor }) => setChosen(cursor.left < 0 || cursor.idx == null ? null : [cursor.idx, ...cursor.idxs.slice(1)])] },
    scales: {
      x: { time: false, range: (_, low, high) => (low === high ? [Math.max(0, low - 1), low + 1] : [low, high]) },
      y: kind === "lost" ? { distr: 4, asinh: 0.0005, range: [0, 1.3] } : { range: (_, low, high) => around(low, high, kind === "share") },
    },
    axes: [
      { ...look, size: 24, incrs: WHOLE, label: axis, labelSize: 16, labelGap: 0, labelFont: "12px system-ui" },
      { ...look, ...marks, size: (_, values) => Math.max(34, 14 + 7 * Math.max(...(values || [""]).map((text) => text.length))), values: (_, splits) => splits.map(shown) },
    ],
    series: [
      {},
      ...lines.map(({ at }) => ({ ...line(at), spanGaps: true, points: { show: (plot, n) => plot.data[n].filter((v) => v != null).length < FEW } })),
      ...(banded ? lines.flatMap(() => [hidden, hidden]) : []),
    ],
    bands: banded ? lines.map(({ at }, n) => ({ series: [lines.length + 2 * n + 2, lines.length + 2 * n + 1], fill: `${COLOURS[at % COLOURS.length]}2b` })) : [],
  };
}

function useDark() {
  const [dark, setDark] = useState(DARK.matches);
  useEffect(() => {
    const changed = () => setDark(DARK.matches);
    DARK.addEventListener("change", changed);
    return () => DARK.removeEventListener("change", changed);
  }, []);
  return dark;
}

// what there is, with some room; from 0 where that is not far, and never without any height
function around(low, high, share) {
  if (low == null) return [0, 1];
  const least = share ? 0.005 : Math.abs(high) / 10 || 1;
  const ground = low >= 0 ? 0 : -Infinity;
  if (low >= 0 && low <= 0.4 * high) low = 0;
  const lack = least - (high - low);
  if (lack > 0) [low, high] = [low - lack / 2, high + lack / 2];
  if (low < ground) [low, high] = [0, least];
  if (share && lack > 0 && high > 1) [low, high] = [1 - least, 1];
  const room = 0.06 * (high - low);
  return [low - room, high + room];
}

// the point at, or nearest to, `at` that has a value
function nearest(values, at) {
  for (let n = 0; n < values.length; n++) {
    if (values[at - n] != null) return at - n;
    if (values[at + n] != null) return at + n;
  }
  return null;
}

export function told(value, kind) {
  if (value == null) return "–";
  // rounded down, but what is little is told
  return kind ? (value > 0 && value < 0.01 ? `${short(value * 100, 2)}%` : percent(value)) : short(value, 3);
}

function between(data, count, n, at, kind) {
  const [low, high] = [data[count + 2 * n + 1][at], data[count + 2 * n + 2][at]];
  return low == null || high == null ? "" : `, 95%: ${told(low, kind)} to ${told(high, kind)}`;
}

// uPlot's columns: the steps at which any line has a value, the lines, and low and high of each
function aligned(lines, smooth, banded) {
  const there = lines.flatMap((line) => line.steps.filter((_, n) => line.values[n] != null));
  const steps = [...new Set(there)].sort((a, b) => a - b);
  const place = new Map(steps.map((step, n) => [step, n]));
  const column = (line, values) => {
    const found = Array(steps.length).fill(null);
    if (values) line.steps.forEach((step, n) => values[n] != null && place.has(step) && (found[place.get(step)] = values[n]));
    return found;
  };
  return [
    steps,
    ...lines.map((line) => column(line, smooth ? smoothed(line.values, smooth) : line.values)),
    ...(banded ? lines.flatMap((line) => [column(line, line.low), column(line, line.high)]) : []),
  ];
}
