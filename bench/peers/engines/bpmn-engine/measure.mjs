// bpmn-engine under the load of ../README.md. It keeps nothing: no store, no history but in the
// memory of the process, so nothing here is durable. It reads no DMN: the table is a function.
// One thread runs all; `threads` starters and workers take turns in it.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { join, resolve } from 'node:path';

const kNodes = { one_task: 3, straight: 10 };

const options = {
  tasks: 5000, instances: 20000, 'task-warm-up': 2000, 'instance-warm-up': 5000, seconds: 60,
  open: 256, threads: 2,
};
const texts = { models: '', output: '', modules: '' };
for (let i = 2; i < process.argv.length; i += 2) {
  const name = process.argv[i].replace(/^--/, '');
  const value = process.argv[i + 1];
  if (name in texts) {
    texts[name] = value;
  } else if (name in options && Number(value) >= 1 && Number(value) <= 1_000_000) {
    options[name] = Number(value);
  } else {
    console.error(`measure: unknown or out of bounds: --${name} ${value}`);
    process.exit(2);
  }
}

const moduleFolder = join(texts.modules, 'bpmn-engine');
const requireThere = createRequire(resolve(moduleFolder, 'package.json'));
const { version } = requireThere('./package.json');
const { Engine } = await import(pathToFileURL(requireThere.resolve('bpmn-engine')));
const elements = await import(pathToFileURL(requireThere.resolve('bpmn-elements')));
const { default: BpmnModdle } = await import(pathToFileURL(requireThere.resolve('bpmn-moddle')));
const { default: serialize, TypeResolver } =
    await import(pathToFileURL(requireThere.resolve('moddle-context-serializer')));

// The engine's own scripts make a new context of the language at each call; functions compiled
// once, of the same text, spare it that.
const compiled = new Map();
const scripts = {
  register({ id, behaviour }) {
    if (compiled.has(id)) return;
    const body = behaviour.conditionExpression?.body ?? behaviour.script;
    if (body) compiled.set(id, new Function('environment', 'next', body));
  },
  getScript(_, { id }) {
    const run = compiled.get(id);
    return run && { execute: (context, next) => run(context.environment, next) };
  },
};

function grade(betrag, art) {
  if (betrag < 100) return 'gering';
  if (betrag < 1000) return art === 'eilig' ? 'hoch' : 'mittel';
  return art === 'eilig' ? 'sehr hoch' : 'hoch';
}

const jobs = [];
let wakeWorker = () => {};
const services = {
  einstufen({ environment }, next) {
    const { betrag, art } = environment.variables;
    environment.output.stufe = grade(betrag, art);
    next();
  },
  work(scope, next) {
    jobs.push(next);
    wakeWorker();
  },
};

// What the parser makes of a model is made once and used for all instances. A manual task would
// wait for a signal; the other engines pass it.
const sources = {};
const typeResolver = TypeResolver({ ...elements }, (types) => {
  types['bpmn:ManualTask'] = elements.Task;
});
for (const name of Object.keys(kNodes)) {
  const xml = readFileSync(join(texts.models, 'bpmn-engine', `${name}.bpmn`), 'utf8');
  const context = await new BpmnModdle().fromXML(xml);
  sources[name] = serialize(context, typeResolver);
}

function activityCounts(state) {
  let taken = 0;
  for (const definition of state.definitions) {
    for (const part of definition.execution.processes) {
      for (const child of part.execution.children) taken += child.counters?.taken ?? 0;
    }
  }
  return taken;
}

// Resolves when the instance has ended.
function start(process, variables) {
  const engine = new Engine({ name: process, sourceContext: sources[process], variables, services,
    scripts });
  return new Promise((resolve, reject) => {
    engine.execute((error, execution) => (error ? reject(error) : resolve(execution)))
        .catch(reject);
  });
}

function variablesOf(number) {
  return { betrag: number % 2000, art: number % 3 === 0 ? 'eilig' : 'ruhig' };
}

// Both scenarios: as many starters as threads. In the first each goes on when its instance waits,
// at most `open` instances wait at once; in the second when its instance has ended.
async function run(process, base, count) {
  const times = [];
  const deadline = performance.now() + 1000 * options.seconds;
  let next = 0;
  let waiting = 0;
  let nodes = 0;
  let wakeStarter = () => {};
  let working = true;
  const one = async (number) => {
    const before = performance.now();
    const execution = await start(process, variablesOf(number));
    times.push([before, performance.now()]);
    nodes += activityCounts(execution.getState());
  };
  const starter = async () => {
    const open = [];
    while (next < count && performance.now() < deadline) {
      const number = base + next++;
      if (process === 'straight') {
        await one(number);
        continue;
      }
      while (waiting >= options.open) await new Promise((resolve) => { wakeStarter = resolve; });
      ++waiting;
      open.push(one(number).then(() => { --waiting; wakeStarter(); }));
      await new Promise(setImmediate);
    }
    await Promise.all(open);
  };
  const worker = async () => {
    while (working) {
      const done = jobs.shift();
      if (done) {
        done(null, { ergebnis: 1 });
      } else {
        await new Promise((resolve) => { wakeWorker = resolve; });
      }
      await new Promise(setImmediate);
    }
  };
  const workers = process === 'one_task' ? [worker()] : [];
  await Promise.all(Array.from({ length: options.threads }, starter));
  working = false;
  wakeWorker();
  await Promise.all(workers);
  if (times.length !== next || nodes !== next * kNodes[process]) {
    throw new Error(`${process}: ${next} were started, ${times.length} ended, ${nodes} flow nodes`);
  }
  return times;
}

function figures(times) {
  const latencies = times.map(([before, after]) => after - before).sort((a, b) => a - b);
  const seconds = (times.reduce((most, [, after]) => Math.max(most, after), 0)
      - times.reduce((least, [before]) => Math.min(least, before), Infinity)) / 1000;
  const quantile = (share) =>
    Number(latencies[Math.max(0, Math.ceil(share * latencies.length) - 1)].toFixed(2));
  return { count: times.length, seconds: Number(seconds.toFixed(3)),
    per_second: Number((times.length / seconds).toFixed(1)), p50_ms: quantile(0.5),
    p99_ms: quantile(0.99) };
}

for (const betrag of [50, 510, 511, 1500, 1501]) {
  const art = betrag % 3 === 0 ? 'eilig' : 'ruhig';
  const { output } = (await start('straight', { betrag, art })).environment;
  const stufe = grade(betrag, art);
  const umfang = betrag * 2;
  const expected = { umfang, stufe, text: stufe + (umfang > 1000 ? ' gross' : ' klein'),
    schluss: umfang + 1 };
  for (const [name, value] of Object.entries(expected)) {
    if (output[name] !== value) {
      throw new Error(`betrag ${betrag}: ${name} is ${output[name]} and not ${value}`);
    }
  }
}

const result = { engine: 'bpmn-engine', jar: `bpmn-engine ${version}`, store: 'memory' };
let base = 0;
for (const [part, name, warmUp, count] of [
  ['c', 'straight', options['instance-warm-up'], options.instances],
  ['b', 'one_task', options['task-warm-up'], options.tasks]]) {
  await run(name, base, warmUp);
  result[part] = figures(await run(name, base + warmUp, count));
  base += warmUp + count;
  console.error(`${name}: ${JSON.stringify(result[part])}`);
}
writeFileSync(texts.output, `${JSON.stringify(result)}\n`);
