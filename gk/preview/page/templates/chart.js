
// Charts of time series, drawn by uPlot as Grafana has it draw them.

const root = document.documentElement;
const FONT = "12px Inter, Helvetica, Arial, sans-serif";
const styles = getComputedStyle(root);

let definitions = {};
const charts = new Map(); // by the id of their panel: { id, definition, place, board, hidden, plot, values }
const zooms = new Map(); // by the id of their dashboard: [start, end]

// gk.preview.page.packed is the opposite.
async function unpacked(element) {
  const text = Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([text]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let at = 4 + new DataView(bytes.buffer).getUint32(0, true);
  const found = JSON.parse(new TextDecoder().decode(bytes.subarray(4, at)));
  for (const chart of Object.values(found)) {
    for (const series of chart.series) {
      const [count, places, width] = series.v;
      series.v = column(bytes.subarray(at, at + count * width), count, places);
      at += count * width;
    }
  }
  return found;
}

// The first bytes of all numbers, then the second bytes, and so on.
function column(bytes, count, places) {
  const values = new Array(count);
  let value = 0;
  for (let index = 0; index < count; index++) {
    let step = 0;
    for (let at = bytes.length - count + index; at >= 0; at -= count) step = step * 256 + bytes[at];
    value += step % 2 ? (step - 1) / 2 : -step / 2;
    values[index] = step ? (places < 0 ? value * 10 ** -places : value / 10 ** places) : null;
  }
  return values;
}

// Colours

function paint(color) {
  const pair = /^light-dark\((#\w+), (#\w+)\)$/.exec(color);
  if (pair) return pair[isDark() ? 2 : 1];
  return color.startsWith("#") ? color : styles.getPropertyValue(`--${color}`).trim() || "#808080";
}

function seeThrough(color, alpha) {
  const digits = paint(color).slice(1);
  const long = digits.length < 6 ? digits.replace(/./g, "$&$&") : digits;
  const [red, green, blue, own = 255] = long.match(/../g).map((pair) => parseInt(pair, 16));
  return `rgba(${red}, ${green}, ${blue}, ${(alpha * own) / 255})`;
}

function filled(series, axis) {
  if (series.gradient === "opacity") {
    return (plot) => vertical(plot, [[0, seeThrough(series.color, series.opacity)], [1, seeThrough(series.color, 0)]]);
  }
  if (series.gradient === "scheme" && series.stops) {
    return (plot) => schemed(plot, axis, series, series.opacity);
  }
  if (series.gradient === "hue") {
    const [top, bottom] = hues(series.color);
    return (plot) => vertical(plot, [[0, seeThrough(top, series.opacity)], [1, seeThrough(bottom, series.opacity)]]);
  }
  return seeThrough(series.color, series.opacity);
}

// A little lighter at the top, and another hue at the bottom; gk.preview.kinds.curves has the same in Python.
function hues(color) {
  const [red, green, blue] = paint(color).slice(1, 7).match(/../g).map((pair) => parseInt(pair, 16) / 255);
  const high = Math.max(red, green, blue), low = Math.min(red, green, blue), range = high - low;
  const light = (high + low) / 2;
  const strength = range ? range / (1 - Math.abs(2 * light - 1)) : 0;
  const sector = !range ? 0
    : high === red ? (green - blue) / range : high === green ? (blue - red) / range + 2 : (red - green) / range + 4;
  return [
    hex(sector * 60, strength, Math.min(light + 0.1, 1)),
    hex(sector * 60 - 25, strength, isDark() ? Math.max(light - 0.1, 0) : light),
  ];
}

function hex(hue, strength, light) {
  const part = (shift) => {
    const at = (shift + hue / 30 + 24) % 12;
    return light - strength * Math.min(light, 1 - light) * Math.max(-1, Math.min(at - 3, 9 - at, 1));
  };
  return `#${[0, 8, 4].map((shift) => Math.round(255 * part(shift)).toString(16).padStart(2, "0")).join("")}`;
}

function vertical(plot, stops) {
  const { top, height } = plot.bbox;
  if (!Number.isFinite(top + height)) return stops[0][1];
  const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height);
  for (const [at, color] of stops) gradient.addColorStop(at, color);
  return gradient;
}

// The colours of values, from the lowest value to the highest.
function schemed(plot, axis, { stops, smooth }, alpha) {
  const { top, height } = plot.bbox;
  const places = stops.flatMap(([value, color], index) => {
    const at = value === null ? top + height : plot.valToPos(value, `y${axis}`, true);
    const place = Math.min(Math.max((at - top) / height, 0), 1);
    const next = seeThrough(color, alpha);
    // A step has both colours at one place.
    return index && !smooth ? [[place, seeThrough(stops[index - 1][1], alpha)], [place, next]] : [[place, next]];
  });
  if (places.some(([at]) => !Number.isFinite(at))) return places[0][1];
  return vertical(plot, places.reverse());
}

// Data

function timesOf(series) {
  if (!series.every) return series.t ?? [];
  const [start, step, count] = series.every;
  return Array.from({ length: count }, (_, index) => start + index * step);
}

// A gap reaches from sample to sample, also over times that only other series have.
function aligned(list) {
  const keys = new Set(list.map((each) => JSON.stringify(each.every ?? each.t)));
  if (keys.size < 2) return [timesOf(list[0]), ...list.map((each) => each.v ?? [])];
  const tables = list.map((each) => [timesOf(each), each.v ?? []]);
  return uPlot.join(tables, list.map((each) => [0, each.joined ? 0 : 2]));
}

// Series of a group are drawn on each other. A gap in one of them is none in their sum.
function stacked(values, list, hidden) {
  const groups = grouped(list);
  const result = [...values];
  const bands = [];
  for (const [group, members] of groups) {
    if (!group) continue;
    const shown = members.filter((index) => !hidden.has(index));
    const totals = sums(shown.map((index) => values[index + 1]), values[0].length);
    const sum = values[0].map(() => 0);
    shown.forEach((index, rank) => {
      const percent = list[index].percent;
      result[index + 1] = values[index + 1].map((value, at) => {
        if (totals[at] === null) return value;
        sum[at] += value ?? 0;
        return percent ? (totals[at] ? sum[at] / Math.abs(totals[at]) : 0) : sum[at];
      });
      if (rank) bands.push({ series: [index + 1, shown[rank - 1] + 1], dir: group.endsWith("-") ? 1 : -1 });
    });
  }
  return [result, bands];
}

function grouped(list) {
  const groups = new Map();
  list.forEach((each, index) => {
    const group = each.stack ?? "";
    groups.set(group, [...(groups.get(group) ?? []), index]);
  });
  return groups;
}

function sums(columns, length) {
  return Array.from({ length }, (_, at) => {
    const there = columns.map((each) => each[at]).filter((value) => value != null);
    return there.length ? there.reduce((sum, value) => sum + value, 0) : null;
  });
}

// Axes

const widths = new Map();
const pen = document.createElement("canvas").getContext("2d");

function widthOf(words) {
  if (!widths.has(words)) {
    pen.font = FONT;
    widths.set(words, pen.measureText(words).width);
  }
  return widths.get(words);
}

// gk.preview.axes.range_of has the same in Python.
function rangeOf(axis) {
  const { min, max, softMin, softMax, base } = axis;
  const fixedMin = softMin === undefined ? min : undefined;
  const fixedMax = softMax === undefined ? max : undefined;
  const limit = (pad, hard, soft) => ({ pad, hard, soft: soft ?? 0, mode: soft === undefined ? 3 : 1 });
  return (plot, low, high) => {
    if (base > 1) return logRange(low, high, axis);
    if (low === null || high === null) {
      low = min ?? softMin ?? 0;
      high = max ?? softMax ?? low + 100;
      return low < high ? [low, high] : [low, low + 100];
    }
    if (axis.centered) {
      high = Math.max(Math.abs(low), Math.abs(high));
      low = -high;
    }
    let [bottom, top] = uPlot.rangeNum(fixedMin ?? low, fixedMax ?? high, {
      min: limit(0.1, min ?? -Infinity, softMin),
      max: limit(0.1, max ?? Infinity, softMax),
    });
    if (axis.whole) [bottom, top] = [Math.floor(bottom), Math.ceil(top)];
    bottom = fixedMin ?? bottom;
    top = fixedMax ?? top;
    return bottom < top ? [bottom, top] : [bottom, bottom + (Math.abs(bottom) || 100)];
  };
}

function logRange(low, high, { min, max, base }) {
  low = min > 0 ? min : low;
  high = max > 0 ? max : high;
  return low > 0 && high > 0 ? uPlot.rangeLog(low, high, base, true) : [1, base];
}

// Steps of ticks that are not uPlot's own.
const STEPS = {
  binary: Array.from({ length: 53 }, (_, power) => 2 ** power),
  yes: [1],
};

function axisOf(axis, index) {
  return {
    scale: `y${index}`,
    show: axis.side !== "hidden",
    side: axis.side === "right" ? 1 : 3,
    font: FONT,
    gap: 5,
    stroke: () => paint(axis.color ?? "text"),
    grid: { show: Boolean(axis.grid), stroke: () => paint("grid"), width: 1 },
    ticks: { show: true, stroke: () => paint("grid"), width: 1, size: 4 },
    label: axis.label || undefined,
    labelFont: FONT,
    labelSize: 18,
    labelGap: 0,
    // Low charts have more ticks, since Grafana 12.
    space: (plot, at, low, high, length) => (length <= 150 ? 15 : 30),
    size: (plot, labels) => axis.size ?? Math.ceil(9 + Math.min(0.4 * plot.width, Math.max(0, ...(labels ?? []).map((each) => widthOf(each ?? ""))))),
    incrs: STEPS[axis.every],
    values: (plot, ticks, at, space, step) => ticks.map((tick) => (tick === null || (axis.whole && !Number.isInteger(tick)) ? "" : text(tick, axis.spec, tickDecimals(step)))),
  };
}

// Times

function zoneOf(name) {
  if (name === "browser" || !name) return undefined;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}

const clocks = new Map();

function partsOf(time, zone) {
  const key = zone ?? "";
  if (!clocks.has(key)) {
    clocks.set(key, new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit",
      minute: "2-digit", second: "2-digit",
    }));
  }
  const parts = {};
  for (const { type, value } of clocks.get(key).formatToParts(time)) parts[type] = value;
  return parts;
}

