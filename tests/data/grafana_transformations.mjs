// Writes tests/data/grafana_transformations.json: what Grafana's own transformations make of hand-made frames.
//
//     npm install --prefix FOLDER --legacy-peer-deps --ignore-scripts @grafana/data@13.2.3 react@18 react-dom@18 jsdom@22
//     node tests/data/grafana_transformations.mjs FOLDER > tests/data/grafana_transformations.json
//
// It runs with 9.3 (and react@17) and 12.4, too, to see what differs.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const packages = createRequire(resolve(process.argv[2], 'package.json'));
const { window } = new (packages('jsdom').JSDOM)('', { url: 'http://localhost/' });
Object.assign(globalThis, { window, document: window.document, history: window.history, location: window.location });
console.warn = () => {};
const data = packages('@grafana/data');

// Since 13 a transformation is loaded when it is needed.
const isLazy = !('transformation' in data.standardTransformers.organizeFieldsTransformer) && /^1[3-9]/.test(
  packages('@grafana/data/package.json').version
);
data.standardTransformersRegistry.setInit(() =>
  [...new Map(Object.values(data.standardTransformers).map((each) => [each.id, each])).values()].map((each) => ({
    id: each.id,
    aliasIds: each.aliasIds,
    name: each.name,
    transformation: isLazy ? () => Promise.resolve(each) : each,
  }))
);

const field = (name, type, values, labels, config = {}) => ({ name, type, values, labels, config });
const time = (...values) => field('Time', 'time', values);
const number = (name, ...values) => field(name, 'number', values);
const string = (name, ...values) => field(name, 'string', values);
const boolean = (name, ...values) => field(name, 'boolean', values);
const frame = (refId, ...fields) => ({ refId, fields });
const named = (name, refId, ...fields) => ({ name, refId, fields });
const labelled = (values, labels, config = {}, name = 'Value') => field(name, 'number', values, labels, config);
const series = (refId, times, values, labels, legend) =>
  frame(refId, time(...times), labelled(values, labels, legend ? { displayNameFromDS: legend } : {}));

const T = [1000, 2000, 3000];
const cpu = () => [
  series('A', T, [1, 2, 3], { __name__: 'cpu', host: 'a', mode: 'idle' }, 'a idle'),
  series('A', T, [4, 5, 6], { __name__: 'cpu', host: 'b', mode: 'user' }, 'b user'),
];
const unnamed = () => [
  series('A', T, [1, 2, 3], { host: 'a' }),
  series('B', T, [4, 5, 6], { host: 'b' }),
];
const metric = () => [
  frame('A', time(...T), labelled([1, 2, 3], { __name__: 'up', job: 'x' }, {}, 'up')),
  frame('A', time(...T), labelled([0, 1, 0], { __name__: 'up', job: 'y' }, {}, 'up')),
];
const apart = () => [
  series('A', [1000, 2000], [1, 2], { host: 'a' }, 'a'),
  series('B', [2000, 3000], [20, 30], { host: 'b' }, 'b'),
  series('C', [500], [7], { host: 'c' }, 'c'),
];
const table = () => [
  frame(
    'A',
    time(1000, 1000, 1000, 1000),
    string('host', 'b', 'a', 'C', 'ä'),
    string('job', 'x', 'y', 'x', ''),
    field('Value', 'number', [3, 1.5, 2, -1])
  ),
];
const tables = () => [
  frame('A', time(1, 1, 1), string('host', 'a', 'b', 'c'), number('Value #A', 1, 2, 3)),
  frame('B', time(1, 1), string('host', 'b', 'd'), number('Value #B', 20, 40)),
];
const otherTimes = () => [
  frame('A', time(1, 1), string('host', 'a', 'b'), number('Value #A', 1, 2)),
  frame('B', time(2, 2), string('host', 'a', 'b'), number('Value #B', 10, 20)),
];
const gaps = () => [
  frame('A', time(1, 2, 3, 4), number('x', 1, null, NaN, 4), number('y', null, 2, 3, Infinity), string('s', 'q', null, '', 'r')),
];
const holes = () => [frame('A', number('x', 1, -2, NaN, 4, 0, -Infinity), number('y', 5, 2, 3, Infinity, 1, 2), string('s', 'q', null, '', 'r', 'Q', 'p'))];
const twice = () => [frame('A', time(...T), number('Value', 1, 2, 3), number('Value', 4, 5, 6), string('Value', 'a', 'b', 'c'))];
const words = () => [
  frame('A', string('word', 'b', '', 'A', null, 'a', 'B', '10', '9', '_x', 'é', 'e', 'f', '-1', 'a b', 'a-b', 'ab'), number('n', ...Array(16).keys())),
];
const statuses = () => [
  frame('A', string('code', '500', '200', '404', '200'), number('hits', 5, 100, 4, 50), boolean('ok', false, true, false, true), time(4, 3, 2, 1)),
];
const none = () => [];
const hollow = () => [{ refId: 'A', fields: [] }];
const empty = () => [frame('A', time(), number('Value'))];
const one = () => [series('A', [5000], [42], {}, 'sum(x)')];
const all = { cpu, unnamed, metric, apart, table, tables, otherTimes, gaps, twice, words, statuses, none, hollow, empty, one };

