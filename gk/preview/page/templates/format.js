"use strict";
// Numbers as the fields of a panel show them, from the spec that gk.preview.fields.spec_of makes.
// gk.preview.fields.units says what the kinds of formats are, and printers has the same in Python.
//
//   text(value, spec)            as a value is shown
//   text(value, spec, decimals)  as an axis shows it, whose ticks need so many decimals
//   tickDecimals(increment)      how many these are; undefined: as many as the value needs

const { text, tickDecimals } = (() => {
  const COUNTS = ["", "K", "M", "B", "T"];
  const INTERVALS = [
    ["year", 31536e6], ["month", 2592e6], ["week", 6048e5], ["day", 864e5], ["hour", 36e5],
    ["minute", 6e4], ["second", 1e3], ["millisecond", 1],
  ];
  const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December"];
  const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
  const TOKENS = /\[([^\]]*)\]|\\(.)|YYYY|YY|MMMM|MMM|MM|M|DD|D|dddd|ddd|HH|H|hh|h|mm|m|ss|s|SSS|A|a/g;

  const decimalsFor = (value) => {
    if (value % 1 === 0) return 0;
    const size = Math.abs(value);
    const decimals = 1 - Math.floor(Math.log(size) / Math.LN10);
    return Math.max(0, size / Math.pow(10, -decimals) > 2.25 ? decimals + 1 : decimals);
  };

  const fixed = (value, given) => {
    if (Number.isNaN(value)) return "NaN";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
    const decimals = Math.min(100, given ?? decimalsFor(value));
    if (decimals <= 0) return String(Math.round(value) + 0);
    if (value === 0) return (0).toFixed(decimals);
    const factor = Math.pow(10, decimals);
    const written = String(Math.round(value * factor) / factor);
    if (written.includes("e")) return written;
    const [whole, places = ""] = written.split(".");
    return `${whole}.${places.padEnd(decimals, "0")}`;
  };

  const scaled = (value, decimals, factor, names, offset = 0) => {
    if (!Number.isFinite(value)) return [fixed(value), "", ""];
    const power = value && Math.floor(Math.log10(Math.abs(value)) / Math.log10(factor));
    const index = Math.min(Math.max(offset + power, 0), names.length - 1);
    return [fixed(value / factor ** (index - offset), decimals), "", names[index]];
  };

  const intervals = (size, more) => {
    const words = [];
    let left = size;
    for (const [name, length] of INTERVALS) {
      if (more < words.length) break;
      if (left >= length || words.length) {
        const whole = Math.floor(left / length);
        words.push(`${whole} ${name}${whole === 1 ? "" : "s"}`);
        left %= length;
      }
    }
    return words.join(", ");
  };

  const two = (number) => (number > 9 ? `${number}` : `0${number}`);
  const hms = (seconds) =>
    [seconds / 3600, (seconds % 3600) / 60, (seconds % 3600) % 60].map(Math.floor).map(two).join(":");
  const dhms = (seconds) => {
    const days = Math.floor(seconds / 86400);
    return `${days > 0 ? `${days} d ` : ""}${hms(Math.abs(seconds - days * 86400))}`;
  };
  const signed = (value, written) =>
    value < 0 ? [written(-value), "", " ago"] : [written(value), "", ""];

  // In UTC.
  const date = (milliseconds, pattern) => {
    const when = new Date(milliseconds);
    if (Number.isNaN(when.getTime())) return "Invalid date";
    const [hour, day, month] = [when.getUTCHours(), when.getUTCDate(), when.getUTCMonth()];
    const year = String(when.getUTCFullYear()).padStart(4, "0");
    const half = (hour + 11) % 12 + 1;
    const weekday = DAYS[when.getUTCDay()];
    const [minute, second] = [when.getUTCMinutes(), when.getUTCSeconds()];
    const parts = {
      YYYY: year, YY: year.slice(-2), MMMM: MONTHS[month], MMM: MONTHS[month].slice(0, 3),
      MM: two(month + 1), M: month + 1, DD: two(day), D: day, dddd: weekday,
      ddd: weekday.slice(0, 3), HH: two(hour), H: hour, hh: two(half), h: half, mm: two(minute),
      m: minute, ss: two(second), s: second,
      SSS: String(when.getUTCMilliseconds()).padStart(3, "0"),
      A: hour > 11 ? "PM" : "AM", a: hour > 11 ? "pm" : "am",
    };
    return pattern.replace(TOKENS, (token, plain, escaped) => plain ?? escaped ?? parts[token]);
  };

  const clock = (size, decimals) => {
    const most = decimals >= 0 ? decimals : 3;
    const when = Math.trunc(size);
    const rest = (whole, length) => String(((whole % length) + length) % length);
    const parts = Math.abs(size) <= 8.64e15
      ? [
        `${rest(Math.floor(when / 6e4), 60).padStart(2, "0")}m`,
        `${rest(Math.floor(when / 1e3), 60).padStart(2, "0")}s`,
        `${rest(when, 1e3).padStart(3, "0")}ms`,
      ]
      : ["Invalid date"];
    if (size < 1e3) return parts.at(-1);
    if (size < 6e4) return (most ? parts.slice(-2) : parts.slice(-2, -1)).join(":");
    if (size < 36e5) return parts.slice(0, most + 1).join(":");
    return [`${Math.floor(size / 36e5)}h`, ...parts.slice(0, most)].join(":");
  };

  const grouped = (value, least, most) =>
    value.toLocaleString("en-US", {
      minimumFractionDigits: Math.min(least, 100), maximumFractionDigits: Math.min(most, 100),
    });

  const hexadecimal = (value, decimals) =>
    parseFloat(fixed(value, decimals)).toString(16).toUpperCase();

  // Each returns the text, what is before it, and what is after it.
  const KINDS = {
    fixed: (value, decimals, { names, factor = 1 }) => [fixed(factor * value, decimals), ...names],
    scaled: (value, decimals, { names, factor, offset }) =>
      scaled(value, decimals, factor, names, offset),
    count: (value, decimals, { names, factor }) => {
      const parts = scaled(value, decimals, factor, names.slice(0, -1));
      // Grafana adds the unit to a suffix that is not there.
      return Number.isFinite(value) ? parts : [parts[0], "", `undefined ${names.at(-1)}`];
    },
    currency: (value, decimals, { names: [before, after] }) => {
      const scale = COUNTS.map((each) => each + after);
      const [written, , suffix] = scaled(Math.abs(value), decimals, 1000, scale);
      return [written, value < 0 ? `-${before}` : before, suffix];
    },
    steps: (given, decimals, { names = [], factor, steps }) => {
      const value = factor ? given / 100 : given;
      if (value === 0 && names.length) return ["0", "", names[0]];
      const found = steps.find(([limit]) => limit === null || Math.abs(value) < limit);
      const [, divisor, name] = found ?? steps.at(-1);
      const shown = divisor > 0 ? value / divisor : value * -divisor;
      const suffix = name.endsWith("+") ? name.slice(0, -1) + (Math.abs(shown) > 1 ? "s" : "") : name;
      return [fixed(shown, decimals), "", suffix];
    },
    duration: (value, decimals, spec) => {
      if (value === 0) return ["0", "", spec.names[0]];
      if (value < 0) {
        const [written, , suffix] = KINDS.duration(-value, decimals, spec);
        return [written, "", `${suffix} ago`];
      }
      return [intervals(value * (spec.factor ?? 1), decimals ?? 0), "", ""];
    },
    hms: (value) => signed(value, hms),
    dhms: (value) => signed(value, dhms),
    clock: (value, decimals, { factor = 1 }) => [clock(value * factor, decimals), "", ""],
    datetime: (value, _, { names }) => [date(value, names[0]), "", ""],
    system: (value) => [date(value, "YYYY-MM-DD HH:mm:ss"), "", ""],
    ago: (value) => [date(value, "YYYY-MM-DD HH:mm:ss"), "", ""],
    bool: (value, _, { names }) => [value ? names[0] : names[1], "", ""],
    hex: (value, decimals, { names: [before] = [""] }) => {
      const written = hexadecimal(value, decimals);
      const isNegative = written.startsWith("-");
      return [isNegative ? `-${before}${written.slice(1)}` : before + written, "", ""];
    },
    sci: (value, decimals) => [value.toExponential(decimals ?? undefined), "", ""],
    locale: (value, decimals) => [grouped(value, 0, decimals ?? 3), "", ""],
    financial: (value, decimals, { names }) =>
      [grouped(value, decimals ?? 0, decimals ?? 1), ...names],
    string: (value) => [String(value), "", ""],
  };

  const isNaNumber = (value) => Number.isNaN(value);
  const SPECIAL = {
    "null": (value) => value === null,
    "nan": isNaNumber,
    "null+nan": (value) => value === null || isNaNumber(value),
  };

  const limit = (given, missing) => {
    const number = given == null ? missing : parseFloat(given);
    return Number.isNaN(number) ? missing : number;
  };
  const MAPPINGS = {
    value: (value, options) =>
      value !== null && Object.hasOwn(options, String(value)) ? options[String(value)] : null,
    range: (value, { from, to, result }) =>
      value !== null && value >= limit(from, -Infinity) && value <= limit(to, Infinity) ? result : null,
    special: (value, { match, result }) => (SPECIAL[match]?.(value) ? result : null),
  };
  const mapped = (value, mappings) => {
    for (const { type, options } of mappings) {
      const result = MAPPINGS[type](value, options);
      if (result) return result.text ?? null;
    }
    return null;
  };

  const trimmed = ([written, before, after]) => {
    const number = Number(written);
    return [Number.isNaN(number) ? written : String(number), before, after];
  };

  const text = (value, spec, decimals) => {
    const found = mapped(value, spec.mappings ?? []);
    if (found !== null) return String(found);
    if (value === null || Number.isNaN(value)) {
      return (value === null ? "" : "NaN") || (spec.noValue ?? "");
    }
    const [written, before, after] = spec.trims && decimals !== undefined && decimals !== null
      ? trimmed(KINDS[spec.kind](value, decimals, spec))
      : KINDS[spec.kind](value, spec.decimals, spec);
    return before + written + after;
  };

  const tickDecimals = (increment) => {
    const rounded = Number.isInteger(increment)
      ? increment
      : Math.round(increment * 1e6 * (1 + Number.EPSILON)) / 1e6;
    return (String(rounded).split(".")[1] ?? "").length || undefined;
  };

  return { text, tickDecimals };
})();
