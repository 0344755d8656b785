// Why the answers may differ. Each rule is as narrow as what can be seen allows: the expression,
// both answers, and the reasons that the program gives for its nulls.
//   name    what the run counts
//   why     with the clause of DMN 1.5, or the test of the DMN TCK that decides
//   applies ({ expression, mine, other, same }) => boolean

const reason = (mine, text) => mine.diagnostics.some((one) => one.includes(text));

// The same up to digits that doubles do not have: numbers inside of texts.
const rounded = (value) => JSON.parse(JSON.stringify(value).replace(/\d+\.\d{9,}/g, (digits) => String(Number(Number(digits).toPrecision(11)))));

export const rules = [
  {
    name: 'substring: a position outside of the string is null',
    why: '10.3.4.3: positions are those of the string; feelin answers the empty or the whole string as JavaScript does.',
    applies: ({ expression, mine }) => expression.includes('substring(') && reason(mine, 'the position is outside the string')
  },
  {
    name: 'lists: a position outside of the list is null',
    why: '10.3.4.4: positions are those of the list; feelin answers the list or the empty list.',
    applies: ({ expression, mine }) => /\b(sublist|remove|insert before|list replace)\(/.test(expression) &&
      (reason(mine, 'there is no item at this position') || reason(mine, 'there is no such position') ||
       reason(mine, 'the list is shorter than the length asked for'))
  },
  {
    name: 'lists: -1 is the last position',
    why: '10.3.4.4: negative positions count from the end, -1 is the last; feelin takes the one before.',
    applies: ({ expression }) => /\b(remove|insert before|list replace)\(.*, -1/.test(expression)
  },
  {
    name: 'mode: the values in ascending order',
    why: '10.3.4.4: several values are answered in ascending order; feelin keeps their order in the list.',
    applies: ({ expression }) => expression.includes('mode(')
  },
  {
    name: 'years and months duration: whole months, no days',
    why: '10.3.2.3.6: such a duration has years and months only; feelin keeps days in it.',
    applies: ({ expression }) => /years and months duration\((date|\(|@"\d{4}-\d\d-(\d\d)", (?!@"\d{4}-\d\d-\2"\)))/.test(expression)
  },
  {
    name: 'what does not compare is null',
    why: '10.3.2.7, TCK 0068, 0071, 0072: values of different kinds, or with null, do not compare; feelin answers true, false or throws an error.',
    applies: ({ mine }) => reason(mine, '"between" needs values that compare') || reason(mine, 'the ends of a range cannot be compared') ||
      /cannot compare (\S.*) with (?!\1)/.test(mine.diagnostics.join('\n')) || reason(mine, 'the value cannot be compared with what it is tested against') ||
      reason(mine, 'an included end of a range is null') || reason(mine, 'needs points or ranges of the same kind')
  },
  {
    name: 'between is false where the first bound is the larger one',
    why: '10.3.2.7: e1 between e2 and e3 means e1 >= e2 and e1 <= e3; feelin exchanges the bounds.',
    applies: ({ expression }) => expression.includes(' between ')
  },
  {
    name: 'some, every: a condition that is no boolean is null',
    why: '10.3.2.9.3: the quantifiers are chains of or and of and, three-valued; feelin takes null for false.',
    applies: ({ mine }) => reason(mine, 'the condition was not always a boolean')
  },
  {
    name: 'lists: null is no list',
    why: '10.3.2.9.4: null is converted to no list; feelin takes it for an item.',
    applies: ({ mine }) => reason(mine, 'concatenate needs lists') || reason(mine, 'union needs lists') || reason(mine, 'append needs a list')
  },
  {
    name: 'context merge, context put: null is no context',
    why: '10.3.4.7: every part must be a context; feelin leaves null out.',
    applies: ({ mine }) => reason(mine, 'context merge needs a list of contexts') || reason(mine, 'context put needs a context')
  },
  {
    name: 'sort: what has no order is null',
    why: '10.3.4.5: precedes answers true or false; feelin keeps the order where it answers null.',
    applies: ({ expression, mine }) => expression.includes('sort(') && reason(mine, 'the items cannot be brought into an order')
  },
  {
    name: 'replace: a group that does not exist is empty',
    why: 'XQuery 1.0 and XPath 2.0 Functions and Operators 7.6.3, to which 10.3.4.3 refers; feelin leaves the text $1.',
    applies: ({ expression }) => /replace\(.*"<\$1>"/.test(expression)
  },
  {
    name: 'strings are counted in code points',
    why: '10.3.2.3.2, TCK 0083; feelin counts some of the emoji twice.',
    applies: ({ expression }) => expression.includes('😀') && /substring\(|string length\(|replace\(/.test(expression)
  },
  {
    name: 'numbers have 34 digits',
    why: '10.3.2.3.1: decimal128; feelin has doubles, so that texts of numbers differ behind the fifteenth digit.',
    applies: ({ expression, mine, other, same }) => mine.kind === other.kind &&
      (same(rounded(mine.value), rounded(other.value)) || /string\(.*(exp|log|sqrt|stddev|mean|median|\/)/.test(expression))
  },
  {
    name: 'a filter by null keeps nothing',
    why: '10.3.2.5: a filter keeps the items for which it is true; feelin answers null.',
    applies: ({ expression }) => /[\])a-z]\[(none|null)\]/.test(expression)
  },
  {
    name: 'item is known in the whole filter',
    why: '10.3.2.5: item is bound in the filter; feelin does not find it in the arguments of functions.',
    applies: ({ expression, other }) => /\bitem\b/.test(expression) && other.warnings.includes('NO_VARIABLE_FOUND')
  },
  {
    name: 'lists that differ are not equal',
    why: 'TCK 0068: lists are equal if they have the same length and equal items, else not; feelin answers null for some.',
    applies: ({ expression, mine }) => /(\]|\)|\b[lwe]|c\.k|\.(name|age)) !?= /.test(expression) && mine.kind !== 'error'
  },
  {
    name: 'nothing but null is equal to null',
    why: 'TCK 0068: a value is not equal to null, false rather than null; feelin answers null.',
    applies: ({ expression, mine }) => (/\bin .*\b(null|none)\b/.test(expression) || /\bitem !?= /.test(expression)) && mine.kind !== 'error'
  },
  {
    name: 'is: values of different kinds are not the same',
    why: '10.3.4.8, TCK 0103: false; feelin answers null.',
    applies: ({ expression }) => /\bis\(/.test(expression)
  },
  {
    name: 'time: the whole form is needed',
    why: '10.3.4.1, TCK 1116: hours, minutes and seconds; feelin takes "12" for a time.',
    applies: ({ mine }) => reason(mine, 'this string is no time')
  },
  {
    name: 'feelin does not read it',
    why: '10.3.1.2: the grammar allows it; feelin stops at a list behind a keyword, or at a nested call.',
    applies: ({ mine, other }) => other.kind === 'error' && /^Unrecognized token/.test(other.error) && mine.kind !== 'error'
  }
];