const cases = [];
const of = (id, frames, options, more = {}) => cases.push([[{ id, options, ...more }], frames]);
const each = (id, options, frames = Object.values(all)) => frames.forEach((made) => of(id, made, options));

each('organize', {});
of('organize', table, { excludeByName: { Time: true, job: true }, renameByName: { host: 'Host', Value: 'Load' } });
of('organize', table, { indexByName: { Value: 0, host: 1 } });
of('organize', table, { indexByName: { Value: 2, host: 1, Time: 3, job: 0 }, renameByName: { job: '' } });
of('organize', table, { excludeByName: { Time: false, nothing: true }, renameByName: { nothing: 'x' } });
of('organize', table, { includeByName: { host: true, Value: true, job: false } });
of('organize', table, { includeByName: { host: true }, excludeByName: { host: true } });
of('organize', table, { excludeByName: { Time: true, host: true, job: true, Value: true } });
of('organize', table, { orderByMode: 'auto', orderBy: [{ type: 'name', desc: true }] });
of('organize', table, { indexByName: { host: '0', Value: 1.5 } });
of('organize', twice, { excludeByName: { 'Value 1': true }, renameByName: { 'Value 2': 'Two', 'Value 3': 'Three' } });
of('organize', twice, { excludeByName: { Value: true } });
of('organize', metric, { excludeByName: { Value: true } });
of('organize', metric, { renameByName: { 'up x': 'X', 'up {__name__="up", job="x"}': 'X', up: 'U' } });
of('organize', unnamed, { renameByName: { a: 'first', Value: 'v', '{host="a"}': 'first' } });
of('organize', cpu, { renameByName: { 'a idle': 'idle' }, excludeByName: { 'b user': true } });
of('organize', one, { renameByName: { 'sum(x)': 'Sum', Time: 'When' } });
of('organize', () => [frame('A', number('c 10'), number('c 9'), number('C 1'), time())], { orderByMode: 'auto', orderBy: [{ type: 'name' }] });
of('organize', () => [frame('A', labelled([1], { host: 'b' }), labelled([2], { host: 'a' }), labelled([3], {}))], {
  orderByMode: 'auto',
  orderBy: [{ type: 'label', name: 'host' }],
});

each('merge', {});
of('merge', () => [...tables(), frame('C', string('host', 'a', 'z'), number('Value #C', 5, 6))], {});
of('merge', () => [...table(), ...tables()], {});
of('merge', () => [frame('A', string('x', 'a')), frame('B', string('y', 'b'))], {});
of('merge', () => [...tables(), ...hollow()], {});
of('merge', () => [...hollow(), ...hollow()], {});
of('merge', () => [frame('A', string('x', 'a', 'a'), number('n', 1, 2)), frame('B', string('x', 'a', 'b'), number('n', 1, 2), number('m', 7, 8))], {});
of('merge', () => [frame('A', string('x', 'a', 'a'), number('n', 1, 2)), frame('B', string('x', 'a'), number('m', 7))], {});
of('merge', () => [frame('A', number('x', NaN, 1), number('n', 1, 2)), frame('B', number('x', NaN, 1), number('m', 3, 4))], {});
of('merge', () => [
  frame('A', string('x', 'a'), field('n', 'number', [1], { l: '1' }, { displayName: 'N', unit: 's' })),
  frame('B', string('x', 'b'), field('n', 'number', [2], undefined, { displayNameFromDS: 'M' })),
], {});