const SECOND = 1e3, MINUTE = 6e4, DAY = 864e5, YEAR = 365 * DAY;

// gk.preview.axes.time_label has the same in Python.
function timeLabel(time, step, span, zone) {
  const { year, month, day, hour, minute, second } = partsOf(time, zone);
  if (step < SECOND) return `${hour}:${minute}:${second}.${String(Math.floor(time % 1e3)).padStart(3, "0")}`;
  if (step <= MINUTE) return `${hour}:${minute}:${second}`;
  if (span <= DAY) return `${hour}:${minute}`;
  if (step <= DAY) return `${month}/${day} ${hour}:${minute}`;
  if (span < YEAR) return `${month}/${day}`;
  return step < YEAR ? `${year}-${month}` : year;
}

function timeInFull(time, zone) {
  const { year, month, day, hour, minute, second } = partsOf(time, zone);
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}

// Of Grafana's font: how many labels have room does not depend on the fonts that a reader has. gk.preview.axes has the same.
const INTER = {
  0: 631, 1: 407, 2: 610, 3: 618, 4: 646, 5: 608, 6: 620, 7: 566, 8: 619, 9: 620, ":": 288, "/": 360, "-": 460, ".": 288, " ": 281,
};

function widthOfTime(label) {
  return [...label].reduce((sum, letter) => sum + INTER[letter], 0) * 0.012;
}

