import {
  appendFileSync,
  closeSync,
  cpSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openProject } from '../../src/index.ts';
import { type Ended, inRun, PROGRAM, startAutolab, startProgram } from '../support/autolab.ts';
import { call, expectNoStackTrace } from '../support/contract.ts';
import { makeProject, temporaryFolder, until } from '../support/project.ts';
import { begun, letEnd, SLOW_MS, WAITING } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const MIB = 1024 * 1024;
const ESC = '\u001b';
const HUGE = 300 * MIB;

/** A project with a completed run, whose logs the tests write. */
let root = '';
const out = (): string => inRun(root, 'iter1', 'r1', 'logs/stdout.log');
const err = (): string => inRun(root, 'iter1', 'r1', 'logs/stderr.log');

beforeAll(async () => {
  // What `makeProject` makes goes with the first test.
  root = mkdtempSync(join(tmpdir(), 'autolab-test-logs-'));
  const made = makeProject();
  await call(made, ['launch', '--run-id', 'r1']);
  cpSync(made, root, { recursive: true });
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

beforeEach(() => {
  writeFileSync(out(), '');
  writeFileSync(err(), '');
});

async function logs(...words: readonly string[]): Promise<Ended> {
  const ended = await startAutolab(root, ['logs', ...words]).ended;
  expectNoStackTrace(ended);
  return ended;
}

/** A log of 300 MiB that takes no room: two lines around a hole. */
function writeHuge(): void {
  const handle = openSync(out(), 'w');
  writeSync(handle, 'first\n');
  ftruncateSync(handle, HUGE);
  writeSync(handle, '\nlast but one\nlast\n', HUGE);
  closeSync(handle);
}

/** Most resident memory of a call, in KiB. */
async function peakOf(words: string): Promise<{ readonly peak: number; readonly printed: string }> {
  const folder = temporaryFolder();
  const hook = join(folder, 'hook.cjs');
  writeFileSync(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'peak'))}, String(process.resourceUsage().maxRSS)));`,
  );
  const command = `'${process.execPath}' -r '${hook}' '${PROGRAM}' logs --stream out ${words}`;
  const ended = await startProgram(['bash', '-c', `set -o pipefail; ${command} | tee >(tail -c 19 >&2) | wc -c`], root)
    .ended;
  expect(ended.status, ended.stderr).toBe(0);
  return {
    peak: Number(readFileSync(join(folder, 'peak'), 'utf8')),
    printed: `${ended.stdout.trim()} ${ended.stderr}`,
  };
}

describe('a log of 300 MiB', () => {
  it('is read from its end with -n, and printed to its end without, in the memory of a small one', async () => {
    writeFileSync(out(), 'first\nlast but one\nlast\n');
    const small = await peakOf('');
    writeHuge();
    const tail = await peakOf('-n 2');
    const all = await peakOf('');

    expect(tail.printed).toBe('18 last but one\nlast\n');
    expect(all.printed).toBe(`${HUGE + 19} \nlast but one\nlast\n`);
    expect(tail.peak).toBeLessThan(small.peak * 2);
    expect(all.peak).toBeLessThan(small.peak * 4);
  });

  it('is shown as a terminal would, and searched, a span of its hole at a time', async () => {
    writeHuge();
    const [shown, last] = [await logs('--stream', 'out', '--plain'), await logs('--grep', '(s+)+t$|x', '-n', '1')];
    truncateSync(out(), HUGE);
    appendFileSync(out(), 'end\n');
    const [found, none] = [await logs('--grep', 'd$', '-n', '1', '--plain'), await logs('--grep', 'x', '-n', '1')];

    expect(shown.stdout).toBe('first\n\nlast but one\nlast\n');
    expect(last.stdout).toBe('==> logs/stdout.log <==\nlast\n');
    expect(found.stdout).toBe('==> logs/stdout.log <==\nend\n');
    expect(none.stderr).toContain('No line matches "x".');
  });

  it('is collected from its end, in a result and for a program, and the cut is said', async () => {
    writeHuge();
    appendFileSync(out(), 'a line of text\n'.repeat(5 * 70_000));

    const { json, stdout } = await call(root, ['logs', '--stream', 'out']);
    const result = await openProject(root).logs({ stream: 'out', collect: false });

    const text = json['logs']['logs/stdout.log'] as string;
    const [file] = json['log_files'];
    expect(stdout.length).toBeLessThan(5 * MIB);
    expect(text.length).toBeLessThanOrEqual(4 * MIB);
    expect(text).toMatch(/^(a line of text\n)+$/);
    expect(file).toEqual({
      stream: 'out',
      path: 'logs/stdout.log',
      bytes: HUGE + 19 + 5 * 70_000 * 15,
      from: HUGE + 19 + 5 * 70_000 * 15 - text.length,
      cut: true,
      valid_utf8: true,
      matches: null,
    });
    expect(json['message']).toContain('Only the last 4 MiB are here of logs/stdout.log');
    expect(result).toMatchObject({ logs: null, log_files: [{ bytes: file.bytes }] });
  });
});

describe('--json', () => {
  it('has the whole of short logs, and says where their text begins', async () => {
    writeFileSync(out(), 'one\ntwo\nthree\n');
    writeFileSync(err(), Buffer.from('bad \xff byte\n', 'latin1'));

    const { json } = await call(root, ['logs', '-n', '2']);

    expect(json['logs']).toEqual({ 'logs/stdout.log': 'two\nthree\n', 'logs/stderr.log': 'bad \ufffd byte\n' });
    expect(json['log_files']).toMatchObject([
      { stream: 'out', path: 'logs/stdout.log', bytes: 14, from: 4, cut: false, valid_utf8: true },
      { stream: 'err', path: 'logs/stderr.log', bytes: 11, from: 0, cut: false, valid_utf8: false },
    ]);
  });
});

describe('-n', () => {
  it.each([
    ['0', 'one\ntwo\n', ''],
    ['1', 'one\ntwo\n', 'two\n'],
    ['1', 'one\ntwo', 'two'],
    ['2', 'one\n\n', 'one\n\n'],
    ['9', 'one\ntwo\n', 'one\ntwo\n'],
    ['2', `${'x'.repeat(300_000)}\n${'y'.repeat(300_000)}\nz\n`, `${'y'.repeat(300_000)}\nz\n`],
  ])('%s of the lines %j', async (count, text, printed) => {
    writeFileSync(out(), text);
    expect((await logs('--stream', 'out', '-n', count)).stdout).toBe(printed);
  });
});

describe('--grep', () => {
  it('prints the lines in which the expression is found, with -n the last of them, from any distance', async () => {
    const noise = 'nothing to see\n'.repeat(40_000);
    writeFileSync(out(), `loss 1\n${noise}loss nan\n${noise}loss 3 ü\r\n${noise}`);

    const [all, last, two, both, none] = await Promise.all([
      logs('--grep', '^loss (\\d|nan)( .)?$', '--stream', 'out'),
      logs('--grep', 'loss', '-n', '1', '--stream', 'out'),
      logs('--grep', 'loss', '-n', '2'),
      call(root, ['logs', '--grep', 'loss|see', '-n', '4']),
      logs('--grep', 'lost'),
    ]);

    expect(all.stdout).toBe('loss 1\nloss nan\nloss 3 ü\r\n');
    expect(last.stdout).toBe('loss 3 ü\r\n');
    expect(two.stdout).toBe('==> logs/stdout.log <==\nloss nan\nloss 3 ü\r\n');
    expect(both.json['logs']['logs/stdout.log']).toBe('nothing to see\n'.repeat(4));
    expect(both.json['log_files']).toMatchObject([{ matches: 4, from: null, cut: false }, { matches: 0 }]);
    expect(none).toMatchObject({ status: 0, stdout: '' });
    expect(none.stderr).toContain('No line matches "lost".');
  });

  it('refuses what is no regular expression, and one that would not end', async () => {
    writeFileSync(out(), `${'a'.repeat(60)}!\n`);

    const [invalid, endless] = await Promise.all([
      call(root, ['logs', '--grep', '(']),
      call(root, ['logs', '--grep', '^(a+)+$']),
    ]);

    expect(invalid).toMatchObject({ status: 2, json: { code: 'usage' } });
    expect(endless).toMatchObject({ status: 2, json: { code: 'usage' } });
    expect(endless.json['message']).toContain('takes too long');
    expect(endless.json['hint']).not.toBe('');
  });
});

describe('--since', () => {
  it('prints all, or nothing, where the times of the run say so, and refuses to guess', async () => {
    writeFileSync(out(), 'one\n');

    const [all, nothing, { unknown, known }, driver, later, wrong] = await Promise.all([
      logs('--stream', 'out', '--since', '1h'),
      logs('--stream', 'out', '--since', '2999-01-01'),
      guessed(),
      logs('--stream', 'driver', '--since', '1h'),
      logs('--stream', 'driver', '--since', '2999-01-01T00:00:00Z'),
      logs('--since', 'yesterday'),
    ]);

    expect(all.stdout).toBe('one\n');
    expect(nothing).toMatchObject({ status: 0, stdout: '' });
    expect(unknown).toMatchObject({ status: 2, stdout: '' });
    expect(known.stdout).toBe('late\n');
    expect(known.stderr).toMatch(/logs\/stdout\.log: what was written after 20[^ ]+Z, as far as is known/);
    expect(unknown.stderr).toMatch(/logs\/stdout\.log .* unknown: .*\n {2}next: .*--stream driver/s);
    expect(driver.stdout).toContain('"step"');
    expect(later.stdout).toBe('');
    expect(wrong).toMatchObject({ status: 2 });
    expect(wrong.stderr).toContain('--since takes a duration such as 90s');
  });

  it('knows the sizes that a driver records while it waits', async () => {
    const running = makeProject({ entrypoint: `echo early\n${WAITING}echo late\n` });
    const launch = startAutolab(running, ['launch', '--run-id', 'r4'], { env: { AUTOLAB_TEST_SPEED: '100' } });
    await begun(running);
    const driver = inRun(running, 'iter1', 'r4', 'logs/driver.log');
    const recorded = (bytes: number): boolean =>
      existsSync(driver) && readFileSync(driver, 'utf8').includes(`"sizes":{"stderr.log":0,"stdout.log":${bytes}}`);
    await until('the size is recorded', () => recorded(6));
    appendFileSync(inRun(running, 'iter1', 'r4', 'logs/stdout.log'), 'more\n');
    await until('the new size is recorded', () => recorded(11));
    letEnd(running, 'r4');

    expect(await launch.ended).toMatchObject({ status: 0 });
    expect(readFileSync(driver, 'utf8')).toMatch(/"held_until":"20[^"]*Z","sizes":\{"stderr\.log":0,"stdout\.log":11/);
  });

  /** Since a moment within a run that goes on. */
  async function guessed(): Promise<{ readonly unknown: Ended; readonly known: Ended }> {
    const running = makeProject({ entrypoint: `echo early\n${WAITING}` });
    await call(running, ['launch', '--detach', '--run-id', 'r2']);
    await begun(running);
    const now = new Date().toISOString();
    appendFileSync(inRun(running, 'iter1', 'r2', 'logs/stdout.log'), 'late\n');
    const words = ['logs', '--stream', 'out', '--since', now];
    const unknown = await startAutolab(running, words).ended;
    // As a driver that waited would have left it.
    appendFileSync(
      inRun(running, 'iter1', 'r2', 'logs/driver.log'),
      `${JSON.stringify({ at: now, type: 'log_sizes', sizes: { 'stdout.log': 6 }, held_until: null })}\n`,
    );
    const known = await startAutolab(running, words).ended;
    letEnd(running, 'r2');
    await call(running, ['resume']);
    return { unknown, known };
  }
});

describe('what would steer a terminal', () => {
  const PROGRESS = Array.from({ length: 10_000 }, (_, at) => `\r${at}/10000`).join('');
  const HOSTILE = `${PROGRESS}\r10000/10000\n${ESC}]0;owned\u0007${ESC}]52;c;ZXZpbA==${ESC}\\${ESC}[31mred${ESC}[0m${ESC}[2J${ESC}[6n${ESC}Pq${ESC}\\\u009b5n \u202eevil\n${ESC}]0;no end`;

  /** On a real terminal. */
  async function onTerminal(...words: readonly string[]): Promise<string> {
    const command = [process.execPath, PROGRAM, 'logs', ...words].map((word) => `'${word}'`).join(' ');
    const ended = await startProgram(['script', '-qec', command, '/dev/null'], root, { env: { NO_COLOR: undefined } })
      .ended;
    expect(ended.status).toBe(0);
    return ended.stdout.replaceAll('\r\n', '\n');
  }

  it('has no effect on one: progress is shown in its last state, and colours are kept', async () => {
    writeFileSync(out(), HOSTILE);

    const [colours, plain] = await Promise.all([
      onTerminal('--stream', 'out'),
      onTerminal('--stream', 'out', '--no-color'),
    ]);

    expect(colours).toBe(`10000/10000\n${ESC}[31mred${ESC}[0m evil\n`);
    expect(plain).toBe('10000/10000\nred evil\n');
  });

  it('goes into a pipe as it is, unless plain text is asked for', async () => {
    writeFileSync(out(), HOSTILE);

    const [raw, plain] = await Promise.all([logs('--stream', 'out'), logs('--stream', 'out', '--plain')]);

    expect(raw.stdout).toBe(HOSTILE);
    expect(plain.stdout).toBe('10000/10000\nred evil\n');
  });
});

describe('-f', () => {
  it('survives a log that appears late, is cut, or is replaced by another', async () => {
    const running = makeProject({ entrypoint: `echo first\n${WAITING}` });
    await call(running, ['launch', '--detach', '--run-id', 'r3']);
    await begun(running);
    const log = inRun(running, 'iter1', 'r3', 'logs/stdout.log');
    renameSync(log, `${log}.away`);
    const following = startAutolab(running, ['logs', '-f', '--stream', 'out']);
    onTestFinished(() => {
      following.child.kill('SIGKILL');
    });
    let shown = '';
    following.child.stdout?.on('data', (chunk: string) => {
      shown += chunk;
    });

    writeFileSync(log, 'a long line that appears late\n');
    await until('the log that appears late is shown', () => shown.includes('late\n'));
    truncateSync(log);
    appendFileSync(log, 'cut\n');
    await until('the log that was cut is shown', () => shown.includes('cut\n'));
    writeFileSync(`${log}.new`, 'replaced by another, which is longer\n');
    renameSync(`${log}.new`, log);
    await until('the log that was replaced is shown', () => shown.includes('longer\n'));
    letEnd(running, 'r3');
    const ended = await following.ended;

    expect(ended).toMatchObject({
      status: 0,
      stdout: 'a long line that appears late\ncut\nreplaced by another, which is longer\n',
    });
    expect(ended.stderr).toMatch(/logs\/stdout\.log was truncated; .*\n.*logs\/stdout\.log was replaced; /);
    await call(running, ['resume']);
  });
});

describe('a program that listens slowly', () => {
  it('is waited for: a long log is not read into memory for it', async () => {
    truncateSync(out(), 100 * MIB);
    let emitted = 0;
    const reading = openProject(root).logs({
      stream: 'out',
      collect: false,
      onEvent: () => {
        emitted += 1;
      },
    });
    const most: number[] = [];
    let taken = 0;
    for await (const event of reading) {
      if (event.type !== 'log') continue;
      taken += 1;
      most.push(emitted - taken);
    }

    expect(taken).toBe(400);
    expect(Math.max(...most)).toBeLessThan(20);
    expect((await reading).log_files).toMatchObject([{ bytes: 100 * MIB }]);
  });
});
