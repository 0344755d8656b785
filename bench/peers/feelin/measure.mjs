// Times feelin over the literal expressions of the DMN TCK (cases.py). feelin has no prepared form
// of an expression: `evaluate` parses each time. So two figures are written: all of `evaluate`, and
// `evaluate` less `parseExpression` of the same text, measured side by side, as a lower bound of
// what a prepared form would cost. Protocol: ../README.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const kSamples = 11;
const kSampleNs = 500_000;
const kWarmUpNs = 2_000_000;
const kAllWarmUpNs = 10_000_000_000;
const kTolerance = 1e-8;

const [modulePath, casesPath, outputPath, withoutParsingPath] = process.argv.slice(2);
if (!withoutParsingPath) {
  console.error('usage: node measure.mjs FEELIN_MODULE CASES.json OUTPUT.csv WITHOUT_PARSING.csv');
  process.exit(2);
}
const feelin = await import(pathToFileURL(modulePath));
const { evaluate, parseExpression } = feelin;

function simple(type, text) {
  switch (type) {
    case 'boolean': return text.trim() === 'true';
    case 'decimal':
    case 'double':
    case 'integer': return Number(text);
    case 'date': return feelin.parseDate(text.trim());
    case 'time': return feelin.parseTime(text.trim());
    case 'dateTime': return feelin.parseDateTime(text.trim());
    case 'duration': return feelin.duration(text.trim());
    case 'string': return text;
    default: throw new Error(`unknown type '${type}'`);
  }
}

function toValue(value) {
  if (value === null) return null;
  if (value.simple) return simple(...value.simple);
  if (value.list) return value.list.map(toValue);
  return Object.fromEntries(value.context.map(([name, entry]) => [name, toValue(entry)]));
}

function isPlain(value) {
  return value !== null && typeof value === 'object'
      && Object.getPrototypeOf(value) === Object.prototype;
}

function same(expected, actual) {
  if (expected === null || actual === null || actual === undefined) {
    return expected === null && (actual === null || actual === undefined);
  }
  if (typeof expected === 'number' && typeof actual === 'number') {
    return Math.abs(expected - actual) <= Math.max(kTolerance, Math.abs(expected) * 1e-15);
  }
  if (Array.isArray(expected)) {
    return Array.isArray(actual) && expected.length === actual.length
        && expected.every((item, i) => same(item, actual[i]));
  }
  if (isPlain(expected)) {
    return isPlain(actual) && Object.keys(expected).length === Object.keys(actual).length
        && Object.keys(expected).every((key) => key in actual && same(expected[key], actual[key]));
  }
  if (typeof expected === 'object') {
    return typeof actual === 'object' && expected.constructor === actual.constructor
        && evaluate('a = b', { a: expected, b: actual }).value === true;
  }
  return expected === actual;
}

let sink;

function timeEvaluate(row, iterations) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < iterations; ++i) {
    for (const node of row.nodes) sink = evaluate(node.expression, row.context);
  }
  return Math.max(1, Number(process.hrtime.bigint() - start));
}

function timeParse(row, iterations) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < iterations; ++i) {
    for (const node of row.nodes) sink = parseExpression(node.expression, row.context);
  }
  return Math.max(1, Number(process.hrtime.bigint() - start));
}

function measure(row, time) {
  let spent = 0, done = 0;
  for (; spent < kWarmUpNs; ++done) spent += time(row, 1);
  const iterations = Math.max(1, Math.floor(kSampleNs * done / spent));
  const samples = [];
  for (let i = 0; i < kSamples; ++i) samples.push(time(row, iterations) / iterations);
  return samples.sort((a, b) => a - b)[(kSamples - 1) / 2];
}

function prepare(entry, reasons) {
  const name = `${entry.folder},${entry.file},${entry.case}`;
  const row = { name, nodes: entry.nodes, status: 'error' };
  try {
    row.context = Object.fromEntries(entry.inputs.map(([name, value]) => [name, toValue(value)]));
    row.status = 'ok';
    for (const node of entry.nodes) {
      const answer = evaluate(node.expression, row.context).value;
      if (!same(toValue(node.expected), answer)) row.status = 'wrong';
    }
  } catch (error) {
    row.status = 'error';
    const reason = String(error.message).split('\n')[0].slice(0, 60);
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return row;
}

const reasons = new Map();
const rows = JSON.parse(readFileSync(casesPath, 'utf8')).map((entry) => prepare(entry, reasons));
const timed = rows.filter((row) => row.status !== 'error');
const start = process.hrtime.bigint();
while (Number(process.hrtime.bigint() - start) < kAllWarmUpNs) {
  for (const row of timed) timeEvaluate(row, 1);
}
for (const row of timed) {
  row.ns = measure(row, timeEvaluate);
  row.withoutParsing = row.ns - measure(row, timeParse);
}
const header = 'folder,file,case,ns,status\n';
// A difference that is not positive lies within the noise and says nothing.
const csv = (key) => header + rows.map((row) => row[key] > 0
    ? `${row.name},${Math.max(1, Math.round(row[key]))},${row.status}\n`
    : `${row.name},,error\n`).join('');
writeFileSync(outputPath, csv('ns'));
writeFileSync(withoutParsingPath, csv('withoutParsing'));
for (const [reason, count] of reasons) console.error(`feelin: ${count} cases: ${reason}`);
const count = (status) => rows.filter((row) => row.status === status).length;
const counts = ['ok', 'wrong', 'error'].map((status) => `${count(status)} ${status}`);
console.log(`feelin: ${rows.length} cases, ${counts.join(', ')}`);
