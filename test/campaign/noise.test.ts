import { expect, test, vi } from 'vitest';
import { withoutCredentials } from '../../src/code/git.ts';
import { parseHead } from '../../src/code/tracked.ts';
import { isCode } from '../../src/errors/catalog.ts';
import { judgeProbes } from '../../src/executors/detect-host.ts';
import { farObjections } from '../../src/plan/launch-host.ts';
import { progressOf } from '../../src/run/progress.ts';
import { parseExit, parseRunClaim } from '../../src/schedulers/local/parse-receipt.ts';
import { judgeAccounting } from '../../src/schedulers/slurm/accounting.ts';
import type { Ran } from '../../src/schedulers/slurm/answer.ts';
import { judgeClusterName } from '../../src/schedulers/slurm/config.ts';
import { judgeEnd } from '../../src/schedulers/slurm/judge.ts';
import { judgeCopies, judgeLivingJobs, judgeLookup, parseAccountedByName } from '../../src/schedulers/slurm/lookup.ts';
import { judgeSubmission } from '../../src/schedulers/slurm/parse-sbatch.ts';
import { judgeQueue } from '../../src/schedulers/slurm/queue.ts';
import { parseJobClaim, parseJobExit } from '../../src/schedulers/slurm/receipt.ts';
import { judgeHeld, judgeShown } from '../../src/schedulers/slurm/scontrol.ts';
import { judgeTestOnly } from '../../src/schedulers/slurm/test-only.ts';
import { parseFarFacts } from '../../src/transports/far-facts.ts';
import { parseGathered } from '../../src/transports/far-files.ts';
import { parseList } from '../../src/transports/far-list.ts';
import { parseLook } from '../../src/transports/far-look.ts';
import { Fence } from '../../src/transports/fence.ts';
import { parseProgress } from '../../src/transports/rsync-command.ts';
import { judgeRefusal, lastLine, notStarted, wordsOfBreak } from '../../src/transports/ssh-words.ts';
import { cpuMs, family, randomFrom, SEED, size } from '../support/campaign.ts';
import { type Noise, noise, slowOnes } from '../support/noise.ts';
import { ran } from '../support/ran.ts';
import { SLOW_MS } from '../support/runs.ts';

const CASES = size(6_000, 250);
/** Of one answer to one reader, of the processor's time: a busy machine must not make a test fail. */
const LONGEST_MS = 2_000;
/** A person reads it, and so does the journal. */
const LONGEST_WORDS = 4_000;
const JOB = '4242';
const MARKS = {
  jobId: JOB,
  key: 'autolab-r1-abc',
  chdir: '/home/user/project',
  script: '/home/user/project/run.sbatch',
};

vi.setConfig({ testTimeout: size(4, 1) * SLOW_MS });

const { count } = family('noise for an answer, parsers');