for (const mode of ['outer', 'inner', 'outerTabular', undefined]) {
  const options = mode ? { mode } : {};
  each('joinByField', { ...options, byField: 'host' });
  each('joinByField', { ...options, byField: 'Time' }, [cpu, apart, unnamed, metric, otherTimes, one, empty, gaps]);
  of('joinByField', () => [...tables(), ...hollow()], { ...options, byField: 'host' });
  of('joinByField', apart, options);
  of('joinByField', statuses, { ...options, byField: 'code' });
  of('joinByField', () => [...statuses(), frame('B', string('code', '404', '503', '200', 'x', '200', null), number('w', 1, 2, 3, 4, 5, 6))], { ...options, byField: 'code' });
  of('joinByField', () => [frame('A', number('k', 3, 1, 2), string('l', 'c', 'a', 'b')), frame('B', number('k', 2, 4), string('r', 'B', 'D'))], { ...options, byField: 'k' });
  of('joinByField', () => [frame('A', time(3, 1, 2), number('a', 3, 1, 2)), frame('B', time(3, 1, 2), number('b', 30, 10, 20))], options);
  of('joinByField', () => [named('first', 'A', time(1), number('Value', 1)), named('second', 'B', time(1), number('n', 2))], options);
  of('joinByField', () => [...tables(), frame('C', number('lonely', 1))], { ...options, byField: 'host' });
  of('joinByField', () => [frame('A', time(1, 1, 2), number('a', 1, 2, 3)), frame('B', time(1, 2), number('b', 10, 20))], options);
}
each('seriesToColumns', { byField: 'Time' }, [cpu, apart, tables]);
each('seriesToColumns', {}, [cpu, apart]);

each('filterFieldsByName', { include: { names: ['host', 'Value', 'a'] } });
each('filterFieldsByName', { exclude: { names: ['Time'] } });
each('filterFieldsByName', { include: { pattern: '/^(Time|Value.*)$/' } });
each('filterFieldsByName', {}, [cpu, table]);
of('filterFieldsByName', table, { include: { pattern: 'Val' } });
of('filterFieldsByName', table, { include: { pattern: 'Val.*' } });
of('filterFieldsByName', table, { include: { pattern: '/^val/i' } });
of('filterFieldsByName', table, { include: { names: ['job'], pattern: '/^h/' } });
of('filterFieldsByName', table, { exclude: { names: ['job'], pattern: '/^h/' } });
of('filterFieldsByName', table, { include: { names: ['Time', 'host'] }, exclude: { names: ['Time'] } });
of('filterFieldsByName', table, { include: { names: [] } });
of('filterFieldsByName', table, { include: { names: ['nothing'] } });
of('filterFieldsByName', table, { byVariable: true, include: { variable: '{host,job}' } });
of('filterFieldsByName', table, { byVariable: true, include: { variable: 'host' } });
of('filterFieldsByName', table, { byVariable: true, exclude: { variable: '$names' } });
of('filterFieldsByName', metric, { include: { names: ['Time', 'Value'] } });
of('filterFieldsByName', cpu, { include: { names: ['Time', 'a idle'] } });
of('filterFieldsByName', twice, { include: { names: ['Value 2'] } });

each('filterByRefId', { include: 'A' }, [cpu, apart, tables, none]);
each('filterByRefId', { exclude: 'A' }, [cpu, apart, tables]);
each('filterByRefId', {}, [tables]);
of('filterByRefId', apart, { include: '/A|C/' });

