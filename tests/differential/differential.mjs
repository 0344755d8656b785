// Evaluates random FEEL expressions with Schwarm and with feelin and compares the answers.
//   node differential.mjs --program ../../build/schwarm [--count 5000] [--seed 1] [--show 20]
// Ends with 1 if a difference has no explanation (rules.mjs) or too few answers are the same.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { evaluate } from 'feelin';
import { Generator, variables } from './generator.mjs';
import { rules } from './rules.mjs';

// At least so many answers must be the same without any rule.
const LEAST_SAME = 0.8;
// A rule that explains more than this is too wide.
const MOST_PER_RULE = 0.06;

const { values: options } = parseArgs({
  options: {
    program: { type: 'string', default: fileURLToPath(new URL('../../build/schwarm', import.meta.url)) },
    count: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '20261125' },
    show: { type: 'string', default: '20' },
    rule: { type: 'string' }
  }
});

// All answers of the program, in the order of the expressions.
function answersOf(program, expressions) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['feel', '--batch'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk) => { text += chunk; });
    child.on('error', reject);
    child.stdin.on('error', reject);
    child.on('close', (code) => {
      const answers = text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
      if (code !== 0 || answers.length !== expressions.length) {
        reject(new Error(`${program} ended with ${code} after ${answers.length} of ${expressions.length} answers`));
      } else resolve(answers);
    });
    child.stdin.end(expressions.map((expression) => JSON.stringify({ expression, context: variables }) + '\n').join(''));
  });
}

const KINDS = { FeelDate: 'date', FeelTime: 'time', FeelDateTime: 'date and time', FeelRange: 'range' };

function kindOf(value) {
  if (value === null || value === undefined || typeof value === 'function') return 'Null';
  if (Array.isArray(value)) return 'list';
  if (typeof value !== 'object') return typeof value;
  const name = value.constructor.name;
  if (name === 'FeelDuration') return /^-?P(?:\d+Y)?(?:\d+M)?$/.test(String(value)) ? 'years and months duration' : 'days and time duration';
  return KINDS[name] ?? (name === 'FunctionWrapper' ? 'Null' : 'context');
}

// What feelin answers, in the form in which JSON carries the program's answers.
function plain(value) {
  const kind = kindOf(value);
  if (kind === 'Null') return null;
  if (kind === 'list') return value.map(plain);
  if (kind === 'number') return Number.isFinite(value) ? value : String(value);
  if (kind === 'context') return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
  return typeof value === 'object' ? String(value) : value;
}

function theirs(expression) {
  try {
    const { value, warnings } = evaluate(expression, variables);
    return { value: plain(value), kind: kindOf(value), warnings: warnings.map((warning) => warning.type) };
  } catch (error) {
    return { error: error.message, kind: 'error', value: null, warnings: [] };
  }
}

function ours(answer) {
  if (answer.error !== undefined) return { error: answer.error, kind: 'error', value: null, diagnostics: [] };
  const kind = /^(list|context|range|function)/.exec(answer.type)?.[0] ?? answer.type;
  return { value: answer.value, kind: kind === 'function' ? 'Null' : kind, diagnostics: answer.diagnostics ?? [] };
}

// Doubles have 15 digits, of which sums and roots lose some.
export function same(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (a !== null && b !== null && typeof a === 'object' && typeof b === 'object' && !Array.isArray(a) && !Array.isArray(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
  }
  return a === b;
}

const seed = options.seed === 'random' ? Date.now() >>> 0 : Number(options.seed);
const count = Number(options.count);
const generator = new Generator(seed);
const expressions = Array.from({ length: count }, () => generator.expression());
const answers = await answersOf(options.program, expressions);

let equal = 0;
let meaningful = 0;
const explained = new Map(rules.map((rule) => [rule.name, 0]));
const unexplained = [];
for (const [i, expression] of expressions.entries()) {
  const mine = ours(answers[i]);
  const other = theirs(expression);
  if (mine.kind === other.kind && same(mine.value, other.value)) {
    ++equal;
    if (mine.value !== null) ++meaningful;
    continue;
  }
  const rule = rules.find((one) => one.applies({ expression, mine, other, same }));
  if (rule === undefined) unexplained.push({ expression, mine, other });
  else explained.set(rule.name, explained.get(rule.name) + 1);
  if (rule !== undefined && rule.name === options.rule) console.log(`${expression}\n  ${JSON.stringify(mine)}\n  ${JSON.stringify(other)}`);
}

const percent = (n) => `${(100 * n / count).toFixed(1)} %`;
console.log(`seed ${seed}: ${count} expressions, ${equal} the same (${percent(equal)}), ${meaningful} of them not null`);
for (const [name, times] of explained) if (times > 0) console.log(`  ${String(times).padStart(5)}  ${name}`);
let failed = false;
const complain = (text) => { console.log(text); failed = true; };
if (unexplained.length > 0) complain(`${unexplained.length} differences without an explanation, for example:`);
for (const { expression, mine, other } of unexplained.slice(0, Number(options.show))) {
  console.log(`  ${expression}\n    schwarm: ${JSON.stringify(mine)}\n    feelin:  ${JSON.stringify(other)}`);
}
if (equal < LEAST_SAME * count) complain(`only ${percent(equal)} are the same, ${100 * LEAST_SAME} % are needed`);
if (meaningful < 0.5 * count) complain(`only ${percent(meaningful)} are the same and not null, 50 % are needed`);
for (const [name, times] of explained) if (times > MOST_PER_RULE * count) complain(`the rule "${name}" explains ${percent(times)}: too wide`);
if (failed) console.log(`again: node differential.mjs --seed ${seed} --count ${count}`);
process.exit(failed ? 1 : 0);
