// Writes what Grafana shows of values, as its own library says: see tests/grafana_values.py, which
// runs this with a folder that has the library, and with units on stdin.
//
// Numbers that JSON lacks are the texts NaN, Infinity and -Infinity.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [folder] = process.argv.slice(2);

// What the library expects of a browser. Its clock stands still for times that are said from now.
const NOW = Date.UTC(2026, 5, 15, 12, 30, 0);
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length ? given : [NOW]));
  }
  static now() {
    return NOW;
  }
};
const define = (name, value) =>
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
define("navigator", { languages: ["en-US"], language: "en-US", userAgent: "" });
const anything = () => new Proxy(() => {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => "" : anything()), apply: anything, construct: anything, set: () => true,
});
for (const name of ["window", "document", "localStorage"]) define(name, anything());
console.log = console.info = console.warn = console.error = () => {};

const require = createRequire(path.resolve(folder, "package.json"));
const data = require("@grafana/data");
const { version } = require(path.resolve(folder, "node_modules/@grafana/data/package.json"));
// Fields of 9.3 have vectors.
for (const [name, method] of [["get", function (index) { return this[index]; }], ["toArray", function () { return this; }]]) {
  if (version.startsWith("9.")) Object.defineProperty(Array.prototype, name, { value: method });
}
const dark = data.createTheme({ colors: { mode: "dark" } });
const light = data.createTheme({ colors: { mode: "light" } });

const plain = (value) => {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  }
  return value === undefined ? null : value;
};
const trimmed = (list) => {
  while (list.length > 1 && !list.at(-1)) list.pop();
  return list;
};
// Chromium writes a plain space before AM where node has a narrow one.
const parts = ({ text, prefix, suffix }) => trimmed([text.replace("\u202f", " "), suffix ?? "", prefix ?? ""]);

// 12.4 and before fail where 13 goes on: with a matcher or a colour mode that they do not know.
const known = (work) => (given) => {
  try {
    return work(given);
  } catch (error) {
    return null;
  }
};

// Numbers in units. A small generator, so that a run gives the same numbers as the last one.

let seed = 20260615;
const random = () => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return seed / 2 ** 32;
};
const FEW = [
  0, 1, -1, 0.5, 2.345, -1234.5678, 999.99, 1000, 1024, 123456789, 1.5e-5, -0.00075, 7.3e13, 1e21,
  NaN, Infinity, -Infinity,
];
const WITH_DECIMALS = [0, 1.005, -2.5, 1234.5678, 0.00125, 98765432.1];
const edges = [0.001, 1, 7, 24, 60, 100, 168, 365, 1000, 1024, 1440, 3600, 8760, 10080, 86400, 525948,
  604800, 1e6, 1024 ** 2, 31536e3, 6e4, 36e5, 864e5, 1e9, 31536e6, 6e10, 1e12, 1024 ** 4, 36e11, 864e11,
  1e15, 1e18];
const MANY = [
  ...edges.flatMap((each, index) => [each, each * (1 - 2 ** -52), index % 3 ? each * 1.5 : -0.999 * each]),
  ...[...Array(40)].map(() => Number(((random() < 0.5 ? -1 : 1) * 10 ** (random() * 24 - 9)).toPrecision(1 + Math.floor(random() * 16)))),
  1e-7, 1.25e-9, 1e-20, 1.7976931348623157e308, 2 ** 53, 0.1 + 0.2, 2.25, 22.5, 0.000225, 0.0000226, 1e20,
];
// One of each kind of format sees many numbers.
const THOROUGH = new Set([
  "none", "short", "percentunit", "bytes", "mbytes", "decbytes", "currencyUSD", "ns", "µs", "ms", "s", "m", "h",
  "d", "timeticks", "dtdurationms", "dtdurations", "dthms", "dtdhms", "clockms", "clocks", "reqps", "sci", "hex0x",
  "locale", "currency:financial:$",
]);
const DATES = [0, 1, -1, 951782400123, 1750000000000, NOW, NOW - 3 * 3600e3, NOW - 40e3, NOW + 90e3,
  NOW - 26 * 864e5, NOW - 300 * 864e5, NOW - 345 * 864e5, NOW + 800 * 864e5, 253402300799999, NaN, Infinity];