for (const reducer of ['sum', 'mean', 'min', 'max', 'count', 'last', 'lastNotNull', 'first', 'range', 'diff', 'delta']) {
  each('calculateField', { mode: 'reduceRow', reduce: { reducer } }, [cpu, gaps, twice]);
}
each('calculateField', {});
each('calculateField', { mode: 'reduceRow', reduce: { reducer: 'sum' }, replaceFields: true }, [cpu, apart, table, tables, gaps, none]);
of('calculateField', gaps, { mode: 'reduceRow', reduce: { reducer: 'count', nullValueMode: 'ignore' } });
of('calculateField', gaps, { mode: 'reduceRow', reduce: { reducer: 'mean', nullValueMode: 'null as zero' } });
of('calculateField', cpu, { mode: 'reduceRow', reduce: { reducer: 'sum', include: ['a idle'] }, alias: 'Only a' });
of('calculateField', cpu, { mode: 'reduceRow', reduce: { reducer: 'sum', include: ['nothing'] } });
of('calculateField', cpu, { mode: 'reduceRow', reduce: { reducer: 'mean' }, timeSeries: false });
of('calculateField', apart, { mode: 'reduceRow', reduce: { reducer: 'sum' }, alias: 'All', replaceFields: true });
for (const operator of ['+', '-', '*', '/', '%', '**']) {
  of('calculateField', cpu, { mode: 'binary', binary: { left: 'a idle', operator, right: 'b user' } });
}
of('calculateField', cpu, { mode: 'binary', binary: { left: 'a idle', operator: '/', right: '2' }, alias: 'Half' });
of('calculateField', cpu, { mode: 'binary', binary: { left: 'a idle', operator: '*', right: '8' }, replaceFields: true });
of('calculateField', apart, { mode: 'binary', binary: { left: 'a', operator: '/', right: 'b' } });
of('calculateField', tables, { mode: 'binary', binary: { left: 'Value #A', operator: '-', right: 'Value #B' } });
of('calculateField', table, { mode: 'binary', binary: { left: 'Value', operator: '/', right: 'nothing' } });
of('calculateField', table, { mode: 'binary', binary: { left: 'Value', operator: '/', right: 'nothing' }, replaceFields: true });
of('calculateField', table, { mode: 'binary', binary: { left: '10', operator: '/', right: 'Value' } });
of('calculateField', table, { mode: 'binary', binary: { left: '10', operator: '/', right: '0' } });
of('calculateField', statuses, { mode: 'binary', binary: { left: 'hits', operator: '*', right: 'ok' } });
of('calculateField', statuses, { mode: 'binary', binary: { left: { matcher: { id: 'byName', options: 'hits' } }, operator: '/', right: { fixed: '2' } } });
of('calculateField', statuses, { mode: 'binary', binary: { left: { matcher: { id: 'byType', options: 'number' } }, operator: '/', right: { fixed: '2' } } });
of('calculateField', cpu, { mode: 'binary', binary: { left: { matcher: { id: 'byType', options: 'number' } }, operator: '*', right: { fixed: '100' } }, replaceFields: true });
of('calculateField', table, { mode: 'binary', binary: {} });
of('calculateField', table, { mode: 'binary' });
for (const operator of ['abs', 'exp', 'ln', 'round', 'floor', 'ceil', 'percent', 'wrong']) {
  of('calculateField', table, { mode: 'unary', unary: { operator, fieldName: 'Value' } });
}
of('calculateField', table, { mode: 'unary', unary: { operator: 'abs', fieldName: 'host' } });
of('calculateField', () => [frame('A', number('v', 0.5, 1.5, 2.5, -0.5, -1.5, 710, 0, -1))], { mode: 'unary', unary: { operator: 'round', fieldName: 'v' } });
of('calculateField', () => [frame('A', number('v', 0.5, 1.5, -0.5, 710, 0, -1))], { mode: 'unary', unary: { operator: 'exp', fieldName: 'v' } });
of('calculateField', () => [frame('A', number('v', 0.5, 0, -1, Infinity))], { mode: 'unary', unary: { operator: 'ln', fieldName: 'v' } });
each('calculateField', { mode: 'index' }, [table, empty, cpu]);
of('calculateField', table, { mode: 'index', index: { asPercentile: true }, alias: 'Rank' });
of('calculateField', table, { mode: 'index', replaceFields: true });
for (const reducer of ['sum', 'mean']) {
  each('calculateField', { mode: 'cumulativeFunctions', cumulative: { reducer } }, [table, cpu, gaps]);
  of('calculateField', gaps, { mode: 'cumulativeFunctions', cumulative: { reducer, field: 'y' } });
}
const eight = () => [frame('A', time(1, 2, 3, 4, 5, 6, 7, 8), number('v', 1, 4, null, 9, 16, 25, 36, 49))];
for (const reducer of ['mean', 'variance', 'stdDev']) {
  for (const windowAlignment of ['trailing', 'centered']) {
    for (const size of [{ windowSizeMode: 'fixed', windowSize: 3 }, { windowSizeMode: 'percentage', windowSize: 0.5 }]) {
      of('calculateField', eight, { mode: 'windowFunctions', window: { reducer, windowAlignment, ...size } });
    }
  }
}
of('calculateField', eight, { mode: 'windowFunctions', window: { field: 'v' } });

