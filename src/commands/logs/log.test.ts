import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunPaths, runPaths } from '../../records/paths.ts';
import { logAsked } from '../../sites/log-source.ts';
import { MOST_OF_A_LOG } from '../../sites/ssh/mirror.ts';
import { pieceOfLog } from '../../sites/ssh/run-folder.ts';
import { localTransport } from '../../transports/local.ts';
import { Log } from './log.ts';
import { type LogEvent, LogReading } from './log-reading.ts';

let root = '';
let here: RunPaths;
let there: RunPaths;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'autolab-log-'));
  here = runPaths(join(root, 'here'), 'iter1', 'r1');
  there = runPaths(join(root, 'there'), 'iter1', 'r1');
  for (const { logs } of [here, there]) mkdirSync(logs, { recursive: true });
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

/** The log of a run elsewhere; the other host is a folder of this one. */
function farLog(): Log {
  const ssh = localTransport(root, null);
  return new Log(
    'out',
    here.folder,
    () => here.stdoutLog,
    (log) => logAsked(log, (path, offset, most) => pieceOfLog({ ssh, paths: there }, here, { path, offset, most })),
  );
}

interface Read {
  readonly text: string;
  readonly notes: readonly string[];
  readonly file: ReturnType<LogReading['facts']>['file'];
}

/** The end of it, from there on. */
async function readFrom(log: Log, lines: number, meanwhile: () => void = () => undefined): Promise<Read> {
  let text = '';
  const notes: string[] = [];
  const give = (event: LogEvent): void => {
    if (event.type === 'note') notes.push(event.message);
    else text += Buffer.from(event.bytes).toString();
  };
  const reading = new LogReading(log, {
    matcher: null,
    lines,
    collect: false,
    give,
    signal: new AbortController().signal,
  });
  await reading.begin(0, await log.size());
  await reading.readOn();
  meanwhile();
  await reading.readNews();
  await reading.end();
  return { text, notes, file: reading.facts().file };
}

describe('a log on another host that is too long to be mirrored', () => {
  beforeEach(() => {
    writeFileSync(here.stdoutLog, '');
    truncateSync(here.stdoutLog, MOST_OF_A_LOG);
    writeFileSync(there.stdoutLog, '');
    truncateSync(there.stdoutLog, MOST_OF_A_LOG);
    appendFileSync(there.stdoutLog, `\none\n${'x'.repeat(600_000)}\ntwo ü\n`);
  });

  it('is read there, to its end', async () => {
    const read = await readFrom(farLog(), 3, () => {
      appendFileSync(there.stdoutLog, 'three\n');
    });

    expect(read.text).toBe(`one\n${'x'.repeat(600_000)}\ntwo ü\nthree\n`);
    expect(read.notes).toEqual([]);
    expect(read.file.bytes).toBe(readFileSync(there.stdoutLog).length);
  });

  it('is said to be longer if the host does not answer', async () => {
    rmSync(dirname(there.stdoutLog), { recursive: true });

    const read = await readFrom(farLog(), 0);

    expect(read.notes).toEqual([expect.stringContaining('logs/stdout.log is longer; the rest could not be read')]);
  });
});

it('a short log on another host is read from its mirror, and continued by what is brought back', async () => {
  writeFileSync(here.stdoutLog, 'one\n');

  const read = await readFrom(farLog(), 9, () => {
    rmSync(here.stdoutLog);
    writeFileSync(here.stdoutLog, 'one\ntwo\n');
  });

  expect(read).toMatchObject({ text: 'one\ntwo\n', notes: [] });
});
