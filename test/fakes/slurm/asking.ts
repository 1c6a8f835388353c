import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountingArgv, judgeAccounting, lastAccountedArgv } from '../../../src/schedulers/slurm/accounting.ts';
import { judgeLookup, lookupArgv } from '../../../src/schedulers/slurm/lookup.ts';
import { judgeSubmission } from '../../../src/schedulers/slurm/parse-sbatch.ts';
import { judgeQueue, queueArgv } from '../../../src/schedulers/slurm/queue.ts';
import { judgeHeld, judgeShown, showJobArgv } from '../../../src/schedulers/slurm/scontrol.ts';
import { sbatchArgv } from '../../../src/schedulers/slurm/submit.ts';
import type { Answer, FakeSlurm, RunOptions } from './fake.ts';

/** Asks the stand-in as the launcher asks Slurm, and reads its answers with the launcher's own parsers. */

export const KEY = 'autolab-r1-abc123';
const CLIENT = { LC_ALL: 'C', TZ: 'UTC0', SLURM_TIME_FORMAT: '%Y-%m-%dT%H:%M:%S%z' };

interface SubmitOptions extends RunOptions {
  readonly hold?: boolean;
  readonly requeue?: boolean;
  readonly script?: string;
}

/** As the launcher submits. */
export async function submit(fake: FakeSlurm, options: SubmitOptions = {}): Promise<Answer> {
  const script = join(fake.folder, 'job.sh');
  writeFileSync(script, options.script ?? '#!/bin/bash\necho hello\n');
  mkdirSync(join(fake.folder, 'logs'), { recursive: true });
  const argv = sbatchArgv({
    script,
    key: KEY,
    chdir: fake.folder,
    logs: join(fake.folder, 'logs'),
    requeue: options.requeue ?? false,
    hold: options.hold ?? false,
  });
  if (!argv.ok) throw new Error(argv.message);
  return fake.run('sbatch', argv.argv.slice(1), options);
}

export const ask = (
  fake: FakeSlurm,
  [command = '', ...words]: readonly string[],
  options: RunOptions = {},
): Promise<Answer> => fake.run(command, words, { ...options, env: { ...CLIENT, ...options.env } });
export const ran = (answer: Answer): Parameters<typeof judgeQueue>[0] => ({
  exitCode: answer.status,
  signal: answer.signal,
  timedOut: false,
  spawnError: null,
  stdout: answer.stdout,
  stderr: answer.stderr,
});
const marks = (fake: FakeSlurm): { key: string; chdir: string; script: string } => ({
  key: KEY,
  chdir: fake.folder,
  script: join(fake.folder, 'job.sh'),
});
export const submission = async (
  fake: FakeSlurm,
  options: SubmitOptions = {},
): Promise<ReturnType<typeof judgeSubmission>> => judgeSubmission(ran(await submit(fake, options)));
export const queue = async (fake: FakeSlurm, id = '1'): Promise<ReturnType<typeof judgeQueue>> =>
  judgeQueue(ran(await ask(fake, queueArgv(id))), id, marks(fake));
export const books = async (fake: FakeSlurm, id = '1'): Promise<ReturnType<typeof judgeAccounting>> =>
  judgeAccounting(ran(await ask(fake, lastAccountedArgv(id))), { jobId: id });
export const detail = async (fake: FakeSlurm, id = '1'): Promise<ReturnType<typeof judgeAccounting>> =>
  judgeAccounting(ran(await ask(fake, accountingArgv(id))), { jobId: id, key: KEY });
export const lookup = async (fake: FakeSlurm): Promise<ReturnType<typeof judgeLookup>> =>
  judgeLookup(ran(await ask(fake, lookupArgv(KEY))), { key: KEY, chdir: fake.folder });
export const held = async (fake: FakeSlurm, id = '1'): Promise<ReturnType<typeof judgeHeld>> =>
  judgeHeld(ran(await ask(fake, showJobArgv(id))), { ...marks(fake), jobId: id });
export const shown = async (fake: FakeSlurm, id = '1'): Promise<ReturnType<typeof judgeShown>> =>
  judgeShown(ran(await ask(fake, showJobArgv(id))), { ...marks(fake), jobId: id });
export const log = (fake: FakeSlurm, id: number, stream: string): string =>
  readFileSync(join(fake.folder, 'logs', `slurm-${id}.${stream}`), 'utf8');