for (const name of ['word', 'n', 'host', 'Value', 'hits', 'ok', 'Time', 'x', 'y', 's', 'code', 'nothing']) {
  for (const desc of [false, true]) {
    each('sortBy', { fields: {}, sort: [{ field: name, desc }] }, [words, table, statuses, holes, cpu]);
  }
}
of('sortBy', table, { sort: [{ index: 3 }] });
of('sortBy', table, { sort: [{ index: 9, desc: true }] });
of('sortBy', table, { sort: [] });
of('sortBy', table, {});
of('sortBy', table, { sort: [{ field: 'job' }, { field: 'Value' }] });
of('sortBy', cpu, { sort: [{ field: 'a idle', desc: true }] });
of('sortBy', empty, { sort: [{ field: 'Value' }] });

for (const limitField of [0, 1, 2, 3, 100, '2', '2px', '', -1, -2, -9, 10]) each('limit', { limitField }, [table, cpu, empty]);
each('limit', {}, [words, none]);

for (const mode of ['seriesToRows', 'reduceFields', undefined]) {
  const options = mode ? { mode } : {};
  each('reduce', { ...options, reducers: ['max'] });
  each('reduce', { ...options, reducers: ['lastNotNull', 'mean', 'sum', 'count'] });
  each('reduce', { ...options, reducers: ['first', 'last', 'min', 'allIsNull'] }, [holes, cpu, statuses, empty]);
  each('reduce', { ...options, reducers: ['uniqueValues', 'distinctCount'] }, [statuses]);
  each('reduce', { ...options, reducers: [] }, [cpu]);
  each('reduce', options, [cpu]);
  each('reduce', { ...options, reducers: ['last'], includeTimeField: true }, [cpu, table]);
  each('reduce', { ...options, reducers: ['mean'], labelsToFields: true }, [cpu, unnamed, metric, apart, table]);
  of('reduce', table, { ...options, reducers: ['sum'], fields: { id: 'byName', options: 'Value' } });
  of('reduce', statuses, { ...options, reducers: ['sum'], fields: { id: 'byType', options: 'number' } });
  of('reduce', statuses, { ...options, reducers: ['sum'], fields: { id: 'numeric' } });
  of('reduce', cpu, { ...options, reducers: ['sum'], fields: { id: 'byNames', options: { names: ['a idle'] } } });
  of('reduce', cpu, { ...options, reducers: ['sum'], fields: { id: 'byNames', options: { mode: 'exclude', names: ['a idle'] } } });
  of('reduce', cpu, { ...options, reducers: ['sum'], fields: { id: 'byRegexp', options: '/idle/' } });
  of('reduce', apart, { ...options, reducers: ['sum'], fields: { id: 'byFrameRefID', options: 'B' } });
  of('reduce', apart, { ...options, reducers: ['sum'], fields: { id: 'first' } });
}

each('labelsToFields', {});
each('labelsToFields', { mode: 'rows' });
each('labelsToFields', { mode: 'columns', valueLabel: 'host' }, [cpu, unnamed]);
each('labelsToFields', { mode: 'columns', keepLabels: ['host'] }, [cpu, metric]);
each('labelsToFields', { mode: 'columns', keepLabels: [] }, [cpu]);
each('labelsToFields', { mode: 'columns', keepLabels: ['host'], valueLabel: 'mode' }, [cpu]);
each('labelsToFields', { mode: 'rows', keepLabels: ['host', 'none'] }, [cpu, table]);
of('labelsToFields', () => [frame('A', time(1, 2), labelled([1, 2], { a: 'x', b: 'y' }), labelled([3, 4], { a: 'z', b: 'y' }))], {});
of('labelsToFields', () => [frame('A', time(1, 2), labelled([1, 2], { a: 'x', b: 'y' }), labelled([3, 4], { a: 'z', b: 'y' }))], { valueLabel: 'a' });

