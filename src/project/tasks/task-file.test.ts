import { describe, expect, it } from 'vitest';
import { fc } from '../../../test/support/properties.ts';
import { parseTaskFile } from './read-task-file.ts';

function read(text: string, file = 'a.csv') {
  const { value, problems } = parseTaskFile(text, file);
  if (value?.kind !== 'list') throw new Error(problems.map(({ message }) => message).join('\n'));
  return { names: value.names, rows: value.rows };
}

function complaints(text: string, file = 'a.csv'): string[] {
  const { value, problems } = parseTaskFile(text, file);
  expect(value).toBeNull();
  return problems.map((problem) => {
    expect(problem).toMatchObject({ file, severity: 'error' });
    return `${String(problem.line)}:${String(problem.column)} ${problem.code} ${problem.message}`;
  });
}

describe('tasks in a .csv or .tsv file', () => {
  it('has names in the first line, and every other line is a task', () => {
    const text = 'seed,lr,tag\r\n0,1e-3,"a ""b"", c"\r\n\r\n1.0,,"two\nlines"\n';
    const rows = [
      ['0', '1e-3', 'a "b", c'],
      ['1.0', '', 'two\nlines'],
    ];
    expect(read(text)).toEqual({ names: ['seed', 'lr', 'tag'], rows });
    expect(read('seed\tlr\n0\t"a\tb"', 'a.tsv')).toEqual({ names: ['seed', 'lr'], rows: [['0', 'a\tb']] });
    expect(read('seed\n""\n 1 \n').rows).toEqual([[''], [' 1 ']]);
  });

  it('reads back whatever a writer of RFC 4180 writes', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', '"', ',', '\t', '\n', ' ', 'é', '$', '\\', '😀'),
      maxLength: 6,
    });
    const row = fc.tuple(cell, cell);
    const rows = fc.uniqueArray(row, { minLength: 1, maxLength: 6, selector: (cells) => JSON.stringify(cells) });
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n'), fc.constantFrom('.csv', '.tsv'), (written, end, kind) => {
        const separator = kind === '.csv' ? ',' : '\t';
        const lines = [['x', 'y'], ...written].map((cells) => cells.map(quoted).join(separator));
        expect(read(lines.join(end), `a${kind}`)).toEqual({ names: ['x', 'y'], rows: written });
      }),
    );
  });

  it.each([
    [
      'seed,lr\n0\n',
      '2:1 value.conflict this line has 1 cell, and the first line names 2; put a cell that contains a separator in double quotes',
    ],
    [
      'seed,lr\n"a\nb",1\n0,1,2\n',
      '4:1 value.conflict this line has 3 cells, and the first line names 2; put a cell that contains a separator in double quotes',
    ],
    ['seed,lr\n1,"0\n', '2:3 file.syntax this quote is never closed'],
    ['seed,lr\n1,"0"x\n', '2:6 file.syntax `x` stands after the closing quote; write `""` for a quote within a cell'],
    [
      'seed,lr\n1, "0"\n',
      '2:4 file.syntax a quote within a cell that does not begin with one: put the whole cell in double quotes, and write `""` for each quote in it',
    ],
    ['seed,seed\n1,2\n', '1:6 file.duplicate_key a second column `seed`; remove one of the two'],
    [
      'seed,index\n1,2\n',
      "1:6 value.invalid `index` is reserved: `{{task.index}}` is the task's number; choose another name",
    ],
    [
      'seed, lr\n1,2\n',
      '1:6 value.invalid ` lr` cannot be the name of a parameter: use at most 64 letters, digits and `_`, and no digit first (remove the blanks around it)',
    ],
    [
      'seed;lr\n1;2\n',
      '1:1 value.invalid `seed;lr` cannot be the name of a parameter: use at most 64 letters, digits and `_`, and no digit first; a .csv file has commas between cells',
    ],
    ['seed,lr\n1,2\n3,4\n\n1,2\n', '5:1 value.conflict this is the same task as that of line 2; remove one of them'],
    [
      'seed,lr\n1,a\u0007\n',
      '2:3 value.control_character `lr` contains the control character U+0007, which cannot be passed to a program as it is; remove it',
    ],
    [
      'seed\r1',
      '1:1 value.invalid `seed\\r1` cannot be the name of a parameter: use at most 64 letters, digits and `_`, and no digit first',
    ],
    [
      'seed,lr\n1,{{run_id}}\n',
      '2:3 placeholder.unresolved `lr` contains `{{run_id}}`, and nothing is filled in here; write it into the entrypoint',
    ],
    ['seed,lr\n', '1:1 value.missing the file has no tasks'],
  ])('%j', (text, wanted) => {
    expect(complaints(text)).toEqual([wanted]);
  });

  it('takes 100,000 tasks, and not one more', () => {
    const lines = Array.from({ length: 100_000 }, (_, at) => `${at}\n`).join('');
    expect(read(`seed\n${lines}`).rows).toHaveLength(100_000);
    expect(complaints(`seed\n${lines}-1\n`)).toEqual([
      '1:1 value.invalid the file has more than 100000 tasks, and a run takes at most that many',
    ]);
  });

  it('does not list the same mistake a thousand times', () => {
    expect(complaints(`a,b\n${'1\n'.repeat(1000)}`)).toHaveLength(51);
  });
});