function timeAxis(zone) {
  return {
    scale: "x",
    font: FONT,
    gap: 5,
    size: 21,
    stroke: () => paint("text"),
    grid: { stroke: () => paint("grid"), width: 1 },
    ticks: { stroke: () => paint("grid"), width: 1, size: 4 },
    space: (plot, index, low, high, length) =>
      widthOfTime(timeLabel(low, (high - low) / (length / 40), high - low, zone)) + 18,
    values: (plot, ticks, index, space, step) => {
      const span = plot.scales.x.max - plot.scales.x.min;
      return ticks.map((tick) => (tick === null ? "" : timeLabel(tick, step, span, zone)));
    },
  };
}

// Series

function pathsOf(series) {
  if (series.draw === "points") return () => null;
  if (series.draw === "bars") {
    const [width, most, side] = series.bar ?? [0.6, 200, 0];
    return uPlot.paths.bars({ size: [width, most, 1], align: side });
  }
  if (series.curve === "smooth") return uPlot.paths.spline();
  if (series.curve === "stepBefore") return uPlot.paths.stepped({ align: -1 });
  if (series.curve === "stepAfter") return uPlot.paths.stepped({ align: 1 });
  return uPlot.paths.linear();
}

// A point between two gaps has no line: it is drawn whatever else is.
function alone(plot, index, isShown) {
  if (isShown) return null;
  const values = plot.data[index];
  const [first, last] = plot.series[index].idxs;
  const found = [];
  for (let at = first; at <= last; at++) {
    if (values[at] != null && values[at - 1] == null && values[at + 1] == null && lonely(values, at)) found.push(at);
  }
  return found.length ? found : null;
}