const group = (...names) => Object.fromEntries(names.map((name) => [name, { operation: 'groupby', aggregations: [] }]));
const sum = (...aggregations) => ({ operation: 'aggregate', aggregations });
each('groupBy', { fields: { host: { operation: 'groupby' }, Value: sum('mean', 'max') } });
of('groupBy', statuses, { fields: { ...group('code'), hits: sum('sum', 'count', 'lastNotNull') } });
of('groupBy', statuses, { fields: { ...group('ok', 'code'), hits: sum('sum'), Time: sum('max', 'first') } });
of('groupBy', statuses, { fields: { code: { operation: 'groupby', aggregations: ['count'] } } });
of('groupBy', statuses, { fields: { hits: sum('sum') } });
of('groupBy', statuses, { fields: {} });
of('groupBy', statuses, {});
of('groupBy', statuses, { fields: { ...group('code'), hits: sum() } });
of('groupBy', statuses, { fields: { ...group('code'), ok: sum('last', 'allValues'), hits: { aggregations: ['sum'] } } });
of('groupBy', gaps, { fields: { ...group('s'), x: sum('mean', 'count', 'countAll') } });
of('groupBy', table, { fields: { ...group('job'), Value: sum('p50', 'median', 'stdDev', 'range') } });
of('groupBy', tables, { fields: { ...group('host'), 'Value #A': sum('sum') } });
of('groupBy', cpu, { fields: { ...group('Time'), 'a idle': sum('sum') } });
of('groupBy', cpu, { fields: { ...group('a idle'), Time: sum('first') } });
of('groupBy', twice, { fields: { ...group('Value 1'), 'Value 2': sum('sum') } });
of('groupBy', one, { fields: { ...group('Time'), 'sum(x)': sum('sum'), Value: sum('max') } });
of('groupBy', () => [frame('A', field('h', 'string', ['a', 'a'], undefined, { displayName: 'Host' }), field('n', 'number', [1, 2], undefined, { displayName: 'N' }))], {
  fields: { ...group('Host'), N: sum('sum') },
});

each('seriesToRows', {});
of('seriesToRows', () => [named('one', 'A', time(1, 2), number('Value', 1, 2)), named('two', 'B', time(1, 3), number('Value', 3, 4))], {});
of('seriesToRows', () => [...cpu(), ...empty()], {});

each('renameByRegex', { regex: '(.*)', renamePattern: '$1' }, [cpu, table, none]);
of('renameByRegex', table, { regex: '/^(.)(.*)$/', renamePattern: '$2-$1' });
of('renameByRegex', table, { regex: '/o/g', renamePattern: '0' });
of('renameByRegex', table, { regex: '/o/', renamePattern: '[$&]' });
of('renameByRegex', table, { regex: 'host', renamePattern: 'Host' });
of('renameByRegex', table, { regex: '/(?<first>[a-z])/', renamePattern: '<$<first>>$$' });
of('renameByRegex', cpu, { regex: '/(\\w+) (\\w+)/', renamePattern: '$2 of $1' });
of('renameByRegex', cpu, {});
of('renameByRegex', table, { regex: '/(x)?host/', renamePattern: '$1$2h' });

const convert = (targetField, destinationType, more = {}) => ({ conversions: [{ targetField, destinationType, ...more }] });
of('convertFieldType', statuses, convert('code', 'number'));
of('convertFieldType', () => [frame('A', string('n', '1,000', '', null, 'x', ' 2 ', '1e3', '0x10'))], convert('n', 'number'));
of('convertFieldType', statuses, convert('hits', 'string'));
of('convertFieldType', statuses, convert('code', 'string'));
of('convertFieldType', statuses, convert('ok', 'string'));
of('convertFieldType', statuses, convert('hits', 'boolean'));
of('convertFieldType', statuses, convert('hits', 'time'));
of('convertFieldType', statuses, convert('ok', 'number'));
of('convertFieldType', () => [frame('A', string('t', '2024-01-02T03:04:05Z', null, '2024-01-02T03:04:05.5+01:00'))], convert('t', 'time'));
of('convertFieldType', statuses, convert('nothing', 'number'));
of('convertFieldType', statuses, {});
of('convertFieldType', () => [frame('A', number('n', 1.5, 1e21, NaN, null, -0, 1e-7, 123456789012))], convert('n', 'string'));

