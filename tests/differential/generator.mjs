// Random FEEL expressions from the grammar (DMN 1.5 clause 10.3.1.2), mostly well typed, with the
// variables of `variables`. The same seed gives the same expressions.

export const variables = {
  a: 3, 'b c': -2.5, n: 12, s: 'foobar', t: 'Straße', yes: true, none: null,
  l: [1, 2, 3, 2], w: ['b', 'a', 'c'], e: [],
  c: { x: 1, 'y z': 'v', k: [4, 5] },
  p: [{ name: 'A', age: 30 }, { name: 'B', age: 17 }, { name: 'C', age: 44 }]
};

export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const SCALARS = ['number', 'string', 'date', 'dateTime', 'time', 'days', 'months'];

export class Generator {
  constructor(seed) {
    this.next = random(seed);
    this.bound = [];
  }
  below(n) { return Math.floor(this.next() * n); }
  pick(list) { return list[this.below(list.length)]; }
  chance(p) { return this.next() < p; }

  expression() {
    this.bound = [];
    this.zone = this.pick(['', '', 'Z', '+02:00', '-05:30']);
    const types = ['number', 'number', 'string', 'string', 'boolean', 'boolean', 'numbers', 'strings', 'date',
      'dateTime', 'time', 'days', 'months', 'context', 'range'];
    return this.of(this.pick(types), 1 + this.below(4));
  }

  // An expression of a type, in parentheses where its operators could bind differently.
  of(type, depth) {
    // Now and then of another type, but where a condition, a list, a context or a range must stand.
    if (SCALARS.includes(type) && this.chance(0.02)) type = this.pick(['number', 'string', 'boolean', 'numbers', 'context', 'null']);
    if (depth > 0 && this.chance(0.08)) return this.conditional(type, depth - 1);
    if (depth > 0 && this.chance(0.03)) return `(function(x, y) ${this.within([['x', type], ['y', 'number']], () => this.of(type, depth - 1))})(${this.of(type, depth - 1)}, ${this.of('number', 0)})`;
    return this[type](Math.max(0, depth));
  }
  within(names, body) {
    this.bound.push(...names);
    const text = body();
    this.bound.length -= names.length;
    return text;
  }
  names(type) { return this.bound.filter(([, t]) => t === type).map(([name]) => name); }
  conditional(type, depth) {
    return `(if ${this.of('boolean', depth)} then ${this.of(type, depth)} else ${this.of(type, depth)})`;
  }
  null() { return 'null'; }

