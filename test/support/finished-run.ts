import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { renderLocalScript } from '../../src/launch-scripts/local-script.ts';
import { sha256 } from '../../src/platform/ids.ts';
import { formatChecksums } from '../../src/records/checksums.ts';
import { FIRST_PREV, formatEntry, JOURNAL_FORMAT, parseJournal } from '../../src/records/journal.ts';
import type { Probe } from '../../src/records/manifest-schema.ts';
import { projectManifestText } from '../../src/records/projection.ts';
import type { OpenedData } from '../../src/records/run-data.ts';
import { replay } from '../../src/records/run-view.ts';
import type { Projected } from '../../src/verify/snapshot.ts';

/** A project with one finished run, written by hand as the launcher would leave it: what the verifiers are tested on. */

export const AT = '2026-11-24T03:15:00.000Z';
export const RUN = 'experiments/iter1/runs/r1';
export const WRITES = [
  `${RUN}/artifacts.sha256`,
  'experiments/iter1/launch/run_local.sh',
  '.autolab/state.json',
  'docs/slurm_job_list.md',
];
export const SCRIPT = renderLocalScript({
  design: { iteration_id: 'iter1', entrypoint: { kind: 'command', argv: ['node', 'train.mjs', '{{run_dir}}'] } },
  activation: '# nothing to activate\n',
  python: 'python3',
});

const probe: Probe = {
  argv: ['x'],
  exit_code: 0,
  signal: null,
  timed_out: false,
  spawn_error: null,
  stdout: '{{run_id}}',
  stderr: '',
  duration_ms: 1,
  at: AT,
};
export const OPENED: OpenedData = {
  format: JOURNAL_FORMAT,
  autolab_version: '0.1.0',
  run_id: 'r1',
  iteration_id: 'iter1',
  experiment_id: 'e1',
  launch_mode: 'local',
  host: {
    mode: 'local',
    overruled_by: null,
    reason: 'no Slurm',
    probes: { hostname: probe, sinfo: probe, squeue: probe },
  },
  inputs: {},
  resource_request: {
    location: 'local',
    time_seconds: null,
    memory_mb: null,
    cpus: null,
    gpu_count: 0,
    nodes: null,
    ntasks: null,
    nice: null,
    requeue: false,
  },
  entrypoint: {
    template: 'node train.mjs',
    argv: ['node', 'train.mjs', '/p/r1'],
    script: 'experiments/iter1/launch/run_local.sh',
    script_sha256: sha256(SCRIPT),
    script_source: 'rendered',
  },
  command: 'node train.mjs /p/r1',
  activation_sha256: sha256(''),
  artifacts: [
    { path: 'metrics.json', required: true, from: null },
    { path: 'out/**', required: false, from: null },
  ],
  scratch: '/tmp/s',
  todo: {
    open: [{ task_id: 't', stage: 'launch', source: null, text: 'use {{run_id}} and <RUN_ID>' }],
    allowed_open: true,
  },
  warnings: [],
  position: { stage: 'launch', stage_attempt: 0, max_stage_attempts: 3 },
  keep_temporary: false,
  documents: { script: SCRIPT, prompt: '', context: '' },
  slurm: null,
  prepared_at: AT,
};

export type JournalLine = readonly [step: string, event: string, data: object];

export const outcomeOf = (result: object): object => ({
  status: 'done',
  attempt: 1,
  retryable: false,
  code: null,
  message: null,
  reason: null,
  recommendations: [],
  writes: [],
  result,
});

export function journalOf(lines: readonly JournalLine[]): string {
  let text = '';
  let prev = FIRST_PREV;
  for (const [index, [step, event, data]] of lines.entries()) {
    const line = formatEntry({ seq: index + 1, at: AT, driver: 'd', epoch: 1, step, event, data: { ...data }, prev });
    text += `${line}\n`;
    prev = sha256(line);
  }
  return text;
}