function lonely(values, at) {
  let [before, after] = [at - 1, at + 1];
  while (values[before] === undefined && before >= 0) before--;
  while (values[after] === undefined && after < values.length) after++;
  return values[before] == null && values[after] == null;
}

function seriesOf(series, isHidden, isBelow) {
  const axis = series.axis ?? 0;
  const stroke = series.gradient === "scheme" && series.stops
    ? (plot) => schemed(plot, axis, series, 1)
    : () => paint(series.color);
  const opacity = isBelow ? 0 : series.opacity ?? 0;
  const points = { size: series.size, width: 1, stroke, fill: stroke, filter: series.draw === "bars" ? undefined : alone };
  if (series.draw === "points" || series.points === "always") points.show = true;
  if (series.draw === "bars" || series.points === "never") points.show = false;
  return {
    scale: `y${axis}`,
    show: !isHidden,
    label: series.name,
    stroke,
    width: series.width ?? 0,
    dash: series.dash,
    cap: series.dash?.[0] === 0 ? "round" : "butt",
    fill: opacity ? filled({ ...series, opacity }, axis) : undefined,
    spanGaps: Boolean(series.joined),
    paths: pathsOf(series),
    points,
  };
}

// What is drawn beside series

function drawThresholds(definition) {
  return (plot) => {
    definition.axes.forEach((axis, index) => {
      if (axis.as && plot.scales[`y${index}`].min != null) drawSteps(plot, axis, `y${index}`);
    });
  };
}

function drawSteps(plot, { as, steps }, scale) {
  const { ctx, bbox } = plot;
  const { min, max } = plot.scales[scale];
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  steps.forEach(([value, color], index) => {
    const from = value === null ? min : Math.min(Math.max(value, min), max);
    const to = Math.min(Math.max(steps[index + 1]?.[0] ?? max, min), max);
    const [bottom, top] = [from, to].map((each) => plot.valToPos(each, scale, true));
    if (as.includes("area") && color !== "transparent") {
      ctx.fillStyle = seeThrough(color, 0.15);
      ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
    }
    if ((as.includes("line") || as.includes("dashed")) && value !== null && value >= min && value <= max) {
      ctx.strokeStyle = seeThrough(color, 0.7);
      ctx.lineWidth = 2 * devicePixelRatio;
      ctx.setLineDash(as.includes("dashed") ? [10 * devicePixelRatio, 10 * devicePixelRatio] : []);
      ctx.beginPath();
      ctx.moveTo(bbox.left, bottom);
      ctx.lineTo(bbox.left + bbox.width, bottom);
      ctx.stroke();
    }
  });
  ctx.restore();
}

function drawMarks(definition) {
  return (plot) => {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const [start, end, , , color] of definition.marks ?? []) {
      const [left, right] = [start, end].map((time) => plot.valToPos(time, "x", true));
      ctx.fillStyle = seeThrough(color || "blue", 0.1);
      if (end > start) ctx.fillRect(left, bbox.top, right - left, bbox.height);
      ctx.strokeStyle = paint(color || "blue");
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([5 * devicePixelRatio, 5 * devicePixelRatio]);
      for (const at of new Set([left, right])) {
        ctx.beginPath();
        ctx.moveTo(at, bbox.top);
        ctx.lineTo(at, bbox.top + bbox.height);
        ctx.stroke();
      }
    }
    ctx.restore();
  };
}

