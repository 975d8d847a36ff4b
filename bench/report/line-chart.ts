/** Points joined by a line. */
export interface Series {
  label: string;
  points: readonly { x: number; y: number }[];
}

export interface LineChart {
  title: string;
  xLabel: string;
  yLabel: string;
  /** Places and names on the horizontal axis; absent: powers of ten. */
  xTicks?: readonly { x: number; label: string }[];
  series: readonly Series[];
}

const width = 720;
const height = 380;
const frame = { left: 72, right: 20, top: 64, bottom: 52 };
/** Told apart by those who see few colours, too (Okabe and Ito), and readable on light and dark. */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"];
const style = `text{font:13px system-ui,sans-serif;fill:#333}.t{font-size:15px;font-weight:600}.g{stroke:#8884}
path{fill:none;stroke-width:2.5}@media(prefers-color-scheme:dark){text{fill:#ddd}}`;

/** Draws a chart as SVG with a logarithmic vertical axis, and a horizontal one where no ticks are named. */
export function drawLineChart(chart: LineChart): string {
  const series = chart.series.filter(({ points }) => points.length > 0);
  const points = series.flatMap((one) => one.points);
  const across = chart.xTicks ? linear(chart.xTicks.map(({ x }) => x)) : logarithmic(points.map(({ x }) => x));
  const up = logarithmic(points.map(({ y }) => y));
  const xOf = (x: number) => (frame.left + across.place(x) * (width - frame.left - frame.right)).toFixed(1);
  const yOf = (y: number) => (height - frame.bottom - up.place(y) * (height - frame.top - frame.bottom)).toFixed(1);
  const xTicks = chart.xTicks ?? across.ticks.map((x) => ({ x, label: short(x) }));
  const bottom = height - frame.bottom;
  const parts = [
    text({ x: frame.left, y: 24 }, escapeXml(chart.title), 'class="t"'),
    ...up.ticks.map(
      (y) =>
        `<line class="g" x1="${frame.left}" x2="${width - frame.right}" y1="${yOf(y)}" y2="${yOf(y)}"/>` +
        text({ x: frame.left - 8, y: Number(yOf(y)) + 4 }, short(y), 'text-anchor="end"'),
    ),
    ...xTicks.map(({ x, label }) => text({ x: Number(xOf(x)), y: bottom + 20 }, label, 'text-anchor="middle"')),
    text({ x: (frame.left + width) / 2, y: height - 10 }, escapeXml(chart.xLabel), 'text-anchor="middle"'),
    `<text transform="translate(16 ${(frame.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeXml(chart.yLabel)}</text>`,
    ...series.flatMap(({ label, points: own }, index) => {
      const colour = colours[index % colours.length];
      const line = own.map(({ x, y }) => `${xOf(x)},${yOf(y)}`).join("L");
      const x = frame.left + index * ((width - frame.left - frame.right) / Math.max(3, series.length));
      return [
        `<path stroke="${colour}" d="M${line}"/>`,
        ...own.map((point) => `<circle cx="${xOf(point.x)}" cy="${yOf(point.y)}" r="4" fill="${colour}"/>`),
        `<circle cx="${x + 5}" cy="44" r="5" fill="${colour}"/>${text({ x: x + 16, y: 48 }, escapeXml(label))}`,
      ];
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img"><style>${style}</style>\n${parts.join("\n")}\n</svg>\n`;
}

interface Scale {
  /** From 0 to 1. */
  place(value: number): number;
  ticks: readonly number[];
}

function logarithmic(values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...positive, Math.max(...positive, 1))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive, 1))));
  const decades = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  // Few decades have room for what lies between.
  const ticks = high - low > 3 ? decades : decades.flatMap((decade) => [decade, 2 * decade, 5 * decade]);
  return {
    place: (value) => (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low),
    ticks: ticks.filter((tick) => tick <= 10 ** high),
  };
}

function linear(values: readonly number[]): Scale {
  const low = Math.min(...values) - 0.5;
  const high = Math.max(...values) + 0.5;
  return { place: (value) => (value - low) / (high - low), ticks: values };
}

function text({ x, y }: { x: number; y: number }, content: string, attributes = ""): string {
  return `<text x="${x}" y="${y}" ${attributes}>${content}</text>`;
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1e3 ? `${value / 1e3} k` : String(Number(value.toPrecision(2)));
}

function escapeXml(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