const format = (unit, value, decimals) => known(() => parts(data.getValueFormat(unit)(value, decimals, null, "utc")))();
const numbers = (unit) => {
  const isDate = unit.startsWith("dateTime") || unit.startsWith("time:");
  const rows = [];
  const values = isDate ? DATES : THOROUGH.has(unit) ? [...FEW, ...MANY] : FEW;
  rows.push([null, values.map((each) => format(unit, each))]);
  if (isDate) return rows;
  for (const decimals of [0, 1, 3]) {
    const some = THOROUGH.has(unit) ? [...WITH_DECIMALS, ...MANY.filter((_, index) => index % 3 === decimals % 3)] : WITH_DECIMALS;
    rows.push([decimals, some.map((each) => format(unit, each, decimals))]);
  }
  return rows;
};

// Values of fields

const STEPS = [
  { value: -Infinity, color: "green" }, { value: 50, color: "#EAB839" }, { value: 80, color: "rgba(245, 54, 54, 0.9)" },
];
const ABSOLUTE = { mode: "absolute", steps: STEPS };
const PERCENTAGE = { mode: "percentage", steps: STEPS };
const NUMBERS = [1, 49.9, 50, 79, 80, 99.123, 250, -3, null, NaN, 0, Infinity, -Infinity];
const SERIES = [10, 30, null, 75.5, 100];
const number = (config, extra = {}) => ({ name: "Value", type: "number", config, values: SERIES, ...extra });
const mapping = (type, options) => ({ type, options });
const SCHEMES = [
  "continuous-GrYlRd", "continuous-RdYlGr", "continuous-BlYlRd", "continuous-YlRd", "continuous-BlPu", "continuous-YlBl",
  "continuous-blues", "continuous-reds", "continuous-greens", "continuous-purples", "continuous-viridis",
  "continuous-magma", "continuous-plasma", "continuous-inferno", "continuous-cividis",
];
const COLORS = ["green", "dark-red", "super-light-blue", "text", "transparent", "panel-bg", "#abc", "#12345678", "#A1B2C3",
  "rgb(1, 2, 3)", "rgba(10, 20, 30, 0.5)", "hsl(120, 50%, 25%)", "hsla(10, 80%, 50%, 0.25)", "Tomato", "rebeccapurple", "blurple", "", "ff0000",
  "rgb(10%, 20%, 30%)", "darkred", "Red"];
