import { NASTY } from './hostile-text.ts';

/** Documents, spoilt: seeded, so that the same number spoils the same document in the same way. */

export interface Mutated {
  /** What was done, for the message of a test that fails. */
  readonly how: string;
  readonly bytes: Buffer;
}

type Random = () => number;
type Mutator = (bytes: Buffer, random: Random) => Buffer;

function pick<T>(items: readonly T[], random: Random): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

function below(limit: number, random: Random): number {
  return Math.floor(random() * limit);
}

const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);

/** Put in the place of a value, or of a whole line, as it stands. */
const RAW: readonly string[] = [
  'NaN',
  '-Infinity',
  '.inf',
  '1e999',
  '-0',
  '123456789012345678901234567890',
  '1.0000000000000000001',
  'true',
  'null',
  '~',
  '[]',
  '{}',
  '""',
  "'",
  '"\\ud800"',
  '"\\u0000"',
  '"\\x1b[2J"',
  '"\u001b]0;x\u0007"',
  '!!js/function "function () {}"',
  '!!binary aGVsbG8=',
  '!!set {a, b}',
  `!${'x'.repeat(100_000)} a`,
  '!\u001b[2J a',
  '&a [*a, *a]',
  '*nowhere',
  '*\u001b[2J',
  '&a x',
  '<<: {a: 1}',
  '? [a, b]\n: c',
  '? ? ? ? a',
  '- - - - - a',
  '{{run_id}}',
  '|2-\n  a',
  '>+\n\n\n',
  '%YAML 1.1',
  '---',
  '...',
  '\t- a',
  '"__proto__": {"x": 1}, "constructor": 1',
  '{"__proto__": {"x": 1}}',
  '{__proto__: fail, toString: fail, hasOwnProperty: fail}',
  nested('[', ']', 60),
  '```\u001b[31m\nx\n```',
  '```python\nx\n```',
  '# Activation local slurm',
  '"\\u001b[2J": 1, "\\u001b[2J": 2,',
];

/** The same, of half a megabyte or so: seldom, since they take long to make. */
const GIANTS: readonly string[] = [
  nested('[', ']', 50_000),
  nested('{"a":', '}', 50_000),
  nested('{a: ', '}', 90),
  `[${'null,'.repeat(20_000)}null]`,
  `[${'x,'.repeat(200_000)}x]`,
  `{"${'k'.repeat(400_000)}": [${'null,'.repeat(20_000)}null]}`,
  `{${Array.from({ length: 5000 }, (_, index) => `"k${index}": null`).join(',')}}`,
  `"${'\\n'.repeat(200_000)}"`,
  `"${'\\u001b'.repeat(50_000)}"`,
  `'${"''".repeat(200_000)}'`,
  '#'.repeat(500_000),
  '- '.repeat(200_000),
  '? '.repeat(100_000),
  ': '.repeat(100_000),
  '& '.repeat(100_000),
  '{{'.repeat(100_000),
  '`'.repeat(500_000),
  '`````\n'.repeat(80_000),
  '# Activation\n'.repeat(40_000),
  '<!--\n'.repeat(100_000),
  ' '.repeat(900_000),
  '\n'.repeat(900_000),
  '\r'.repeat(100_000),
  `a: &a0 [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, level) => `a${level}: &a${level + 1} [${`*a${level},`.repeat(9)}]`).join('\n')}`,
];

const SMALL_NASTY = NASTY.filter((text) => text.length < 1000);
const GIANT_NASTY = NASTY.filter((text) => text.length >= 1000);

function raw(random: Random): string {
  return pick(random() < 0.06 ? GIANTS : RAW, random);
}

function nasty(random: Random): string {
  return pick(random() < 0.06 ? GIANT_NASTY : SMALL_NASTY, random);
}

function linesOf(bytes: Buffer): string[] {
  return bytes.toString('latin1').split('\n');
}

function fromLines(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join('\n'), 'latin1');
}