// Exemplars are on the first axis, and those outside of it at its ends.

function placeOfExemplar(plot, [time, value], inPixelsOfCanvas) {
  const { min, max } = plot.scales.y0;
  const inside = Math.min(Math.max(value, min), max);
  return [plot.valToPos(time, "x", inPixelsOfCanvas), plot.valToPos(inside, "y0", inPixelsOfCanvas)];
}

function drawExemplars(definition) {
  return (plot) => {
    const { ctx, bbox } = plot;
    const half = 3.5 * devicePixelRatio;
    ctx.save();
    ctx.fillStyle = paint(definition.series[0].color);
    for (const exemplar of definition.exemplars ?? []) {
      const [x, y] = placeOfExemplar(plot, exemplar, true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      for (const [dx, dy] of [[0, -half], [half, 0], [0, half], [-half, 0]]) ctx.lineTo(x + dx, y + dy);
      ctx.fill();
    }
    ctx.restore();
  };
}

function exemplarAt({ plot, definition }) {
  const { left, top } = plot.cursor;
  const near = (definition.exemplars ?? []).map((exemplar) => {
    const [x, y] = placeOfExemplar(plot, exemplar);
    return { exemplar, far: Math.hypot(x - left, y - top) };
  });
  return near.reduce((best, each) => (each.far < best.far ? each : best), { far: 8 }).exemplar;
}

function showExemplar(chart, [time, value, labels], isChosen) {
  const { plot, definition } = chart;
  hover.replaceChildren(
    line("time", timeInFull(time, chart.zone)),
    entry(definition.series[0].color, "Exemplar", text(value, definition.axes[0].spec)),
    ...labels.map(([name, label]) => entry("transparent", name, label)),
  );
  if (isChosen) keep(chart);
  const over = plot.over.getBoundingClientRect();
  hoverAt(over.left + plot.cursor.left, over.top + plot.cursor.top);
}

function placeMarks(chart) {
  const { plot, definition } = chart;
  plot.over.querySelectorAll(".mark").forEach((each) => each.remove());
  const { min, max } = plot.scales.x;
  for (const [start, end, words, tags, color, name] of definition.marks ?? []) {
    const from = Math.max(start, min), to = Math.min(Math.max(end, start), max);
    if (from > to) continue;
    const mark = document.createElement("button");
    mark.type = "button";
    mark.className = "mark";
    mark.style.color = paint(color || "blue");
    mark.style.left = `${plot.valToPos(from, "x") - 5}px`;
    mark.style.width = `${Math.max(10, plot.valToPos(to, "x") - plot.valToPos(from, "x") + 10)}px`;
    const when = timeInFull(start, chart.zone) + (end > start ? ` to ${timeInFull(end, chart.zone)}` : "");
    mark.setAttribute("aria-label", [when, name, words, tags.join(", ")].filter(Boolean).join("\n"));
    for (const kind of ["mouseenter", "focus"]) mark.addEventListener(kind, () => tell(mark));
    for (const kind of ["mouseleave", "blur"]) mark.addEventListener(kind, hideHover);
    for (const kind of ["mousemove", "mousedown"]) mark.addEventListener(kind, (event) => event.stopPropagation());
    plot.over.append(mark);
  }
}

// The values under the cursor

const hover = document.createElement("div");
hover.id = "hover";
hover.hidden = true;
hover.setAttribute("role", "tooltip");
document.body.append(hover);

function isPinned() {
  return hover.classList.contains("pinned");
}

function hideHover() {
  if (!isPinned()) hover.hidden = true;
}

function tell(mark) {
  hover.replaceChildren(line("p", mark.getAttribute("aria-label")));
  hover.firstChild.style.whiteSpace = "pre-line";
  hover.hidden = false;
  const at = mark.getBoundingClientRect();
  placeAt(hover, at.left, at.bottom + 8, at.top - 8);
}

function line(name, words, className = "") {
  const element = document.createElement(name);
  element.textContent = words;
  element.className = className;
  return element;
}

function entry(color, name, value) {
  const element = document.createElement("div");
  const sign = document.createElement("i");
  sign.style.background = paint(color);
  element.append(sign, line("span", name), line("b", value));
  return element;
}

function showValues(chart, isChosen = false) {
  const { plot, definition, values } = chart;
  const { left, top, idx } = plot.cursor;
  if (isPinned()) return;
  const exemplar = exemplarAt(chart);
  if (exemplar) return showExemplar(chart, exemplar, isChosen);
  if (definition.tooltip === "none" || left < 0 || idx === null || idx === undefined) return hideHover();
  const rows = definition.series
    .map((series, index) => rowOf(chart, series, index))
    .filter(Boolean);
  const near = rows.reduce((best, row) => (row.far < (best?.far ?? Infinity) ? row : best), null);
  const shown = definition.tooltip === "single" ? [near].filter(Boolean) : ordered(rows, definition.order);
  if (!shown.length) return hideHover();
  const listed = shown.filter((row, index) => index < 40 || row === near);
  hover.replaceChildren(line("time", timeInFull(values[0][near.at], chart.zone)), ...listed.map((row) => {
    const element = entry(row.series.color, row.series.name, text(row.value, row.series.spec));
    if (row === near && shown.length > 1) element.className = "near";
    return element;
  }));
  hover.hidden = false;
  shorten(shown.length);
  offerLinks(chart, near, isChosen);
  const over = plot.over.getBoundingClientRect();
  hoverAt(over.left + left, over.top + top);
}

function hoverAt(x, y) {
  hover.hidden = false;
  const fits = x + 24 + hover.offsetWidth < root.clientWidth;
  placeAt(hover, fits ? x + 16 : x - hover.offsetWidth - 16, y + 16, y - 8);
}

// The nearest value's links are there as long as a click keeps the values where they are.

function offerLinks(chart, row, isChosen) {
  if (!row.series.links) return;
  if (!isChosen) return hover.append(line("p", "Click for links", "hint"));
  const links = linksOf(chart, row);
  if (!links.length) return;
  const list = document.createElement("nav");
  list.append(...links);
  hover.append(list);
  keep(chart);
}

function keep({ plot }) {
  hover.classList.add("pinned");
  plot.cursor._lock = true;
}

function unpin() {
  if (!isPinned()) return false;
  hover.classList.remove("pinned");
  for (const { plot } of charts.values()) if (plot) plot.cursor._lock = false;
  hideHover();
  return true;
}

function linksOf(chart, { series, value, at }) {
  const known = { raw: value, numeric: value, time: chart.values[0][at], text: text(value, series.spec) };
  const put = (words) => words
    .replace(/\$\{__value\.(raw|numeric|time|text)(:percentencode)?\}/g, (_, name, encoded) => encoded ? encodeURIComponent(known[name]) : known[name])
    .replace(/\$__value\.(raw|numeric|time|text)\b/g, (_, name) => known[name]);
  return series.links
    .map(([title, href, isApart]) => [put(title), put(href), isApart])
    .filter(([, href]) => leadsToWeb(href))
    .map(([title, href, isApart]) => Object.assign(line("a", title), { href, target: isApart ? "_blank" : "", rel: "noopener noreferrer" }));
}

// An address is checked again with the value in it.
function leadsToWeb(href) {
  return URL.canParse(href, "https://page/") && /^https?:$/.test(new URL(href, "https://page/").protocol);
}

document.addEventListener("click", (event) => {
  if (!hover.contains(event.target) && !event.target.closest(".u-over")) unpin();
});

// As many values as have room in the window; the nearest is one of them.
function shorten(count) {
  const most = 0.7 * innerHeight;
  const rows = [...hover.querySelectorAll("div")];
  const late = rows.filter((row) => row.className !== "near" && row.offsetTop + row.offsetHeight > most);
  for (const row of late) row.remove();
  const rest = count - rows.length + late.length;
  if (rest) hover.append(line("p", `${rest} more`));
}

function rowOf({ plot, values, hidden }, series, index) {
  const at = plot.cursor.idxs[index + 1];
  const value = at == null ? null : values[index + 1][at];
  if (series.silent || hidden.has(index) || value == null) return null;
  const y = plot.valToPos(plot.data[index + 1][at], `y${series.axis ?? 0}`);
  return { series, value, at, far: Math.abs(y - plot.cursor.top) };
}

function ordered(rows, order) {
  const sign = { asc: 1, desc: -1 }[order];
  return sign ? [...rows].sort((one, other) => sign * (one.value - other.value)) : rows;
}

// Zoom: of all charts of a dashboard, as Grafana's dashboards have one time range

function zoom(board, range) {
  if (range) zooms.set(board.id, range);
  else zooms.delete(board.id);
  for (const chart of charts.values()) {
    if (chart.board !== board || !chart.plot) continue;
    chart.plot.setScale("x", { min: 0, max: 1 });
  }
  const button = board.querySelector(".zoom");
  button.hidden = !range;
  const zone = [...charts.values()].find((each) => each.board === board)?.zone;
  if (range) button.querySelector("span").textContent = range.map((each) => timeInFull(each, zone)).join(" to ");
}

function resetZoom() {
  for (const id of [...zooms.keys()]) zoom(document.getElementById(id), null);
}

function selected(chart) {
  return (plot) => {
    const { left, width } = plot.select;
    if (width < 4) return;
    const range = [left, left + width].map((at) => Math.round(plot.posToVal(at, "x")));
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (range[1] > range[0]) zoom(chart.board, range);
  };
}

function timeRange(chart) {
  const times = chart.values[0];
  const [start, end] = chart.definition.range;
  return zooms.get(chart.board.id)
    ?? (end > start ? [start, end] : [times[0], Math.max(times.at(-1), times[0] + 1)]);
}

// A chart

// The canvas reaches into the panel's padding, so that the last time of a range is not cut.
const BEYOND = 8;

// As in Grafana, a side without an axis has 8 pixels.
function side(plot, index, [, right, , left]) {
  return index === 1 ? (right ? 0 : 8) + BEYOND : left ? 0 : 8;
}

function build(chart) {
  const { definition, place, hidden } = chart;
  const [drawn, bands] = stacked(chart.values, definition.series, hidden);
  const below = new Set((definition.bands ?? []).map(([, lower]) => lower));
  chart.plot?.destroy();
  const scales = { x: { time: true, range: () => timeRange(chart) } };
  definition.axes.forEach((axis, index) => {
    const distr = axis.base > 1 ? 3 : axis.base === 1 ? 4 : 1;
    scales[`y${index}`] = { distr, log: axis.base > 1 ? axis.base : 10, asinh: axis.threshold ?? 1, range: axis.base === 1 ? undefined : rangeOf(axis) };
  });
  chart.plot = new uPlot({
    ...chart.size,
    ms: 1,
    tzDate: (time) => (chart.zone ? uPlot.tzDate(new Date(time), chart.zone) : new Date(time)),
    legend: { show: false },
    padding: [8, side, null, side],
    scales,
    axes: [timeAxis(chart.zone), ...definition.axes.map(axisOf)],
    series: [{}, ...definition.series.map((each, index) => seriesOf(each, hidden.has(index), below.has(index)))],
    bands: [...bands, ...(definition.bands ?? []).map(([upper, lower]) => ({ series: [upper + 1, lower + 1] }))],
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { size: 8 },
      sync: { key: definition.group, setSeries: false, scales: ["x", null], filters: { pub: (type) => type === "mousemove" || type === "mouseleave" } },
    },
    hooks: {
      drawClear: [drawThresholds(definition)],
      draw: [drawMarks(definition), drawExemplars(definition)],
      setSelect: [selected(chart)],
      setCursor: [(plot) => plot.over.matches(":hover") && showValues(chart)],
      setScale: [(plot, scale) => scale === "x" && plot.status && placeMarks(chart)],
      setSize: [() => chart.plot && placeMarks(chart)],
    },
  }, drawn, place);
  chart.plot.over.addEventListener("mouseleave", hideHover);
  chart.plot.over.addEventListener("click", ({ target }) => {
    const isOther = unpin();
    if (target === chart.plot.over && !isOther) showValues(chart, true);
  });
  chart.plot.over.addEventListener("dblclick", () => zoom(chart.board, null));
  placeMarks(chart);
}

