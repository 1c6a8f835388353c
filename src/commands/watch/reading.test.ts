import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { GrowingFile } from '../../platform/growing-file.ts';
import { nextCurve, nextUsage, NO_USAGE } from './curves.ts';
import { LogTail } from './log-tail.ts';
import { LineReader } from './new-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'autolab-watch-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let files = 0;
function newFile(text: string): string {
  files += 1;
  const path = join(folder, String(files));
  writeFileSync(path, text);
  return path;
}

describe('the lines of a file that grows', () => {
  it('come once, and when they are complete', () => {
    const path = newFile('one\ntw');
    const reader = new LineReader(new GrowingFile(path));
    const first = reader.take();
    appendFileSync(path, 'o\nthree\n');
    expect([first, reader.take(), reader.take()]).toEqual([
      { anew: false, text: 'one\n' },
      { anew: false, text: 'two\nthree\n' },
      { anew: false, text: '' },
    ]);
    reader.close();
  });

  it('begin anew if it was cut or replaced, also where it appears late', () => {
    const path = join(folder, 'late');
    const reader = new LineReader(new GrowingFile(path));
    expect(reader.take().text).toBe('');
    writeFileSync(path, 'long line\n');
    expect(reader.take()).toEqual({ anew: false, text: 'long line\n' });
    truncateSync(path);
    appendFileSync(path, 'cut\n');
    expect(reader.take()).toEqual({ anew: true, text: 'cut\n' });
    writeFileSync(`${path}.new`, 'another and longer\n');
    renameSync(`${path}.new`, path);
    expect(reader.take()).toEqual({ anew: true, text: 'another and longer\n' });
    reader.close();
  });

  it('are those of its end if it is large, from a whole line on', () => {
    const reader = new LineReader(new GrowingFile(newFile(`${'x'.repeat(30)}\nlast\n`)), 10);
    expect(reader.take().text).toBe('last\n');
    reader.close();
  });

  it('are left out where they are endless', () => {
    const path = newFile('x'.repeat(1024 * 1024));
    const reader = new LineReader(new GrowingFile(path));
    reader.take();
    appendFileSync(path, 'y'.repeat(1024));
    reader.take();
    appendFileSync(path, '\nnext\n');
    expect(reader.take().text).toBe('next\n');
    reader.close();
  });
});

describe('the end of the logs', () => {
  it('has the lines as they come, progress in its last state, and the line that grows', () => {
    const [err, out] = [newFile(''), newFile('one\n')];
    const tail = new LogTail([new GrowingFile(err), new GrowingFile(out)]);
    expect(tail.read()).toBe(true);
    appendFileSync(err, '\r10%\r20%');
    expect(tail.read()).toBe(true);
    expect(tail.text()).toEqual(['one', '20%']);
    appendFileSync(err, '\r100%\n');
    appendFileSync(out, 'a\tb\n\u001b[2J\n');
    tail.read();
    expect(tail.read()).toBe(false);
    expect(tail.text()).toEqual(['one', '100%', 'a       b', '']);
    tail.close();
  });

  it('is all that is read of a large log', () => {
    const tail = new LogTail([new GrowingFile(newFile(`${'x\n'.repeat(200_000)}last\n`))]);
    tail.read();
    expect([tail.text().length, tail.text().at(-1)]).toEqual([1000, 'last']);
    tail.close();
  });
});

describe('series', () => {
  it('stay bounded, and keep their whole course', () => {
    let curve = nextCurve(undefined, 0);
    for (let value = 1; value < 100_000; value += 1) curve = nextCurve(curve, value);
    expect(curve).toMatchObject({ count: 100_000, last: 99_999 });
    expect(curve.values.length).toBeLessThanOrEqual(512);
    expect(curve.values[0]).toBe(0);
    expect(curve.values.at(-1)).toBeGreaterThan(99_000);
  });

  it('have the cores in use between two samples, and the peak', () => {
    const usage = nextUsage(NO_USAGE, [
      { t: 1, cpu_seconds: 1, memory_bytes: 5 },
      { t: 3, cpu_seconds: 7, memory_bytes: 9 },
      { t: 4, cpu_seconds: null, memory_bytes: 2, gpu: [{ util: 5, memory_bytes: null }] },
      { t: 4, cpu_seconds: 3, memory_bytes: null },
    ]);
    expect(usage).toMatchObject({ memoryPeak: 9, cpu: { values: [1, 3] }, gpu: [{ util: 5 }] });
  });
});