/** `RAW` and `NASTY` are text; lines are handled as bytes. */
function latin(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

const LONGEST_LINE = 4096;

function atLine(change: (lines: string[], index: number, random: Random) => void): Mutator {
  return (bytes, random) => {
    const lines = linesOf(bytes);
    const index = below(lines.length, random);
    // A giant is not looked into: another change made it.
    if ((lines[index] ?? '').length > LONGEST_LINE) lines[index] = 'x: y';
    change(lines, index, random);
    return fromLines(lines);
  };
}

function atByte(make: (random: Random) => Buffer, cut: (random: Random) => number = () => 0): Mutator {
  return (bytes, random) => {
    const at = below(bytes.length + 1, random);
    return Buffer.concat([bytes.subarray(0, at), make(random), bytes.subarray(at + cut(random))]);
  };
}

/** The value of `key: value`, whether YAML or JSON. */
const VALUE = /^(\s*(?:- )?[^:#]*: *)([^,]*)(,?)$/;

const KEY = /^(\s*(?:- )?)[^\s:][^:]*(?=:)/;

const BYTES: readonly Buffer[] = [
  Buffer.from([0]),
  Buffer.from([0xff, 0xfe]),
  Buffer.from([0xc3]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xf5, 0x80, 0x80, 0x80]),
  Buffer.from('\u001b[2J'),
  Buffer.from('\r'),
  Buffer.from('\t'),
  Buffer.from('\u202e'),
  Buffer.from('\uFEFF'),
  Buffer.from('\u0085'),
];

const MUTATORS: Readonly<Record<string, Mutator>> = {
  'a value replaced': atLine((lines, index, random) => {
    lines[index] = (lines[index] ?? '').replace(
      VALUE,
      (_, key: string, _value: string, comma: string) => `${key}${latin(raw(random))}${comma}`,
    );
  }),
  'a value made nasty': atLine((lines, index, random) => {
    const text = latin(JSON.stringify(nasty(random)));
    lines[index] = (lines[index] ?? '').replace(
      VALUE,
      (_, key: string, _value: string, comma: string) => `${key}${text}${comma}`,
    );
  }),
  'a key made nasty': atLine((lines, index, random) => {
    const key = latin(JSON.stringify(nasty(random)));
    lines[index] = (lines[index] ?? '').replace(KEY, (_, before: string) => `${before}${key}`);
  }),
  'a nasty key twice': atLine((lines, index, random) => {
    const key = latin(JSON.stringify(nasty(random)));
    const line = (lines[index] ?? '').replace(KEY, (_, before: string) => `${before}${key}`);
    lines.splice(index, 1, line, line);
  }),
  'a line replaced': atLine((lines, index, random) => {
    lines[index] = latin(raw(random));
  }),
  'a line added': atLine((lines, index, random) => {
    lines.splice(index, 0, latin(random() < 0.5 ? raw(random) : nasty(random)));
  }),
  'a line deleted': atLine((lines, index) => {
    lines.splice(index, 1);
  }),
  'a line twice': atLine((lines, index) => {
    lines.splice(index, 0, lines[index] ?? '');
  }),
  'lines swapped': atLine((lines, index, random) => {
    const other = below(lines.length, random);
    [lines[index], lines[other]] = [lines[other] ?? '', lines[index] ?? ''];
  }),
  'indented otherwise': atLine((lines, index, random) => {
    lines[index] = pick([' ', '\t', '    '], random) + (lines[index] ?? '');
  }),
  'bytes put in': atByte((random) => pick(BYTES, random)),
  'bytes replaced': atByte(
    (random) => Buffer.from(Array.from({ length: 1 + below(8, random) }, () => below(256, random))),
    (random) => below(16, random),
  ),
  'bytes cut out': atByte(
    () => Buffer.alloc(0),
    (random) => below(64, random),
  ),
  'cut short': (bytes, random) => bytes.subarray(0, below(bytes.length, random)),
  'with a byte order mark': (bytes) => Buffer.concat([Buffer.from('\uFEFF'), bytes]),
  'as UTF-16': (bytes) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(bytes.toString('utf8'), 'utf16le')]),
  'with CRLF': (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
  'with CR': (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r'), 'latin1'),
  'twice in a row': (bytes) => Buffer.concat([bytes, bytes]),
  emptied: (_, random) =>
    Buffer.from(pick(['', ' ', '\n', '\uFEFF', '# nothing\n', '{}', '[]', 'null', '---\n---\n'], random)),
  'replaced by noise': (_, random) =>
    Buffer.from(Array.from({ length: below(2000, random) }, () => below(256, random))),
  'replaced as a whole': (_, random) => Buffer.from(random() < 0.5 ? raw(random) : nasty(random)),
};

/** One to three changes of a document. */
export function mutate(document: string, random: Random): Mutated {
  const names: string[] = [];
  let bytes: Buffer = Buffer.from(document);
  for (let left = 1 + below(3, random); left > 0; left -= 1) {
    const [name, mutator] = pick(Object.entries(MUTATORS), random);
    bytes = mutator(bytes, random);
    names.push(name);
  }
  return { how: names.join(', '), bytes };
}
