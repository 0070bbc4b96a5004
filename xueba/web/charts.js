// Curves of one or several runs over each other, by uPlot.
import { html, useEffect, useRef } from "./preact-htm.js";
import { plain } from "./text.js";

export const COLOURS = ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [1, 4], [12, 4]];

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

// lines: [{ name, steps, values, low, high }]
export function Chart({ title, lines, smooth = 0, height = 170, share = false }) {
  const place = useRef(null);
  const plot = useRef(null);
  const key = lines.map((line) => line.name).join();
  const data = aligned(lines, smooth);
  useEffect(() => {
    const style = getComputedStyle(document.documentElement);
    const axis = {
      stroke: style.getPropertyValue("--soft"),
      grid: { stroke: style.getPropertyValue("--line"), width: 1 },
      ticks: { stroke: style.getPropertyValue("--line"), width: 1 },
      font: "12px system-ui",
    };
    const format = (_, values) => values.map((v) => (share ? `${+(v * 100).toPrecision(3)}%` : Math.abs(v) >= 1e4 ? v.toExponential(0) : +v.toPrecision(3)));
    const options = {
      width: place.current.clientWidth || 300,
      height,
      cursor: { y: false },
      legend: { show: false },
      scales: { x: { time: false }, y: { range: share ? [0, 1] : around } },
      axes: [axis, { ...axis, size: 52, values: format }],
      series: [
        {},
        ...lines.map((line, n) => ({
          label: line.name,
          stroke: COLOURS[n % COLOURS.length],
          dash: DASHES[n % DASHES.length],
          width: 2,
          spanGaps: true,
          points: { show: data[0].length < 30 },
        })),
      ],
    };
    plot.current = new uPlot(options, data, place.current);
    const resized = new ResizeObserver(() => plot.current.setSize({ width: place.current.clientWidth, height }));
    resized.observe(place.current);
    return () => {
      resized.disconnect();
      plot.current.destroy();
    };
  }, [key, share, height]);
  useEffect(() => plot.current.setData(data), [JSON.stringify(data.map((d) => [d.length, d[d.length - 1]])), smooth]);
  const last = lines.map((line) => `${plain(line.name, 60)} ${lastOf(line.values, share)}`).join(", ");
  return html`<figure class="chart">
    <figcaption>
      ${plain(title, 100)}
      ${lines.map((line, n) => html`<span class="key" key=${line.name}><svg viewBox="0 0 24 8" aria-hidden="true"><line x1="0" y1="4" x2="24" y2="4" stroke=${COLOURS[n % COLOURS.length]} stroke-width="3" stroke-dasharray=${DASHES[n % DASHES.length].join(" ")} /></svg>${plain(line.name, 60)} <b>${lastOf(line.values, share)}</b></span>`)}
    </figcaption>
    <div ref=${place} role="img" aria-label=${`${plain(title, 100)}: at the end ${last}`}></div>
  </figure>`;
}

// from 0 where nothing is below, and never without any height
function around(_, low, high) {
  if (low == null) return [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return [low >= 0 ? 0 : low - room, high + room];
}

function lastOf(values, share) {
  const value = [...values].reverse().find((v) => v != null);
  if (value == null) return "–";
  return share ? `${Math.floor(value * 1000) / 10}%` : String(+value.toPrecision(3));
}

function aligned(lines, smooth) {
  const steps = [...new Set(lines.flatMap((line) => line.steps))].sort((a, b) => a - b);
  const place = new Map(steps.map((step, n) => [step, n]));
  return [
    steps,
    ...lines.map((line) => {
      const values = Array(steps.length).fill(null);
      const shown = smooth ? smoothed(line.values, smooth) : line.values;
      line.steps.forEach((step, n) => (values[place.get(step)] = shown[n]));
      return values;
    }),
  ];
}