const displays = [
  [number({}), NUMBERS], [number({ unit: "bytes" }), NUMBERS], [number({ unit: "percentunit", decimals: 2 }), NUMBERS],
  [number({ unit: "reqps", thresholds: ABSOLUTE }), NUMBERS],
  [number({ unit: "short", decimals: 0, noValue: "none", thresholds: PERCENTAGE }), NUMBERS],
  [number({ min: 0, max: 200, thresholds: PERCENTAGE }), NUMBERS], [number({ min: 100, thresholds: PERCENTAGE }), NUMBERS],
  [number({ thresholds: { mode: "absolute", steps: [] } }), NUMBERS],
  [number({ thresholds: { mode: "percentage", steps: STEPS } }, { values: [] }), NUMBERS],
  [number({ thresholds: { mode: "percentage", steps: STEPS } }, { values: [7, 7] }), [7, 8, 6, null]],
  [number({ thresholds: ABSOLUTE, color: { mode: "thresholds" } }), NUMBERS],
  ...COLORS.map((each) => [number({ color: { mode: "fixed", fixedColor: each } }), [1]]),
  [number({ color: { mode: "fixed" } }), [1]], [number({ color: { mode: "shades" } }), [1]], [number({ color: { mode: "nonsense" } }), [1]],
  ...[..."0123456789"].concat(["10", "11", "25"]).flatMap((each) => [
    [number({ color: { mode: "shades", fixedColor: "blue" } }, { state: { seriesIndex: +each } }), [1]],
    [number({ color: { mode: "shades", fixedColor: "#ffffff" } }, { state: { seriesIndex: +each } }), [1]],
    [number({ color: { mode: "shades", fixedColor: "dark-orange" } }, { state: { seriesIndex: +each } }), [1]],
  ]),
  ...[...Array(70).keys()].map((each) => [number({ color: { mode: "palette-classic" } }, { state: { seriesIndex: each } }), [1]]),
  ...["a", "up", "node_cpu_seconds_total", "{instance=\"localhost:9090\"}", "été", "😀", "B-series", "10.0.0.1:9100"].map((each) => [
    number({ color: { mode: "palette-classic-by-name" } }, { name: each }), [1]]),
  ...SCHEMES.flatMap((mode) => [
    [number({ min: 0, max: 100, color: { mode } }), [0, 3, 12.5, 25, 33.3, 50, 61, 75, 90, 99, 100, 150, -10, null, NaN]],
  ]),
  [number({ unit: "percent", mappings: [mapping("value", { 1: { text: "one", color: "red", index: 0 }, 0: { text: "" }, 50: { color: "purple" } })] }), NUMBERS],
  [number({ mappings: [mapping("range", { from: 10, to: 60, result: { text: "some" } }), mapping("range", { from: 60, result: { text: "much", color: "#ff0000" } }), mapping("range", { to: -1, result: { text: "less" } })] }), NUMBERS],
  [number({ mappings: [mapping("range", { from: null, to: null, result: { text: "any" } })] }), NUMBERS],
  [number({ mappings: [mapping("special", { match: "null", result: { text: "N/A", color: "blue" } }), mapping("special", { match: "nan", result: { text: "not a number" } })] }), NUMBERS],
  [number({ mappings: [mapping("special", { match: "null+nan", result: { text: "-" } })], noValue: "nothing" }), NUMBERS],
  [number({ noValue: "nothing", unit: "s" }), [null, NaN, "", 0, "12", " 12 ", "0x10", "abc", true]],
  [number({ unit: "s", decimals: 1, min: 0, max: 10, thresholds: ABSOLUTE }), [0, 0.02, 5, 75, 3601, 1e9]],
  [number({ unit: "string" }), [1, null, "x"]],
  [number({ unit: "bool" }), [0, 1, 2, null]], [number({ unit: "bool:up/down" }), [0, 1]],
  [number({ unit: "currencyEUR", decimals: 2 }), [1234.5, -2, null]],
  [number({ unit: "dateTimeAsIso" }), [1750000000000, "2025-06-15T15:06:40Z", null]],
  [number({ unit: "locale" }), [1234567.891, 0.5]],
  [{ name: "s", type: "string", config: {}, values: ["a"] }, ["a", "", null, 5, "12"]],
  [{ name: "s", type: "string", config: { unit: "bytes" }, values: ["a"] }, ["a", "2048", "", null]],
  [{ name: "s", type: "string", config: { noValue: "-", thresholds: ABSOLUTE }, values: ["a"] }, ["a", "", null, "70"]],
  [{ name: "s", type: "string", config: { mappings: [mapping("regex", { pattern: "/^(.*)-(\\d+)$/", result: { text: "$2 of $1", color: "orange" } }), mapping("regex", { pattern: "abc", result: { text: "whole" } }), mapping("value", { x: { text: "X" } })] }, values: [] }, ["node-12", "abc", "abcd", "x", "", null]],
  [{ name: "s", type: "string", config: { mappings: [mapping("regex", { pattern: "/a/gi", result: { text: "b" } }), mapping("regex", { pattern: "/(?<n>\\w+)@(.*)/", result: { text: "$<n> at $2 $$ $& $9" } }), mapping("special", { match: "empty", result: { text: "EMPTY" } })] }, values: [] }, ["bAnana", "me@home", "", "zzz"]],
  [{ name: "s", type: "string", config: { mappings: [mapping("special", { match: "true", result: { text: "yes" } }), mapping("special", { match: "false", result: { text: "no", color: "red" } })] }, values: [] }, ["true", "false", "maybe"]],
  [{ name: "b", type: "boolean", config: {}, values: [] }, [true, false, null, 1, 0]],
  [{ name: "b", type: "boolean", config: { unit: "bool_yes_no", color: { mode: "continuous-BlPu" } }, values: [] }, [true, false]],
  [{ name: "b", type: "boolean", config: { mappings: [mapping("value", { true: { text: "up" }, false: { text: "down", color: "purple" } })] }, values: [] }, [true, false, null]],
  [{ name: "t", type: "time", config: {}, values: [1750000000000, 1750003600000] }, [1750000000000, 1750000000123, null]],
  [{ name: "t", type: "time", config: {}, values: [1750000000000, 1750000030000] }, [1750000000000, 1750000000123]],
  [{ name: "t", type: "time", config: { unit: "time:YYYY-[W]WW" }, values: [1750000000000] }, [1750000000000, 0]],
  [{ name: "t", type: "time", config: { unit: "bytes" }, values: [1750000000000] }, [1750000000000]],
  [{ name: "t", type: "time", config: { unit: "dateTimeAsUS", decimals: 2 }, values: [] }, [1750000000000, null]],
  [{ name: "o", type: "other", config: {}, values: [] }, [["a", 1, null], "x", 5, null]],
];
const shown = (field, theme, values) => {
  const state = field.state ? { ...field.state } : undefined;
  const show = data.getDisplayProcessor({ field: { ...field, state }, theme, timeZone: "utc" });
  return values.map((value) => show(value));
};
const color = (text) => (text ? data.colorManipulator.asHexString(text) : text);
const schemed = (field) => field.config.color?.mode?.startsWith("continuous") && !field.config.color.mode.match(/viridis|magma|plasma|inferno|cividis/);
const displayed = ([field, values]) => {
  const other = schemed(field) ? [] : shown(field, light, values);
  return {
    field: plain(field),
    values: plain(values),
    shown: shown(field, dark, values).map((each, index) => {
      const [one, two] = [color(each.color), color(other[index]?.color ?? "")];
      return trimmed([...parts({ prefix: "", suffix: "", ...each }).concat(["", ""]).slice(0, 3), one, plain(each.percent), two && two !== one ? two : null]);
    }),
  };
};
const adjacent = [
  [number({ unit: "bytes" }), 2], [number({ unit: "percentunit" }), 1], [number({}), 3], [number({ unit: "s" }), 1],
  [number({ unit: "s", decimals: 0 }), 2], [number({ unit: "currencyUSD" }), 2], [number({ unit: "locale" }), 2], [number({ unit: "short" }), 0],
];
const ticks = [0, 0.05, 0.25, 1, 1.5, 1024, 1536, 2e6, -0.5, 3600, 5400];
const onAxis = ([field, decimals]) => {
  const show = data.getDisplayProcessor({ field, theme: dark, timeZone: "utc" });
  return { field: plain(field), decimals, values: ticks, shown: ticks.map((each) => parts(show(each, decimals))) };
};

