import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sha256 } from '../platform/ids.ts';
import { csvRows } from './csv-rows.ts';
import { picturesIn, tablesIn } from './small-outputs.ts';

const PNG = Buffer.from('\u0089PNG\r\n\u001A\n and more', 'latin1');
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autolab-test-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function output(path: string, content: string | Buffer, digest = sha256(content)) {
  writeFileSync(join(folder, path), content);
  return { path, sha256: digest, kind: 'file' } as const;
}

it('shows pictures as they were recorded, and nothing that only has the name of one', () => {
  symlinkSync('plot.png', join(folder, 'link.png'));
  const pictures = picturesIn(folder, [
    output('plot.png', PNG),
    output('changed.png', PNG, 'a'.repeat(64)),
    output('page.png', '<script>alert(1)</script>'),
    output('large.png', Buffer.concat([PNG, Buffer.alloc(200_000)])),
    { path: 'link.png', sha256: sha256('plot.png'), kind: 'symlink' },
    { path: 'gone.png', sha256: sha256(PNG), kind: 'file' },
  ]);
  expect(pictures).toEqual([{ path: 'plot.png', type: 'image/png', base64: PNG.toString('base64') }]);
});

it('shows the beginning of tables', () => {
  const rows = Array.from({ length: 20 }, (_, index) => `${index},${index * 2}\n`).join('');
  expect(tablesIn(folder, [output('a.csv', `x,y\n${rows}`), output('b.tsv', 'one\ttwo\n1\t2')])).toEqual([
    expect.objectContaining({ path: 'a.csv', left: 9 }),
    { path: 'b.tsv', rows: [['one', 'two'], ['1', '2']], left: 0 }, // prettier-ignore
  ]);
});

it('reads quoted cells, and what has no end', () => {
  expect(csvRows('a,"b, ""c""\nd"\r\n1,\n"open', ',').rows).toEqual([['a', 'b, "c"\nd'], ['1', ''], ['open']]);
});