const where = (fieldName, id, options) => ({ fieldName, config: { id, options } });
const filters = [
  where('hits', 'greater', { value: 5 }), where('hits', 'greaterOrEqual', { value: 5 }), where('hits', 'lower', { value: 5 }),
  where('hits', 'lowerOrEqual', { value: 5 }), where('hits', 'equal', { value: 5 }), where('hits', 'notEqual', { value: '5' }),
  where('hits', 'between', { from: 4, to: '100' }), where('code', 'regex', { value: '^[45]' }), where('code', 'equal', { value: '200' }),
  where('code', 'equal', { value: 200 }), where('code', 'isNull', {}), where('code', 'isNotNull', {}), where('code', 'substring', { value: '0' }),
  where('code', 'substring', { value: '' }), where('code', 'notSubstring', { value: '50' }), where('nothing', 'equal', { value: 1 }),
];
for (const filter of filters) {
  for (const type of ['include', 'exclude']) of('filterByValue', statuses, { type, match: 'any', filters: [filter] });
}
for (const match of ['any', 'all']) {
  of('filterByValue', statuses, { type: 'include', match, filters: [filters[0], filters[8]] });
  of('filterByValue', statuses, { type: 'exclude', match, filters: [filters[3], filters[7]] });
}
each('filterByValue', { type: 'include', match: 'all', filters: [where('x', 'lower', { value: 9 })] }, [gaps, none, cpu]);
of('filterByValue', gaps, { type: 'include', match: 'all', filters: [where('s', 'isNull', {})] });
of('filterByValue', gaps, { type: 'exclude', match: 'all', filters: [where('x', 'isNull', {})] });
of('filterByValue', statuses, { filters: [] });

each('concatenate', {}, [cpu, apart, tables, one, none]);
for (const frameNameMode of ['drop', 'field', 'label']) {
  of('concatenate', () => [named('one', 'A', time(1, 2), number('Value', 1, 2)), named('two', 'B', time(1), number('n', 3))], { frameNameMode, frameNameLabel: 'from' });
}

of('groupingToMatrix', table, { columnField: 'job', rowField: 'host', valueField: 'Value' });
of('groupingToMatrix', table, { columnField: 'job', rowField: 'host', valueField: 'Value', emptyValue: 'null' });
of('groupingToMatrix', table, { columnField: 'job', rowField: 'host', valueField: 'Value', emptyValue: 'zero' });
of('groupingToMatrix', statuses, { columnField: 'ok', rowField: 'code', valueField: 'hits' });
of('groupingToMatrix', table, {});
of('groupingToMatrix', table, { columnField: 'nothing', rowField: 'host' });
of('groupingToMatrix', tables, { columnField: 'host', rowField: 'Time' });