// One value of many

const LISTS = [
  [], [1], [0, 0, 0], [null, null], [1, 2, 3, 4], [5, null, 3, NaN, 8], [NaN, NaN], [null, 7, null], [1, 2, 1, 5, 6, 2, 9],
  [0, 10, 20], [-5, -3, -8.5], [1e300, 1e300, 1e308], [0.1, 0.2, 0.3, 0.4], [Infinity, 3], [3, 3, 4, 4, 3], [0, 0, 5], [-2, 4, null],
  [...Array(57)].map(() => Math.round(random() * 1e6) / 1e3),
];
const fields = [
  ...LISTS.map((values) => ({ name: "Value", type: "number", config: {}, values })),
  { name: "t", type: "time", config: {}, values: [1000, 2000, 4000] },
  { name: "s", type: "string", config: {}, values: ["b", "a", "", null, "b"] },
  { name: "b", type: "boolean", config: {}, values: [true, false, true, null] },
];
const reducers = data.fieldReducers.list().map(({ id }) => id);
const reductions = fields.map(known((field) => ({
  field: plain(field),
  results: Object.fromEntries(reducers.filter((id) => !/^p\d/.test(id) || ["p1", "p5", "p25", "p50", "p90", "p95", "p99"].includes(id)).map((id) => [
    id, plain(data.reduceField({ field: { ...field, values: [...field.values], state: undefined }, reducers: [id] })[id]),
  ])),
})));
const names = Object.fromEntries(data.fieldReducers.list().map(({ id, name }) => [id, name]));