function chartOf(place) {
  const panel = place.closest(".panel");
  if (!charts.has(panel.id)) {
    const definition = definitions[panel.id];
    charts.set(panel.id, {
      id: panel.id,
      definition,
      place,
      board: panel.closest(".board"),
      zone: zoneOf(definition.zone),
      hidden: new Set([...definition.series.keys()].filter((index) => definition.series[index].hidden)),
      values: aligned(definition.series),
    });
  }
  return charts.get(panel.id);
}

// Those that are seen are drawn first, and nothing waits for the others.

const waiting = new Set();
let isWorking = false;

function isSeen(place) {
  const { top, bottom } = place.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

function work() {
  const until = performance.now() + 50;
  // All are measured before one is drawn: measuring after it would lay the page out anew each time.
  const next = [...waiting]
    .map((place) => ({ place, width: place.clientWidth, height: place.clientHeight, rank: isSeen(place) }))
    .sort((one, other) => other.rank - one.rank);
  for (const { place, width, height } of next) {
    waiting.delete(place);
    if (width > 20 && height > 20) fit(chartOf(place), { width: width + BEYOND, height });
    if (performance.now() > until) break;
  }
  isWorking = waiting.size > 0;
  if (isWorking) setTimeout(work);
  else told(charts.size);
}

// Whoever looks at the page by a program can wait for this.
function told(count) {
  // uPlot draws when the script has ended.
  setTimeout(() => {
    performance.mark("drawn");
    root.dataset.drawn = String(count);
  });
}

function fit(chart, size) {
  chart.size = size;
  if (chart.plot) chart.plot.setSize(size);
  else build(chart);
}

function repaint() {
  for (const chart of charts.values()) if (chart.plot) build(chart);
}

// Legends

function isolate(chart, index, isMore) {
  const all = [...chart.definition.series.keys()];
  const { hidden } = chart;
  const isOnly = all.every((each) => hidden.has(each) === (each !== index));
  if (isMore) hidden.has(index) ? hidden.delete(index) : hidden.add(index);
  else all.forEach((each) => (isOnly || each === index ? hidden.delete(each) : hidden.add(each)));
  for (const button of chart.place.parentElement.querySelectorAll("[data-series]")) {
    button.setAttribute("aria-pressed", String(!hidden.has(Number(button.dataset.series))));
  }
  build(chart);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-series]");
  const panel = button?.closest(".panel");
  if (!panel || !charts.has(panel.id)) return;
  isolate(charts.get(panel.id), Number(button.dataset.series), event.ctrlKey || event.metaKey || event.shiftKey);
});