  number(depth) {
    const local = this.names('number');
    if (local.length > 0 && this.chance(0.4)) return this.pick(local);
    if (depth === 0) {
      return this.pick([() => String(this.below(21)), () => `-${1 + this.below(9)}`, () => this.pick(['0.5', '2.25', '1.75', '-3.5', '100', '0.1']),
        () => this.pick(['a', 'b c', 'n', 'c.x', 'l[2]', 'p[1].age'])])();
    }
    const d = depth - 1;
    const n = () => this.of('number', d);
    return this.pick([
      () => `(${n()} + ${n()})`, () => `(${n()} - ${n()})`, () => `(${n()} * ${n()})`, () => `(${n()} / ${n()})`,
      () => `(${n()} ** ${this.pick(['2', '3', '0', '1'])})`, () => `-(${n()})`,
      () => `abs(${n()})`, () => `modulo(${n()}, ${this.pick(['5', '-3', '4', '0', '2.5'])})`,
      () => `floor(${n()})`, () => `ceiling(${n()})`, () => `decimal(${n()}, ${this.below(3)})`,
      () => `${this.pick(['round up', 'round down', 'round half up', 'round half down'])}(${n()}, ${this.pick(['0', '1', '2'])})`,
      () => `${this.pick(['floor', 'ceiling'])}(${n()}, ${this.pick(['0', '1', '-1'])})`,
      () => `sqrt(${this.pick(['16', '2.25', '0', '-4', '2'])})`, () => `exp(${this.pick(['0', '1', '2'])})`, () => `log(${this.pick(['1', '10', '0', '-1'])})`,
      () => `count(${this.list(d)})`, () => `string length(${this.of('string', d)})`,
      () => `${this.pick(['sum', 'min', 'max', 'mean', 'median', 'product', 'stddev'])}(${this.of('numbers', d)})`,
      () => `${this.pick(['sum', 'min', 'max', 'mean'])}(${n()}, ${n()}, ${n()})`,
      () => `number(${this.pick(['"12", null, null', '"-3.5", null, null', '"1 000,5", " ", ","', '"1,000.25", ",", "."', '"abc", null, null', 'null, null, null'])})`,
      () => `${this.of('numbers', d)}[${this.pick(['1', '2', '-1', '5', '-2'])}]`,
      () => `${this.of('date', d)}.${this.pick(['year', 'month', 'day', 'weekday'])}`,
      () => `${this.of('time', d)}.${this.pick(['hour', 'minute', 'second'])}`,
      () => `${this.of('days', d)}.${this.pick(['days', 'hours', 'minutes', 'seconds'])}`,
      () => `${this.of('months', d)}.${this.pick(['years', 'months'])}`,
      () => `day of year(${this.of('date', d)})`, () => `week of year(${this.of('date', d)})`,
      () => `get value(${this.of('context', d)}, ${this.pick(['"x"', '"q"', '["x"]'])})`, () => `${this.of('context', d)}.x`,
     
      () => `index of(${this.of('numbers', d)}, ${n()})[1]`,
      () => `${this.of('range', d)}.${this.pick(['start', 'end'])}`
    ])();
  }
  string(depth) {
    const local = this.names('string');
    if (local.length > 0 && this.chance(0.4)) return this.pick(local);
    if (depth === 0) {
      return this.pick(['"a"', '"foo bar"', '""', '"\\u00e9t\\u00e9"', '"a\\"b"', '"x\\\\y"', '"😀b"', '"12"', 's', 't', 'w[1]', 'c.y z', 'p[-1].name']);
    }
    const d = depth - 1;
    const s = () => this.of('string', d);
    return this.pick([
      () => `(${s()} + ${s()})`, () => `substring(${s()}, ${this.pick(['1', '2', '-2', '-1', '3'])})`,
      () => `substring(${s()}, ${this.pick(['1', '2', '-3'])}, ${this.pick(['1', '2', '10'])})`,
      () => `upper case(${s()})`, () => `lower case(${s()})`,
      () => `substring before(${s()}, ${this.pick(['"o"', '"bar"', '"x"', '""'])})`, () => `substring after(${s()}, ${this.pick(['"o"', '"foo"', '"x"', '""'])})`,
      () => `replace(${s()}, ${this.pick(['"o"', '"[a-f]"', '"(o+)"', '"^f"', '"(a)|(b)"'])}, ${this.pick(['"x"', '"<$1>"', '""', '"-"'])})`,
      () => `string(${this.of(this.pick(['number', 'boolean', 'date', 'time', 'dateTime', 'days', 'months', 'numbers', 'strings']), d)})`,
      () => `string join(${this.of('strings', d)}${this.pick(['', ', "-"', ', ""'])})`,
      () => `${this.of('strings', d)}[${this.pick(['1', '-1', '3'])}]`,
      () => `${this.pick(['day of week', 'month of year'])}(${this.of('date', d)})`,
      () => () => `p[age > ${this.below(50)}][1].name`
    ])();
  }
  boolean(depth) {
    if (depth === 0) return this.pick(['true', 'false', 'yes', '(a > 2)', 'null']);
    const d = depth - 1;
    const b = () => this.of('boolean', d);
    const kind = this.pick(['number', 'number', 'string', 'date', 'dateTime', 'time', 'days', 'months']);
    return this.pick([
      () => `(${b()} and ${b()})`, () => `(${b()} or ${b()})`, () => `not(${b()})`,
      () => `(${this.of(kind, d)} ${this.pick(['<', '<=', '>', '>=', '=', '!='])} ${this.of(kind, d)})`,
      () => `(${this.of(this.pick(['numbers', 'strings', 'context', 'boolean', 'range']), d)} ${this.pick(['=', '!='])} ${this.of(this.pick(['numbers', 'strings', 'context', 'boolean', 'range']), d)})`,
      () => `(${this.of(kind, d)} between ${this.of(kind, d)} and ${this.of(kind, d)})`,
      () => `(${this.of('number', d)} in ${this.of('range', d)})`, () => `(${this.of('number', d)} in (${this.pick(['< 3', '>= 2', '[1..5]', '1, 2, 3', '< 0, > 10', '(2..4)', ']1..4['])}))`,
      () => `(${this.of('string', d)} in (${this.pick(['"a", "b"', '"foobar"', '["a".."c"]'])}))`,
      () => `${this.pick(['contains', 'starts with', 'ends with'])}(${this.of('string', d)}, ${this.of('string', 0)})`,
      () => `matches(${this.of('string', d)}, ${this.pick(['"^fo*"', '"[a-c]+"', '"\\\\d+"', '"b.r$"', '"^$"'])})`,
      () => `list contains(${this.of('numbers', d)}, ${this.of('number', d)})`,
      () => `${this.pick(['all', 'any'])}(${this.pick(['[true, false]', '[true]', '[]', '[true, null]', '[false, null]', `[${b()}, ${b()}]`])})`,
      () => `(${this.pick(['some', 'every'])} i in ${this.of('numbers', d)} satisfies ${this.within([['i', 'number']], () => this.of('boolean', d))})`,
      () => `${this.pick(['odd', 'even'])}(${this.of('number', d)})`,
      () => `(${this.of(this.pick(['number', 'string', 'date', 'numbers', 'boolean', 'context', 'days']), d)} instance of ${this.pick(['number', 'string', 'boolean', 'date', 'list<number>', 'days and time duration'])})`,
      () => `is(${this.of(kind, d)}, ${this.of(kind, d)})`,
      () => `${this.pick(['before', 'after'])}(${this.of('number', d)}, ${this.of('range', d)})`,
      () => `${this.pick(['includes'])}(${this.of('range', d)}, ${this.of('number', d)})`,
      () => `${this.pick(['meets', 'met by', 'overlaps', 'before', 'after', 'includes'])}(${this.of('range', 0)}, ${this.of('range', 0)})`
    ])();
  }
  list(depth) { return this.of(this.pick(['numbers', 'strings']), depth); }
  numbers(depth) {
    const local = this.names('numbers');
    if (local.length > 0 && this.chance(0.4)) return this.pick(local);
    if (depth === 0) return this.pick(['l', '[1, 2, 3]', '[]', '[4]', '[2, 1, 2]', 'c.k', 'p.age', 'e', '[0.5, -1]']);
    const d = depth - 1;
    const l = () => this.of('numbers', d);
    return this.pick([
      () => `[${this.of('number', d)}, ${this.of('number', d)}]`,
      () => `(for i in ${l()} return ${this.within([['i', 'number']], () => this.of('number', d))})`,
      () => `(for i in ${this.below(4)}..${4 + this.below(4)} return ${this.within([['i', 'number']], () => this.of('number', d))})`,
      () => `(for i in ${l()}, j in ${this.of('numbers', 0)} return ${this.within([['i', 'number'], ['j', 'number']], () => this.of('number', d))})`,
      () => `(for i in ${l()} return (i + count(partial)))`,
      () => `${l()}[${this.within([['item', 'number']], () => this.of('boolean', d))}]`, () => `${l()}[item ${this.pick(['>', '<=', '='])} ${this.of('number', 0)}]`,
      () => `append(${l()}, ${this.of('number', d)})`, () => `concatenate(${l()}, ${l()})`, () => `reverse(${l()})`, () => `distinct values(${l()})`,
      () => `union(${l()}, ${l()})`, () => `insert before(${l()}, ${this.pick(['1', '-1', '2'])}, ${this.of('number', 0)})`, () => `remove(${l()}, ${this.pick(['1', '-1', '2'])})`,
      () => `sublist(${l()}, ${this.pick(['1', '2', '-1', '-2'])})`, () => `sublist(${l()}, 1, ${this.pick(['1', '2'])})`,
      () => `sort(${l()}, function(x, y) x ${this.pick(['<', '>'])} y)`, () => `index of(${l()}, ${this.of('number', 0)})`,
      () => `flatten([${l()}, [${this.of('number', d)}, ${l()}]])`, () => `mode(${l()})`, () => `list replace(${l()}, ${this.pick(['1', '-1'])}, ${this.of('number', 0)})`,
      () => `p[age ${this.pick(['>', '<'])} ${this.below(50)}].age`
    ])();
  }
  strings(depth) {
    if (depth === 0) return this.pick(['w', '["x"]', '["a", "b"]', 'p.name', '["b", "a", "b"]']);
    const d = depth - 1;
    return this.pick([
      () => `[${this.of('string', d)}, ${this.of('string', d)}]`, () => `split(${this.of('string', d)}, ${this.pick(['"o"', '" "', '"[ob]"', '","'])})`,
      () => `(for i in ${this.of('strings', d)} return ${this.within([['i', 'string']], () => this.of('string', d))})`,
      () => `sort(${this.of('strings', d)}, function(x, y) x < y)`, () => `distinct values(${this.of('strings', d)})`,
      () => `${this.of('strings', d)}[item ${this.pick(['=', '>', '!='])} ${this.of('string', 0)}]`, () => `reverse(${this.of('strings', d)})`
    ])();
  }
  day() { return `${2000 + this.below(40)}-${String(1 + this.below(12)).padStart(2, '0')}-${String(1 + this.below(28)).padStart(2, '0')}`; }
  clock() { return `${String(this.below(24)).padStart(2, '0')}:${String(this.below(60)).padStart(2, '0')}:${String(this.below(60)).padStart(2, '0')}`; }
  date(depth) {
    if (depth === 0) return this.pick([() => `date("${this.day()}")`, () => `@"${this.day()}"`, () => '@"2024-02-29"', () => `date(2024, ${1 + this.below(12)}, ${1 + this.below(30)})`])();
    const d = depth - 1;
    return this.pick([
      () => `(${this.of('date', d)} ${this.pick(['+', '-'])} ${this.of('months', d)})`, () => `(${this.of('date', d)} ${this.pick(['+', '-'])} ${this.pick(['@"P2D"', '@"-P1D"', 'duration("P30D")', '(@"2024-02-29" - @"2023-11-01")'])})`,
      () => `date(${this.of('dateTime', d)})`, () => `date(${this.of('date', d)}.year, ${1 + this.below(12)}, ${1 + this.below(28)})`
    ])();
  }
  dateTime(depth) {
    const zone = this.zone;
    if (depth === 0) return this.pick([() => `date and time("${this.day()}T${this.clock()}${zone}")`, () => `@"${this.day()}T${this.clock()}${zone}"`])();
    const d = depth - 1;
    return this.pick([
      () => `(${this.of('dateTime', d)} ${this.pick(['+', '-'])} ${this.of(this.pick(['days', 'months']), d)})`,
      () => `date and time(${this.of('date', d)}, ${this.of('time', d)})`
    ])();
  }
  time(depth) {
    const zone = this.zone;
    if (depth === 0) return this.pick([() => `time("${this.clock()}${zone}")`, () => `@"${this.clock()}${zone}"`, () => (zone === '' ? `time(${this.below(24)}, ${this.below(60)}, ${this.below(60)})` : `time("${this.clock()}${zone}")`)])();
    const d = depth - 1;
    return this.pick([() => `(${this.of('time', d)} ${this.pick(['+', '-'])} ${this.of('days', d)})`, () => `time(${this.of('dateTime', d)})`])();
  }
  days(depth) {
    if (depth === 0) return this.pick(['@"PT1H"', '@"P1DT2H30M"', '@"-PT90M"', '@"P2D"', 'duration("PT36H")', '@"PT0S"', '@"PT45S"']);
    const d = depth - 1;
    return this.pick([
      () => `(${this.of('days', d)} ${this.pick(['+', '-'])} ${this.of('days', d)})`, () => `(${this.of('date', d)} - ${this.of('date', d)})`, () => `(${this.of('dateTime', 0)} - ${this.of('dateTime', 0)})`,
      () => `(${this.of('time', 0)} - ${this.of('time', 0)})`
    ])();
  }
  months(depth) {
    if (depth === 0) return this.pick(['@"P1Y"', '@"P1Y2M"', '@"-P5M"', 'duration("P14M")', '@"P0M"', '@"P1M"']);
    const d = depth - 1;
    return this.pick([
      () => `(${this.of('months', d)} ${this.pick(['+', '-'])} ${this.of('months', d)})`, () => this.between(d)
    ])();
  }
  // Mostly between the same days of two months.
  between(depth) {
    if (this.chance(0.1)) return `years and months duration(${this.of('date', depth)}, ${this.of('date', depth)})`;
    const day = String(1 + this.below(28)).padStart(2, '0');
    const month = () => `@"${2000 + this.below(40)}-${String(1 + this.below(12)).padStart(2, '0')}-${day}"`;
    return `years and months duration(${month()}, ${month()})`;
  }
  context(depth) {
    if (depth === 0) return this.pick(['c', '{x: 1}', '{}', '{x: 2, "q": "s"}', 'p[2]']);
    const d = depth - 1;
    return this.pick([
      () => `{x: ${this.of('number', d)}, y: ${this.of('string', d)}, z: ${this.pick(['x', 'y', 'x + 1', '[x, y]'])}}`,
      () => `context put(${this.of('context', d)}, "x", ${this.of('number', d)})`, () => `context merge([${this.of('context', d)}, ${this.of('context', d)}])`,
      () => `context([{key: "x", value: ${this.of('number', d)}}])`, () => `get entries(${this.of('context', d)})[1]`
    ])();
  }
  range(depth) {
    const low = this.below(9) - 2;
    const end = (value) => (depth === 0 || this.chance(0.8) ? String(value) : `(${value} + ${this.of('number', 0)} * 0)`);
    const text = `${end(low)}..${end(low + 1 + this.below(6))}${this.pick([']', ')', '['])}`;
    // "[]1..2]" would begin with an empty list.
    return this.chance(0.2) ? `(]${text})` : this.pick(['[', '(']) + text;
  }
}