describe('tasks in a .jsonl file', () => {
  const file = 'a.jsonl';

  it('has an object a line, with values as they are spelled', () => {
    const text =
      '{"seed": 0, "lr": 1e-3, "on": true, "tag": "a\\n\\"b"}\r\n\n{"on":false,"tag":"","lr":0.10,"seed":123456789012345678901}';
    expect(read(text, file)).toEqual({
      names: ['seed', 'lr', 'on', 'tag'],
      rows: [
        ['0', '1e-3', 'true', 'a\n"b'],
        ['123456789012345678901', '0.10', 'false', ''],
      ],
    });
  });

  it.each([
    ['{"seed": 0}\n{"seed": 1,}', '2:12 file.syntax not well-formed JSON: remove the comma before `}`'],
    ['{"seed": 0}\n[1]', '2:1 value.type each line is one task: an object with its parameters, such as `{"seed": 0}`'],
    ['{}\n', '1:1 value.type each line is one task: an object with its parameters, such as `{"seed": 0}`'],
    [
      '{"seed": 0}\n{"seed": null}',
      '2:10 value.type `seed` is `null`; write text, a number, `true` or `false` (`""` for an empty text)',
    ],
    [
      '{"seed": [0]}',
      '1:10 value.type `seed` is not a single value; write text, a number, `true` or `false` (`""` for an empty text)',
    ],
    ['{"seed": 0, "seed": 1}', '1:13 file.duplicate_key duplicate key `seed`; remove one of the two'],
    [
      '{"seed": 0, "a": 1}\n{"seed": 1}',
      '2:1 value.missing this task has no `a`, which the first task has; all tasks have the same parameters',
    ],
    [
      '{"seed": 0}\n{"seed": 1, "a": 1}',
      '2:1 value.conflict this task has `a`, which the first task does not have; all tasks have the same parameters',
    ],
    ['{"seed": "0"}\n\n{"seed": 0}', '3:1 value.conflict this is the same task as that of line 1; remove one of them'],
    [
      '{"a b": 0}',
      '1:1 value.invalid `a b` cannot be the name of a parameter: use at most 64 letters, digits and `_`, and no digit first',
    ],
    [
      '{"seed": "\\u0000"}',
      '1:10 value.control_character `seed` contains the control character U+0000, which cannot be passed to a program as it is; remove it',
    ],
  ])('%j', (text, wanted) => {
    expect(complaints(text, file)).toEqual([wanted]);
  });
});