// Names of fields

const time = { name: "Time", type: "time", values: [1000, 2000], config: {} };
const value = (extra = {}) => ({ name: "Value", type: "number", values: [1, 2], config: {}, ...extra });
const frame = (fields, extra = {}) => ({ fields, length: 2, ...extra });
const sets = [
  [frame([time, value()])],
  [frame([time, value({ labels: {} })])],
  [frame([time, value({ labels: { job: "a" } })])],
  [frame([time, value({ labels: { job: "a", instance: "b" } })])],
  [frame([time, value({ labels: { job: "a" } })]), frame([time, value({ labels: { job: "b" } })])],
  [frame([time, value({ labels: { job: "a" } })]), frame([time, value({ labels: { other: "b" } })])],
  [frame([time, value({ labels: { job: "a" } })], { name: "one" }), frame([time, value({ labels: { job: "b" } })], { name: "two" })],
  [frame([time, value()], { name: "one" }), frame([time, value()], { name: "two" })],
  [frame([time, value()], { name: "one" }), frame([time, value()], { name: "one" })],
  [frame([time, value()], { name: "one" })],
  [frame([time, value({ name: "up", labels: { job: "x", __name__: "up" } })])],
  [frame([time, value({ name: "cpu" }), value({ name: "cpu" }), value({ name: "cpu" }), value({ name: "mem" })])],
  [frame([time, value({ name: "cpu", labels: { core: "1" } }), value({ name: "cpu", labels: { core: "2" } })])],
  [frame([time, value({ config: { displayNameFromDS: "from source" } })]), frame([time, value({ config: { displayName: "configured", displayNameFromDS: "from source" } })])],
  [frame([time, value({ config: { displayName: "" } })])],
  [frame([{ ...time, labels: { a: "b" } }, value({ name: "" })])],
  [frame([time, value({ labels: { a: "1", b: "2" }, name: "x" })], { name: "f" }), frame([time, value({ labels: { a: "1", b: "2" }, name: "x" })], { name: "g" })],
  [frame([time, value({ labels: { q: 'say "hi"' } })]), frame([time, value({ labels: {} })])],
  [frame([{ ...time, labels: {} }, { ...time, labels: {} }, value(), value()])],
  [frame([time, value()], { meta: { timeCompare: { isTimeShiftQuery: true } } })],
];
const copied = (frames) => structuredClone(frames);
const named = sets.map((given) => {
  const frames = copied(given);
  return {
    frames: plain(given),
    names: frames.map((each) => each.fields.map((field) => data.getFieldDisplayName(field, each, frames))),
    alone: copied(given).map((each, index) => data.getFrameDisplayName(each, index)),
  };
});

// Overrides