// The cursor, by keys

document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const chart = event.target.matches?.(".panel") && charts.get(event.target.id);
  if (!chart?.plot) return;
  if (event.key === "Enter") {
    showValues(chart, true);
    hover.querySelector("a")?.focus();
  }
  if (!step) return;
  event.preventDefault();
  const { plot } = chart;
  const [first, last] = plot.series[0].idxs;
  const at = Math.min(Math.max((plot.cursor.idx ?? (step > 0 ? first - 1 : last + 1)) + step * (event.shiftKey ? 10 : 1), first), last);
  plot.setCursor({ left: plot.valToPos(plot.data[0][at], "x"), top: plot.over.clientHeight / 2 });
  showValues(chart);
});

document.addEventListener("focusout", (event) => {
  hideHover();
  charts.get(event.target.id)?.plot?.setCursor({ left: -10, top: -10 });
});

async function start() {
  const element = document.getElementById("data");
  if (element) definitions = await unpacked(element);
  const observer = new ResizeObserver((entries) => {
    for (const entry of entries) waiting.add(entry.target);
    if (!isWorking) work();
  });
  const places = [...document.querySelectorAll(".chart")].filter((each) => each.closest(".panel").id in definitions);
  for (const place of places) observer.observe(place);
  // What is folded or on another tab is drawn when it is seen.
  if (!places.some((each) => each.checkVisibility() && each.clientWidth > 20)) told(0);
}