// The filter of a transformation, several in a row, and what is turned off.
const filter = (options, id = 'byRefId') => ({ filter: { id, options } });
of('limit', apart, { limitField: 1 }, filter('A'));
of('limit', apart, { limitField: 1 }, filter('B'));
of('limit', apart, { limitField: 1 }, filter('/A|B/'));
of('limit', apart, { limitField: 1 }, filter('A|B'));
of('limit', apart, { limitField: 1 }, filter('Z'));
of('limit', apart, { limitField: 1 }, filter(''));
of('joinByField', apart, { byField: 'Time' }, filter('/A|C/'));
of('joinByField', apart, { byField: 'Time' }, filter('/B|C/'));
of('reduce', apart, { reducers: ['sum'] }, filter('A'));
of('reduce', apart, { reducers: ['sum'] }, filter('C'));
of('limit', () => [named('one', 'A', number('n', 1, 2)), named('two', 'B', number('n', 3, 4))], { limitField: 1 }, filter('one', 'byName'));
of('limit', table, { limitField: 1 }, { disabled: true });
of('limit', table, { limitField: 1 }, { disabled: false });
cases.push([[], cpu]);
cases.push([[{ id: 'joinByField', options: { byField: 'Time' } }, { id: 'organize', options: { excludeByName: { Time: true }, renameByName: { 'a idle': 'Idle' } } }], cpu]);
cases.push([[{ id: 'merge', options: {} }, { id: 'organize', options: { excludeByName: { Time: true }, renameByName: { 'Value #A': 'One', 'Value #B': 'Two' } } }, { id: 'sortBy', options: { sort: [{ field: 'host', desc: true }] } }], tables]);
cases.push([[{ id: 'merge' }, { id: 'calculateField', options: { mode: 'binary', binary: { left: 'Value #A', operator: '/', right: 'Value #B' }, alias: 'Ratio' } }, { id: 'limit', options: { limitField: 2 } }], tables]);
cases.push([[{ id: 'labelsToFields', options: {} }, { id: 'merge', options: {} }], cpu]);
cases.push([[{ id: 'labelsToFields', options: { mode: 'columns' } }, { id: 'merge', options: {} }, { id: 'groupBy', options: { fields: { ...group('host'), cpu: sum('sum'), Value: sum('mean') } } }], metric]);
cases.push([[{ id: 'reduce', options: { reducers: ['mean', 'max'] } }, { id: 'sortBy', options: { sort: [{ field: 'Mean', desc: true }] } }, { id: 'organize', options: { renameByName: { Field: 'Host' } } }], cpu]);
cases.push([[{ id: 'seriesToRows', options: {} }, { id: 'groupBy', options: { fields: { ...group('Metric'), Value: sum('max') } } }], cpu]);
cases.push([[{ id: 'joinByField', options: { byField: 'host' } }, { id: 'organize', options: { excludeByName: { 'Time 1': true, 'Time 2': true }, renameByName: { 'Value #A': 'a' } } }], tables]);
cases.push([[{ id: 'joinByField', options: { byField: 'Time', mode: 'outer' } }, { id: 'calculateField', options: { mode: 'reduceRow', reduce: { reducer: 'sum' }, alias: 'Sum' } }, { id: 'filterFieldsByName', options: { include: { names: ['Time', 'Sum'] } } }], unnamed]);
for (const desc of [false, true]) {
  cases.push([[{ id: 'merge', options: {} }, { id: 'sortBy', options: { sort: [{ field: 'Value #B', desc }] } }], tables]);
  cases.push([[{ id: 'joinByField', options: { byField: 'Time' } }, { id: 'sortBy', options: { sort: [{ field: 'b', desc }] } }], apart]);
}
cases.push([[{ id: 'joinByField', options: { byField: 'Time' } }, { id: 'reduce', options: { reducers: ['last', 'lastNotNull', 'count'] } }], apart]);
cases.push([[{ id: 'joinByField', options: { byField: 'Time' } }, { id: 'calculateField', options: { mode: 'reduceRow', reduce: { reducer: 'mean' } } }], apart]);
cases.push([[{ id: 'joinByField', options: { byField: 'Time' } }, { id: 'calculateField', options: { mode: 'unary', unary: { operator: 'percent', fieldName: 'a' } } }], apart]);
cases.push([[{ id: 'unheardOf', options: {} }, { id: 'limit', options: { limitField: 1 } }], table]);

const special = (value) => (typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value ?? null);
const values = (list) => Array.from(list.toArray?.() ?? list, (value) => (Array.isArray(value) ? value.map(special) : special(value)));
const kept = (object) => (object && Object.values(object).some((value) => value !== undefined) ? object : undefined);
const written = (frames) =>
  frames.map((frame) => ({
    name: frame.name || undefined,
    refId: frame.refId,
    fields: frame.fields.map((field) => ({
      name: field.name,
      type: field.type,
      values: values(field.values),
      labels: kept(field.labels),
      config: kept(field.config),
    })),
  }));

const result = (transformations, frames) =>
  new Promise((resolve, reject) => {
    const copied = structuredClone(transformations); // Grafana writes into the options
    const made = frames.map(data.toDataFrame);
    data.transformDataFrame(copied, made).subscribe({ next: resolve, error: reject });
  });

const lines = [];
for (const [transformations, make] of cases) {
  const given = written(make());
  try {
    const after = await result(transformations, make());
    // Grafana forgets the names that transformations looked for before it shows any.
    after.forEach((each) => each.fields.forEach((one) => { one.state = undefined; }));
    const shown = after.map((each) => each.fields.map((one) => data.getFieldDisplayName(one, each, after)));
    lines.push({ transformations, frames: given, expected: written(after), shown });
  } catch (error) {
    console.error(JSON.stringify(transformations), error.message);
    lines.push({ transformations, frames: given, expected: null });
  }
}
console.log(`[\n${lines.map((line) => JSON.stringify(line)).join(',\n')}\n]`);
