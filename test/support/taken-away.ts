import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { autolabJson, startProgram } from './autolab.ts';
import { edit } from './project.ts';

/** What an open run stands on, and how it is taken away; and how a user who only reads hints ends such a run. */

/** Variables of the calls after the loss. */
export type LossEnvironment = Readonly<Record<string, string | undefined>>;

export interface OpenRun {
  readonly root: string;
  readonly runId: string;
  /** Its scratch folder, in a folder of its own. */
  readonly scratch: string;
}

export type Loss = (run: OpenRun) => LossEnvironment | undefined;

function inProject(path: string, act: (path: string) => void): Loss {
  return ({ root, runId }) => {
    act(join(root, path.replace('RUN', `experiments/iter1/runs/${runId}`)));
    return undefined;
  };
}

/**
 * What a run that is alive writes while its folder is removed (the points of its usage) is removed with it. Node's own
 * retries try the folder alone again, not what came into it.
 */
function remove(at: string): void {
  for (let tries = 50; existsSync(at) || tries === 50; tries -= 1) {
    try {
      rmSync(at, { recursive: true, force: true });
    } catch (error) {
      if (tries === 0 || (error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    }
  }
}
const removed = (path: string): Loss => inProject(path, remove);
const garbage = (path: string): Loss =>
  inProject(path, (at) => {
    writeFileSync(at, '\u0000{[garbage');
  });
const fileInPlace = (path: string): Loss =>
  inProject(path, (at) => {
    remove(at);
    writeFileSync(at, 'a file\n');
  });
const folderInPlace = (path: string): Loss =>
  inProject(path, (at) => {
    remove(at);
    mkdirSync(at);
    writeFileSync(join(at, 'inside'), '');
  });
const renamed = (path: string): Loss =>
  inProject(path, (at) => {
    renameSync(at, `${at}-away`);
  });
const edited =
  (path: string, change: (text: string) => string): Loss =>
  ({ root }) => {
    edit(root, path, change);
    return undefined;
  };
const both =
  (...losses: readonly Loss[]): Loss =>
  (run) =>
    losses.reduce<LossEnvironment>((env, loss) => ({ ...env, ...loss(run) }), {});

/** Everything that any run stands on, one by one. */
export const LOSSES = {
  nothing: () => undefined,
  'receipt/ removed': removed('RUN/receipt'),
  'receipt/ is a file': fileInPlace('RUN/receipt'),
  'receipt/claim removed': removed('RUN/receipt/claim'),
  'receipt/claim garbage': garbage('RUN/receipt/claim'),
  'receipt/claim is a folder': folderInPlace('RUN/receipt/claim'),
  'receipt/started.json removed': removed('RUN/receipt/started.json'),
  'receipt/order.json removed': removed('RUN/receipt/order.json'),
  'receipt/order.json garbage': garbage('RUN/receipt/order.json'),
  'receipt/exit.json removed': removed('RUN/receipt/exit.json'),
  'receipt/exit.json garbage': garbage('RUN/receipt/exit.json'),
  'receipt/exit.json is a folder': folderInPlace('RUN/receipt/exit.json'),
  'journal removed': removed('RUN/journal.jsonl'),
  'journal truncated': inProject('RUN/journal.jsonl', (at) => {
    truncateSync(at, 700);
  }),
  'journal empty': inProject('RUN/journal.jsonl', (at) => {
    truncateSync(at, 0);
  }),
  'journal garbage': garbage('RUN/journal.jsonl'),
  'journal is a folder': folderInPlace('RUN/journal.jsonl'),
  'journal and receipt/ removed': both(removed('RUN/journal.jsonl'), removed('RUN/receipt')),
  'run folder removed': removed('RUN'),
  'run folder renamed': renamed('RUN'),
  'run folder is a file': fileInPlace('RUN'),
  'run folder and claim removed': both(removed('RUN'), removed('.autolab/active_run.json')),
  'logs/ removed': removed('RUN/logs'),
  'logs/ is a file': fileInPlace('RUN/logs'),
  'logs/driver.log is a folder': folderInPlace('RUN/logs/driver.log'),
  'manifest is a folder': folderInPlace('RUN/run_manifest.json'),
  '.autolab/tmp removed': removed('.autolab/tmp'),
  '.autolab/tmp is a file': fileInPlace('.autolab/tmp'),
  'claim removed': removed('.autolab/active_run.json'),
  'claim garbage': garbage('.autolab/active_run.json'),
  'claim is a folder': folderInPlace('.autolab/active_run.json'),
  'claim garbage, journal removed': both(garbage('.autolab/active_run.json'), removed('RUN/journal.jsonl')),
  'state removed': removed('.autolab/state.json'),
  'state garbage': garbage('.autolab/state.json'),
  'state is a folder': folderInPlace('.autolab/state.json'),
  'agent_result is a folder': folderInPlace('.autolab/agent_result.json'),
  'backlog removed': removed('.autolab/backlog.yaml'),
  'backlog garbage': garbage('.autolab/backlog.yaml'),
  'backlog without the entry': edited('.autolab/backlog.yaml', (text) =>
    text.replace('id: e1', 'id: e9').replace('iteration_id: iter1', 'iteration_id: iter9'),
  ),
  'backlog with the entry twice': edited(
    '.autolab/backlog.yaml',
    (text) => text + text.slice(text.indexOf('  - id: e1')),
  ),
  'experiment closed': edited('.autolab/backlog.yaml', (text) =>
    text.replace('status: open\n    iteration_id', 'status: done\n    iteration_id'),
  ),
  'design removed': removed('experiments/iter1/design.yaml'),
  'design garbage': garbage('experiments/iter1/design.yaml'),
  'review removed': removed('experiments/iter1/review_result.json'),
  'review garbage': garbage('experiments/iter1/review_result.json'),
  'environment.md removed': removed('docs/environment.md'),
  'launch.yaml garbage': garbage('.autolab/launch.yaml'),
  'launch.yaml removed': removed('.autolab/launch.yaml'),
  'remote_profiles.yaml garbage': garbage('.autolab/remote_profiles.yaml'),
  'ledger removed': removed('docs/slurm_job_list.md'),
  'ledger is a folder': folderInPlace('docs/slurm_job_list.md'),
  'iteration renamed': renamed('experiments/iter1'),
  'experiments/ removed': removed('experiments'),
  'git gone': removed('.git'),
  'main.sh removed': removed('experiments/iter1/main.sh'),
  'launch scripts removed': removed('experiments/iter1/launch'),
  'nothing on PATH': () => ({ PATH: '/nonexistent' }),
  'HOME gone': () => ({ HOME: '/nonexistent/home' }),
  'scratch is a file': ({ scratch }) => {
    rmSync(scratch, { recursive: true });
    writeFileSync(scratch, '');
    return undefined;
  },
  'the folder of scratch is a file': ({ scratch }) => {
    rmSync(dirname(scratch), { recursive: true });
    writeFileSync(dirname(scratch), '');
    return undefined;
  },
  'lease garbage': ({ root }) => {
    for (const name of readdirSync(join(root, '.autolab')).filter((file) => file.startsWith('driver.lock.')))
      writeFileSync(join(root, '.autolab', name), 'garbage');
    return undefined;
  },
  'lease removed': ({ root }) => {
    for (const name of readdirSync(join(root, '.autolab')).filter((file) => file.startsWith('driver.lock.')))
      rmSync(join(root, '.autolab', name));
    return undefined;
  },
  'lease is a folder': ({ root }) => {
    mkdirSync(join(root, '.autolab/driver.lock.900'));
    return undefined;
  },
  'TMPDIR gone': () => ({ TMPDIR: '/nonexistent/tmp' }),
  'TMPDIR a file': () => ({ TMPDIR: '/etc/hostname' }),
  'runtime folder gone': () => ({ XDG_RUNTIME_DIR: '/nonexistent/run' }),
} as const satisfies Record<string, Loss>;

export type LossName = keyof typeof LOSSES;

/** Losses that matter to a run whose entrypoint has ended, too. */
export const AFTER_END: readonly LossName[] = (Object.keys(LOSSES) as LossName[]).filter((name) =>
  /^(nothing|receipt|journal|run folder (removed|renamed|is)|logs|manifest|claim|state|agent_result|iteration|experiments)/.test(
    name,
  ),
);

/** The commands that a hint spells out, in its order. */
function commandsIn(hint: string): readonly string[] {
  const begins = /(?:autolab (?:cancel|review|unlock|backlog|remote)|kill|scancel|rm|mv)\b[^`;,)]*/g;
  return [...hint.matchAll(begins)].map(([text]) => text.replace(/[.:]*\s*$/, ''));
}

interface Done {
  readonly command: string;
  readonly status: number | null;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Cancels, and then does what the hints say, with that many calls at most. Returns all of them. */
export async function endByHints({ root }: OpenRun, env: LossEnvironment, most = 4): Promise<readonly Done[]> {
  const calls: Done[] = [];
  let rest = ['autolab cancel'];
  while (calls.length < most) {
    const [next = 'autolab cancel', ...others] = rest;
    const done = await act(root, next, env);
    calls.push(done);
    if (await isOver(root, env)) break;
    const told = commandsIn(done.hint);
    rest = told.length > 0 ? told.slice(told[0] === next ? 1 : 0) : others;
  }
  return calls;
}

async function act(root: string, command: string, env: LossEnvironment): Promise<Done> {
  const line = command.replaceAll('WHO', 'ada').replaceAll(/WHY|TEXT/g, 'lost');
  if (line.startsWith('autolab ')) {
    const { status, json } = await autolabJson(root, line.split(' ').slice(1), { env });
    return {
      command,
      status,
      code: String(json['code']),
      message: String(json['message']),
      hint: String(json['hint']),
    };
  }
  const { status, stderr } = await startProgram(['bash', '-c', line], root, { env }).ended;
  return { command, status, code: '', message: stderr, hint: '' };
}

/** Nothing is open or alive any more, as `autolab status` has it; the state that it reads may be what was taken away. */
async function isOver(root: string, env: LossEnvironment): Promise<boolean> {
  const { json } = await autolabJson(root, ['status'], { env });
  if (existsSync(join(root, '.autolab/active_run.json'))) return false;
  if (json['code'] === 'run.none_active') return !String(json['message']).includes('is alive');
  return String(json['code']).startsWith('state.');
}

/** What the supervisor of a run that is alive writes, whatever else is called. */
const OF_THE_SUPERVISOR = /^\.?(usage|metrics)\.jsonl/;

/** Of the project without leases and the points of a run: equal digests mean that no call has written. */
export function writtenDigest(root: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (path.startsWith(join(root, '.git/')) || entry.name.startsWith('driver.lock.')) continue;
    if (OF_THE_SUPERVISOR.test(entry.name)) continue;
    hash.update(`${path}\0${entry.isFile() ? readFileSync(path, 'latin1') : ''}\0`);
  }
  return hash.digest('hex');
}
