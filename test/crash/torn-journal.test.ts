import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { makeProject, temporaryFolder, treeDigest, until } from '../support/project.ts';
import { begun, eventsOf, expectClosed, letEnd, SLOW_MS, WAITING } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

interface Open {
  readonly root: string;
  readonly runId: string;
  readonly journal: string;
  readonly bytes: Buffer;
  /** Puts the project back as it was when its run had ended and nobody had looked. */
  readonly restore: () => void;
}

/** An open run that nobody drives, whose entrypoint has ended. */
async function openRun(crashAt?: string): Promise<Open> {
  const root = makeProject({ entrypoint: WAITING });
  await autolab(root, ['launch', '--detach'], crashAt === undefined ? {} : { env: { AUTOLAB_CRASH_AT: crashAt } });
  const runId = await begun(root);
  letEnd(root, runId);
  await until('the receipt is written', () => existsSync(inRun(root, 'iter1', runId, 'receipt/exit.json')));
  const kept = join(temporaryFolder(), 'project');
  cpSync(root, kept, { recursive: true, verbatimSymlinks: true });
  const restore = (): void => {
    for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true });
    cpSync(kept, root, { recursive: true, verbatimSymlinks: true });
  };
  const journal = inRun(root, 'iter1', runId, 'journal.jsonl');
  return { root, runId, journal, bytes: readFileSync(journal), restore };
}

/** Byte lengths to which a journal is cut inside of its last line: both ends, and some between. */
function cuts(bytes: Buffer): readonly number[] {
  const start = bytes.lastIndexOf(10, bytes.length - 2) + 1;
  const end = bytes.length - 1;
  const between = [1, 2, 3, 4].map((part) => start + Math.floor(((end - start) * part) / 5));
  return [start, start + 1, ...between, end - 1, end];
}

async function expectCarriedOn(open: Open, what: string, torn: boolean): Promise<void> {
  const again = await autolabJson(open.root, ['resume']);
  expect([again.status, again.json['code']], what).toEqual([0, 'run.completed']);
  expectClosed(open.root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, what);
  expect(eventsOf(open.root, open.runId).includes('journal.truncated'), `${what}: truncation told`).toBe(torn);
}

test('a last line that was cut anywhere is truncated, told of, and never starts the entrypoint again', async () => {
  // The last line says in one that the run was started, and in the other that it is about to be.
  const lastStarted = await openRun();
  const lastIntent = await openRun('journal.execute.run.started.before');
  const act = async (open: Open, last: string): Promise<void> => {
    expect(eventsOf(open.root, open.runId).at(-1)).toBe(last);
    const places = cuts(open.bytes);
    for (const length of places) {
      open.restore();
      writeFileSync(open.journal, open.bytes.subarray(0, length));
      await expectCarriedOn(open, `${last} cut to ${length} bytes`, length > (places[0] ?? 0));
    }
  };
  await Promise.all([act(lastStarted, 'run.started'), act(lastIntent, 'step.intent')]);
});

test('half a character and zeros after the last line are truncated too', async () => {
  const open = await openRun();
  for (const [what, rest] of [
    ['half a character', Buffer.from('{"at":"\u20ac').subarray(0, -1)],
    ['zeros, as after a power failure', Buffer.alloc(4096)],
  ] as const) {
    open.restore();
    writeFileSync(open.journal, Buffer.concat([open.bytes, rest]));
    await expectCarriedOn(open, what, true);
  }
});

test('a byte that changed anywhere else is corruption: refused, and nothing is touched', async () => {
  const open = await openRun();
  const lines = open.bytes.toString('utf8').split('\n');
  const secondLine = Buffer.byteLength(`${lines[0] ?? ''}\n`);
  const places = [10, secondLine - 1, Math.floor((secondLine + open.bytes.length) / 2)];
  for (const place of places) {
    const changed = Buffer.from(open.bytes);
    changed[place] = (changed[place] ?? 0) ^ 1;
    writeFileSync(open.journal, changed);
    const before = treeDigest(open.root);
    for (const words of [['launch'], ['resume'], ['cancel'], ['status']]) {
      const ended = await autolabJson(open.root, words);
      expect([ended.status, ended.json['code']], `byte ${place}, ${words.join(' ')}`).toEqual([12, 'journal.corrupt']);
      expect(ended.json['message']).toContain('journal.jsonl:');
    }
    expect(treeDigest(open.root), `byte ${place}`).toBe(before);
  }
  // As it was, it goes on: what was refused above was the byte, and nothing else.
  writeFileSync(open.journal, open.bytes);
  await expectCarriedOn(open, 'restored', false);
});

test('a line that was left out is corruption, and a journal that a folder stands for is no way to a second run', async () => {
  const open = await openRun();
  const lines = open.bytes.toString('utf8').split('\n');
  writeFileSync(open.journal, lines.filter((_, index) => index !== 2).join('\n'));
  const missing = await autolabJson(open.root, ['launch']);
  expect([missing.status, missing.json['code']]).toEqual([12, 'journal.corrupt']);
  expect(missing.json['message']).toContain('journal.jsonl:3');
  rmSync(open.journal);
  mkdirSync(open.journal);
  const folder = await autolabJson(open.root, ['launch']);
  expect([folder.status, folder.json['code']]).toEqual([12, 'journal.corrupt']);
  expect(readdirSync(inRun(open.root, 'iter1', ''))).toEqual([open.runId]);
});