const standard = (id, process, shouldApply = () => true) => ({ id, path: id, name: id, process, shouldApply, override: () => null, editor: () => null });
const isNumber = (field) => field.type === "number";
const registry = new data.FieldConfigOptionsRegistry(() => [
  standard("displayName", data.displayNameOverrideProcessor), standard("unit", data.unitOverrideProcessor ?? data.stringOverrideProcessor),
  standard("noValue", data.stringOverrideProcessor), standard("min", data.numberOverrideProcessor, isNumber),
  standard("max", data.numberOverrideProcessor, isNumber), standard("decimals", data.numberOverrideProcessor, isNumber),
  standard("thresholds", data.thresholdsOverrideProcessor), standard("mappings", data.valueMappingsOverrideProcessor, (field) => field.type !== "time"),
  standard("links", data.dataLinksOverrideProcessor), standard("color", data.identityOverrideProcessor),
  { ...standard("fieldMinMax", data.booleanOverrideProcessor), path: "fieldMinMax" },
  ...["lineWidth", "axisPlacement", "hideFrom", "lineStyle"].map((id) => ({ ...standard(`custom.${id}`, data.identityOverrideProcessor), path: id, isCustom: true })),
]);
const rule = (id, options, ...properties) => ({ matcher: { id, options }, properties: properties.map(([property, each]) => ({ id: property, value: each })) });
const two = () => [
  frame([time, { ...value({ labels: { job: "a" } }), values: [10, 20] }], { refId: "A" }),
  frame([time, { ...value({ labels: { job: "b" } }), values: [0, 90] }], { refId: "B" }),
];
const table = () => [frame([time, { name: "job", type: "string", values: ["x", "y"], config: {} }, { name: "cpu", type: "number", values: [0.5, null], config: { unit: "bytes" } }, { name: "up", type: "boolean", values: [true, false], config: {} }, { name: "zero", type: "number", values: [0, 0], config: {} }], { refId: "A", name: "table" })];
// What Grafana adds for a panel whose colour follows the thresholds.
const added = { thresholds: { mode: "absolute", steps: [{ value: -Infinity, color: "green" }, { value: 80, color: "red" }] }, color: { mode: "thresholds" } };
const configs = [
  [two, { defaults: {}, overrides: [] }],
  [two, { defaults: { unit: "percent", decimals: 1, thresholds: ABSOLUTE, color: { mode: "palette-classic" } }, overrides: [] }],
  [two, { defaults: { color: { mode: "continuous-GrYlRd" } }, overrides: [] }],
  [two, { defaults: { color: { mode: "continuous-GrYlRd" }, fieldMinMax: true }, overrides: [] }],
  [two, { defaults: { min: 50, max: 10, thresholds: PERCENTAGE }, overrides: [] }],
  [two, { defaults: { max: 200, thresholds: PERCENTAGE }, overrides: [] }],
  [two, { defaults: { color: { mode: "palette-classic-by-name" } }, overrides: [] }],
  [two, { defaults: { color: {}, thresholds: ABSOLUTE }, overrides: [] }],
  [two, { defaults: { unit: "s" }, overrides: [rule("byName", "a", ["unit", "bytes"], ["decimals", "2"]), rule("byName", "nobody", ["unit", "short"])] }],
  [two, { defaults: {}, overrides: [rule("byName", "Value", ["unit", "bytes"]), rule("byName", "Time", ["unit", "time:HH"])] }],
  [two, { defaults: {}, overrides: [rule("byName", "a", ["displayName", "renamed"]), rule("byName", "renamed", ["color", { mode: "fixed", fixedColor: "purple" }])] }],
  [two, { defaults: {}, overrides: [rule("byRegexp", "/^[ab]$/", ["custom.lineWidth", 3]), rule("byRegexp", "a|c", ["custom.axisPlacement", "right"]), rule("byRegexp", "/(/", ["unit", "s"]), rule("byRegexp", "/broken", ["unit", "s"])] }],
  [two, { defaults: {}, overrides: [rule("byFrameRefID", "B", ["unit", "ms"], ["min", 5], ["max", "60"])] }],
  [two, { defaults: { unit: "ms", custom: { lineWidth: 1 } }, overrides: [rule("byType", "number", ["unit", null], ["custom.lineWidth", null])] }],
  [two, { defaults: {}, overrides: [rule("byValue", { reducer: "max", op: "gt", value: 50 }, ["color", { mode: "fixed", fixedColor: "red" }])] }],
  [two, { defaults: {}, overrides: [rule("byValue", { reducer: "last", op: "eq", value: 20 }, ["unit", "bytes"]), rule("byValue", { reducer: "min", op: "lte", value: 0 }, ["unit", "s"]), rule("byValue", { reducer: "mean", op: "neq", value: "15" }, ["decimals", 0])] }],
  [two, { defaults: {}, overrides: [rule("byNames", { mode: "exclude", names: ["a"] }, ["custom.hideFrom", { viz: true, legend: false }]), rule("byNames", { names: ["b"] }, ["unit", "short"])] }],
  [two, { defaults: {}, overrides: [rule("byRegexpOrNames", { pattern: "/^b/", names: ["a"] }, ["unit", "short"])] }],
  [two, { defaults: { mappings: [mapping("value", { 10: { text: "ten" } })] }, overrides: [rule("byName", "a", ["mappings", [mapping("value", { 10: { text: "TEN" }, 20: { text: "TWENTY" } })]]), rule("byName", "b", ["mappings", []])] }],
  [two, { defaults: { displayName: "same" }, overrides: [rule("byName", "same", ["unit", "short"])] }],
  [two, { defaults: {}, overrides: [rule("unknown", "x", ["unit", "short"]), rule("byType", "number", ["unknown", 1], ["noValue", 0])] }],
  [table, { defaults: { unit: "short", decimals: 2, mappings: [mapping("special", { match: "null", result: { text: "none" } })] }, overrides: [] }],
  [table, { defaults: {}, overrides: [rule("byType", "string", ["unit", "bytes"]), rule("byType", "time", ["unit", "dateTimeAsUS"]), rule("numeric", null, ["decimals", 3]), rule("time", null, ["displayName", "When"])] }],
  [table, { defaults: {}, overrides: [rule("first", null, ["displayName", "1st"]), rule("firstTimeField", null, ["unit", "time:YYYY"]), rule("byValue", { reducer: "allIsZero" }, ["displayName", "nothing here"]), rule("byValue", { reducer: "allIsNull" }, ["displayName", "null"])] }],
];
const KEPT = ["displayName", "unit", "min", "max", "decimals", "noValue", "mappings", "custom"];
const overridden = configs.map(known(([make, fieldConfig]) => {
  const applied = data.applyFieldOverrides({
    data: make(), fieldConfig: structuredClone({ ...fieldConfig, defaults: { ...added, ...fieldConfig.defaults } }), fieldConfigRegistry: registry, replaceVariables: (each) => each, theme: dark, timeZone: "utc",
  });
  return {
    frames: plain(make()),
    config: plain(fieldConfig),
    fields: applied.map((each) => each.fields.map((field) => ({
      name: data.getFieldDisplayName(field, each, applied),
      config: plain(Object.fromEntries(KEPT.filter((key) => field.config[key] !== undefined && Object.keys(Object(field.config[key])).length + (typeof field.config[key] !== "object")).map((key) => [key, field.config[key]]))),
      shown: field.values.map((one) => {
        const found = field.display(one);
        return [data.formattedValueToString(found), color(found.color)];
      }),
      series: color(data.getFieldSeriesColor(field, dark).color),
    }))),
  };
}));

