import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cacheKeyOf, readCodeCache, writeCodeCache } from './code-cache.ts';

const KEY = cacheKeyOf('program-1.js');
const CODE = {
  parts: new Map([
    ['program-1.js', { stamp: '1 2 3', data: Buffer.from('what V8 made of it'.repeat(20)) }],
    ['lazy-2.js', { stamp: '4 5 6', data: Buffer.from('and of that') }],
  ]),
  ran: 3,
  succeeded: true,
};

let home = '';
const before = process.env['XDG_CACHE_HOME'];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'autolab-cache-'));
  process.env['XDG_CACHE_HOME'] = home;
});

afterEach(() => {
  rmSync(home, { recursive: true });
  if (before === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = before;
});

function only(): string {
  const [name = ''] = readdirSync(join(home, 'autolab')).filter((file) => file.endsWith('.code'));
  return join(home, 'autolab', name);
}

it('gives back what was kept, to the same program only', () => {
  expect(readCodeCache('status', KEY)).toBeNull();
  writeCodeCache('status', KEY, CODE);
  expect(readCodeCache('status', KEY)).toEqual(CODE);
  expect(readCodeCache('launch', KEY)).toBeNull();
  const other = cacheKeyOf('program-2.js');
  expect(readCodeCache('status', other)).toBeNull();
  // Even under the name of the other one.
  const bytes = readFileSync(only());
  writeCodeCache('status', other, CODE);
  for (const name of readdirSync(join(home, 'autolab')).filter((file) => file.endsWith('.code')))
    writeFileSync(join(home, 'autolab', name), bytes);
  expect([readCodeCache('status', KEY), readCodeCache('status', other)]).toEqual([CODE, null]);
});

it('takes nothing in which a single bit is wrong, or of which a byte is missing or too much', () => {
  writeCodeCache('status', KEY, CODE);
  const path = only();
  const good = readFileSync(path);
  for (let at = 0; at < good.length; at += 1) {
    const bad = Buffer.from(good);
    bad.writeUInt8(bad.readUInt8(at) ^ (1 << (at % 8)), at);
    writeFileSync(path, bad);
    expect(readCodeCache('status', KEY), `byte ${at}`).toBeNull();
    writeFileSync(path, good.subarray(0, at));
    expect(readCodeCache('status', KEY), `${at} bytes`).toBeNull();
  }
  writeFileSync(path, Buffer.concat([good, Buffer.from('x')]));
  expect(readCodeCache('status', KEY)).toBeNull();
  writeFileSync(path, good);
  expect(readCodeCache('status', KEY)).toEqual(CODE);
});
