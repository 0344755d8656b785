// Why the answers may differ. Each rule is as narrow as what can be seen allows: the expression,
// both answers, and the reasons that the program gives for its nulls.
//   name    what the run counts
//   why     with the clause of DMN 1.5, or the test of the DMN TCK that decides
//   applies ({ expression, mine, other, same }) => boolean

const reason = (mine, text) => mine.diagnostics.some((one) => one.endsWith(text));

export const rules = [
  {
    name: 'substring: a position outside of the string is null',
    why: 'Table 76 (10.3.4.3) numbers positions from 1 to the length; feelin answers the empty or the whole string as JavaScript does.',
    applies: ({ expression, mine }) => expression.includes('substring(') && reason(mine, 'the position is outside the string')
  },
  {
    name: 'lists: a position outside of the list is null',
    why: 'Table 77 (10.3.4.4): the position must be an index of the list; feelin answers the list or the empty list.',
    applies: ({ expression, mine }) => /\b(sublist|remove|insert before|list replace)\(/.test(expression) &&
      (reason(mine, 'there is no item at this position') || reason(mine, 'there is no such position') ||
       reason(mine, 'the list is shorter than the length asked for'))
  },
  {
    name: 'years and months duration: whole months, no days',
    why: '10.3.2.3.6: such a duration has years and months only; feelin keeps days in it.',
    applies: ({ expression }) => expression.includes('years and months duration(date') ||
      expression.includes('years and months duration((') || /years and months duration\(@"\d{4}-\d\d-(\d\d)", (?!@"\d{4}-\d\d-\1")/.test(expression)
  },
  {
    name: 'ranges whose ends do not compare are null',
    why: '10.3.2.7: both ends are of one comparable type, else null; feelin throws an error.',
    applies: ({ mine, other }) => other.kind === 'error' && other.error.startsWith('unsupported range') &&
      (reason(mine, '"between" needs values that compare') || reason(mine, 'the ends of a range cannot be compared'))
  }
];