export const projectRun = (journal: string): Projected => {
  const read = parseJournal(journal);
  if (read.kind === 'corrupt') return { problem: read.reason };
  const view = replay(read.entries, read.head);
  return view === null ? { problem: 'no first line' } : { text: projectManifestText(view), writes: WRITES };
};

export interface RunParts {
  readonly opened?: Partial<OpenedData>;
  readonly closed?: boolean;
  readonly completed?: boolean;
}

export interface FinishedRun {
  readonly root: string;
  readonly at: (path: string) => string;
  readonly read: (path: string) => string;
  readonly write: (path: string, text: string) => void;
  /** Journal and manifest anew. */
  readonly writeRun: (parts?: RunParts) => void;
  /** `artifacts.sha256` anew. */
  readonly listArtifacts: (paths: readonly string[]) => void;
  readonly remove: () => void;
}

export function makeFinishedRun(): FinishedRun {
  const root = mkdtempSync(join(tmpdir(), 'autolab-verify-'));
  const at = (path: string): string => join(root, path);
  const read = (path: string): string => readFileSync(at(path), 'utf8');
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  };

  /** A finished run on disk: journal, manifest, logs, artifacts, as the launcher leaves them. */
  const writeRun = ({ opened = {}, closed = true, completed = true }: RunParts = {}): void => {
    const record = {
      sha256: sha256(read(`${RUN}/artifacts.sha256`)),
      files: 3,
      bytes: 2,
      seconds: 0,
      partial: !completed,
      declared: [],
    };
    const execute = {
      pid: 1,
      supervisor_pid: 2,
      exit_code: completed ? 0 : 1,
      signal: null,
      ended_by: null,
      evidence: [],
      leftovers_ended: [],
      started_at: AT,
      ended_at: AT,
      used: null,
    };
    const position = OPENED.position;
    const lines: JournalLine[] = [
      ['open', 'run.opened', { ...OPENED, ...opened }],
      ['execute', 'step.intent', {}],
      [
        'execute',
        'step.outcome',
        { ...outcomeOf(execute), ...(completed ? {} : { status: 'failed', code: 'local.failed' }) },
      ],
      [completed ? 'collect' : 'salvage', 'step.outcome', outcomeOf(record)],
    ];
    if (closed) {
      const decision = {
        code: completed ? 'run.completed' : 'local.failed',
        outcome: completed ? 'completed' : 'needs_retry',
        status: completed ? 'completed' : 'failed',
        message: '',
        hint: '',
        sync_status: completed ? 'ok' : 'failed',
        before: position,
        after: position,
        recommendations: [],
        agent_result: {},
      };
      lines.push(['close', 'run.closed', decision]);
    }
    const journal = journalOf(lines);
    write(`${RUN}/journal.jsonl`, journal);
    const projected = projectRun(journal);
    if ('text' in projected) write(`${RUN}/run_manifest.json`, projected.text);
  };

  const listArtifacts = (paths: readonly string[]): void => {
    write(
      `${RUN}/artifacts.sha256`,
      formatChecksums(paths.map((path) => ({ path, sha256: sha256(read(`${RUN}/${path}`)) }))),
    );
  };

  write('experiments/iter1/launch/run_local.sh', SCRIPT);
  write(`${RUN}/logs/stdout.log`, 'hello\n');
  write(`${RUN}/logs/stderr.log`, '');
  write(`${RUN}/logs/driver.log`, '{}\n');
  write(`${RUN}/receipt/claim`, '{}');
  write(`${RUN}/metrics.json`, '{}');
  listArtifacts(['logs/stderr.log', 'logs/stdout.log', 'metrics.json']);
  write('.autolab/prompts/rendered/launch.md', 'Run r1; never write <RUN_ID>.\n');
  write(
    '.autolab/prompts/rendered/launch.context.json',
    JSON.stringify({ run_id: 'r1', run_dir: RUN, todo: '{{run_id}}' }),
  );
  writeRun();
  const remove = (): void => {
    rmSync(root, { recursive: true });
  };
  return { root, at, read, write, writeRun, listArtifacts, remove };
}
