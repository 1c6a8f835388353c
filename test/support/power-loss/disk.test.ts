import { expect, test } from 'vitest';
import { temporaryFolder } from '../project.ts';
import { EVERYTHING, mixed, NOTHING } from './choices.ts';
import { Disk, type Tree } from './disk.ts';
import { type Change, operationsOf } from './operations.ts';
import { differencesToFolder, recordedProgram } from './record.ts';

/** The model of a disk allows what a power failure does, and not what it cannot do. */

const ROOT = '/disk';
const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);

const make = (name: string): Change => ({ kind: 'open', path: `${ROOT}/${name}`, mode: 0o644, cut: false });
const folder = (name: string): Change => ({ kind: 'folder', path: `${ROOT}/${name}`, mode: 0o755 });
const flush = (name: string): Change => ({ kind: 'flush', file: { path: name === '' ? ROOT : `${ROOT}/${name}` } });
const rename = (from: string, to: string): Change => ({ kind: 'rename', path: `${ROOT}/${from}`, to: `${ROOT}/${to}` });
const write = (name: string, text: string): Change => ({
  kind: 'write',
  file: { path: `${ROOT}/${name}` },
  at: null,
  bytes: Buffer.from(text),
});

function diskOf(changes: readonly Change[], begun: (index: number) => number = (index) => index): Disk {
  const disk = new Disk(ROOT);
  for (const [index, change] of changes.entries()) disk.do({ ...change, begun: begun(index) });
  return disk;
}

function textsIn(tree: Tree): Record<string, string> {
  const files = [...tree].flatMap(([path, there]) => (there.kind === 'file' ? [[path, String(there.bytes)]] : []));
  return Object.fromEntries(files) as Record<string, string>;
}

/** Every look of the disk that the seeds come to. */
function looksOf(disk: Disk): readonly string[] {
  const looks = [NOTHING, EVERYTHING, ...SEEDS.map(mixed)].map((choice) => JSON.stringify(textsIn(disk.after(choice))));
  return [...new Set(looks)].sort();
}

test('what was not flushed is missing, torn, full of zeros, or there', () => {
  const looks = looksOf(diskOf([make('a'), flush('a'), flush(''), write('a', 'xyz')]));
  expect(looks).toEqual(['', 'x', 'xy', 'xyz', 'x\0\0', 'xy\0', '\0\0\0'].map((a) => JSON.stringify({ a })).sort());
});

test('what was flushed, with its name, is there', () => {
  expect(looksOf(diskOf([make('a'), write('a', 'xyz'), flush('a'), flush('')]))).toEqual(['{"a":"xyz"}']);
});

test('a flushed file can be without a name, and a name without the bytes', () => {
  expect(looksOf(diskOf([make('a'), write('a', 'x'), flush('a')]))).toEqual(['{"a":"x"}', '{}']);
  expect(looksOf(diskOf([make('a'), write('a', 'x'), flush('')]))).toContain('{"a":""}');
});

test('a rename is whole: the one file or the other, under that name', () => {
  const before = [make('a'), write('a', 'old'), flush('a'), make('b'), write('b', 'new'), flush('b'), flush('')];
  expect(looksOf(diskOf([...before, rename('b', 'a')]))).toEqual(['{"a":"new"}', '{"a":"old","b":"new"}']);
  expect(looksOf(diskOf([...before, rename('b', 'a'), flush('')]))).toEqual(['{"a":"new"}']);
});

test('a rename that arrives brings the name that it came from, and nothing else', () => {
  const looks = looksOf(diskOf([make('z'), flush('z'), make('b'), write('b', 'new'), flush('b'), rename('b', 'a')]));
  expect(looks).toEqual(
    [{}, { z: '' }, { b: 'new' }, { b: 'new', z: '' }, { a: 'new' }, { a: 'new', z: '' }]
      .map((look) => JSON.stringify(look))
      .sort(),
  );
});

test('a folder is lost with all that is in it until the folder above it was flushed', () => {
  const within = [
    folder('f'),
    folder('f/g'),
    make('f/g/a'),
    write('f/g/a', 'x'),
    flush('f/g/a'),
    flush('f/g'),
    flush(''),
  ];
  expect(looksOf(diskOf(within))).toEqual(['{"f/g/a":"x"}', '{}']);
  expect(looksOf(diskOf([...within, flush('f')]))).toEqual(['{"f/g/a":"x"}']);
});

test('a flush covers only what was over when it began', () => {
  const changes = [make('a'), flush(''), write('a', 'x'), flush('a')];
  expect(looksOf(diskOf(changes, (index) => (index === 3 ? 2 : index)))).toEqual([
    '{"a":""}',
    '{"a":"\\u0000"}',
    '{"a":"x"}',
  ]);
});

test('two names of a file have the same bytes', () => {
  const changes: readonly Change[] = [
    make('a'),
    { kind: 'link', path: `${ROOT}/a`, to: `${ROOT}/b` },
    flush(''),
    write('b', 'xy'),
  ];
  for (const look of looksOf(diskOf(changes))) {
    const { a, b } = JSON.parse(look) as Record<string, string>;
    expect(a).toBe(b);
  }
});

const PROGRAM = `
mkdir -p sub/deep && cd sub
echo one > a; echo two >> a; printf three > deep/b
( cd deep && mv b c && ln c d && ln -s c e )
exec 7> gone; echo kept >&7; rm gone; echo more >&7
mv a ../a2; chmod 600 deep/c
node -e 'const fs = require("fs"); process.chdir("deep"); fs.writeFileSync("n", "node"); fs.truncateSync("n", 2);
  const h = fs.openSync("w", "w"); fs.writevSync(h, [Buffer.from("x,"), Buffer.from("y)")]); fs.fsyncSync(h); fs.renameSync("w", "é ü")'
rm -r ../nothing 2> /dev/null; mkdir x && rmdir x
truncate -s 3 deep/d; sync deep/d deep
`;

test('the record of a program is whole, whatever folder its processes work in', async () => {
  const root = temporaryFolder();
  const record = await recordedProgram(root, ['bash', '-c', PROGRAM]);
  expect(record.ended.stderr).toBe('');
  expect(differencesToFolder(record)).toEqual([]);
  const kinds = new Set(record.operations.map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual(
    ['cut', 'flush', 'folder', 'link', 'mode', 'open', 'remove', 'rename', 'symlink', 'write'].sort(),
  );
});

test('what the record cannot show is refused', async () => {
  const root = temporaryFolder();
  const copying = `const fs = require('fs'); fs.writeFileSync('a', 'x'.repeat(99)); fs.copyFileSync('a', 'b')`;
  await expect(recordedProgram(root, [process.execPath, '-e', copying])).rejects.toThrow(/cannot show what/);
});

test('a file of a call in which its process was killed may be otherwise', () => {
  const hex = (text: string): string => [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16)}`).join('');
  const record = [
    `1 openat(AT_FDCWD<${hex('/d')}>, "${hex('a')}", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3<${hex('/d/a')}>`,
    `1 write(3<${hex('/d/a')}>, "${hex('x')}", 1 <unfinished ...>`,
    `2 fsync(4<${hex('/d/b')}>) = 0`,
    '1 +++ killed by SIGKILL +++',
  ];
  const { operations, uncertain } = operationsOf(record.join('\n'), '/d', () => true);
  expect([operations.map(({ kind }) => kind), uncertain]).toEqual([['open', 'flush'], ['/d/a']]);
});