const units = JSON.parse(readFileSync(0, "utf8"));
const hues = (theme) => Object.fromEntries(theme.visualization.hues.flatMap(({ shades }) => shades.map((each) => [each.name, each.color.toLowerCase()])));
const sections = {
  formats: Object.fromEntries(units.map((unit) => [unit, numbers(unit)])),
  displays: displays.map(known(displayed)), axes: adjacent.map(onAxis), reductions, named, overridden,
};
const head = {
  version, now: NOW,
  values: plain({ few: FEW, many: MANY, dates: DATES, decimals: WITH_DECIMALS }), thorough: [...THOROUGH],
  reducers: names, hues: { dark: hues(dark), light: hues(light) }, palette: dark.visualization.palette,
};
// A line for each case: differences between two tables are read.
const lines = (name, each) => {
  const rows = Array.isArray(each) ? each.map((row) => JSON.stringify(row)) : Object.entries(each).map(([key, row]) => `${JSON.stringify(key)}: ${JSON.stringify(row)}`);
  const [open, close] = Array.isArray(each) ? "[]" : "{}";
  return `${JSON.stringify(name)}: ${open}\n${rows.join(",\n")}\n${close}`;
};
process.stdout.write(`{\n${[...Object.entries(head).map(([key, each]) => `${JSON.stringify(key)}: ${JSON.stringify(each)}`), ...Object.entries(sections).map(([key, each]) => lines(key, each))].join(",\n")}\n}\n`);