/** Everything that is said of what was printed, by those who read what was printed. */
const READERS: Readonly<Record<string, (answer: Ran, bytes: Buffer) => unknown>> = {
  sbatch: (answer) => judgeSubmission(answer),
  'sbatch --test-only': (answer) => judgeTestOnly(answer),
  squeue: (answer) => judgeQueue(answer, JOB, MARKS),
  'squeue by name': (answer) => judgeLookup(answer, MARKS),
  'squeue, living': (answer) => judgeLivingJobs(answer, ({ name }) => name === MARKS.key),
  'squeue, copies': (answer) => judgeCopies(answer, MARKS),
  'sacct by name': (answer) => parseAccountedByName(answer, MARKS.key).slice(0, 10),
  sacct: (answer) => {
    const told = judgeAccounting(answer, { jobId: JOB });
    if (told.kind === 'ended') {
      const context = {
        cancelRequested: false,
        codeChanged: null,
        receipt: null,
        begun: false,
        runStep: { recorded: null, bySrun: true },
        termAsked: false,
        nodeReasons: [],
        timeLimitSeconds: 60,
      };
      const { code } = judgeEnd(told.end, { ...context, stderrTail: answer.stderr.slice(0, 16_384) });
      expect(code === null || isCode(code)).toBe(true);
    }
    return told.words;
  },
  'scontrol show config': (answer) => judgeClusterName(answer).kind,
  'scontrol show job, held': (answer) => judgeHeld(answer, MARKS).kind,
  'scontrol show job, ended': (answer) => judgeShown(answer, MARKS).kind,
  'hostname, sinfo': ({ stdout, stderr }) => {
    const probe = {
      argv: ['x'],
      exit_code: 0,
      signal: null,
      timed_out: false,
      spawn_error: null,
      stdout,
      stderr,
      duration_ms: 1,
      at: '',
    };
    return judgeProbes({ hostname: probe, sinfo: probe, squeue: probe }, 'auto').record.mode;
  },
  'a log': ({ stdout }) => progressOf(stdout.slice(-16_384)),
  'git status': ({ stdout }) => parseHead(stdout).sha,
  'git remote': ({ stdout }) => withoutCredentials(stdout.slice(0, 65_536)).length,
  ssh: ({ stderr }) => [judgeRefusal(stderr, 'x'), notStarted(stderr, 'mark'), wordsOfBreak(stderr), lastLine(stderr)],
  rsync: ({ stdout }) => parseProgress(stdout.slice(-2000)),
  receipts: ({ stdout }) =>
    [parseExit(stdout), parseRunClaim(stdout), parseJobClaim(stdout), parseJobExit(stdout)].length,
  'far facts': ({ stdout }) => {
    const facts = parseFarFacts(stdout);
    expect(facts.base === null || /^\/\P{Cc}*$/u.test(facts.base)).toBe(true);
    const profile = {
      mode: 'rsync',
      login_host: 'x',
      remote_repo_root: '/x',
      scratch: null,
      python: null,
      setup: null,
      connect_timeout_seconds: 1,
      exclude: [],
    } as const;
    return farObjections(profile, { facts, removed: [] }, { root: '/x', stateSha256: 'x' });
  },
  'far look': ({ stdout }) => {
    const look = parseLook(stdout);
    for (const name of look.small?.keys() ?? []) expect(name).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/);
    return look.known.length;
  },
  'far list': ({ stderr }, bytes) => {
    const list = parseList(Buffer.concat([bytes, Buffer.from('end of the list\0'), bytes]), stderr);
    for (const entry of list?.entries ?? []) {
      expect(
        entry.path.split('/').some((part) => ['', '.', '..'].includes(part)),
        entry.path,
      ).toBe(false);
      expect(Number.isSafeInteger(entry.bytes)).toBe(true);
    }
    return list?.entries.length;
  },
  'far copies': ({ stdout }) => parseGathered(stdout).length,
  'a fence': (_, bytes) => {
    const fence = new Fence('mark', 1024);
    for (let at = 0; at < bytes.length; at += 65_536) fence.add(bytes.subarray(at, at + 65_536));
    return [fence.began, fence.ended];
  },
};

async function read(one: Noise, what: string): Promise<void> {
  const text = one.bytes.toString('utf8');
  const printed = { stdout: text, stderr: text };
  const answers = [ran(printed), ran({ ...printed, exitCode: 1 })];
  for (const [name, reader] of Object.entries(READERS)) {
    const began = cpuMs();
    for (const answer of answers) {
      const words = JSON.stringify(reader(answer, one.bytes) ?? null);
      expect(words.length, `${what}, ${name}: ${words.slice(0, 300)}`).toBeLessThan(LONGEST_WORDS);
    }
    expect(cpuMs() - began, `${what}, ${name}`).toBeLessThan(LONGEST_MS);
  }
  count('read, or taken as no answer');
  // The runner of the tests wants a word now and then.
  await new Promise(setImmediate);
}

test('what is made to be slow is read in a moment', async () => {
  for (const one of slowOnes()) await read(one, one.how);
});

test('whatever is printed in place of an answer is read, or told as none', async () => {
  const random = randomFrom(SEED);
  for (let index = 0; index < CASES; index += 1) {
    const one = noise(random);
    await read(one, `seed ${SEED}, case ${index}, ${one.how}`);
  }
});
