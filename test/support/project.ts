import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach } from 'vitest';

/** Small projects for tests: made in a temporary folder, removed afterwards. */

const made: string[] = [];
const kept: string[] = [];

afterEach(() => remove(made));
afterAll(() => remove(kept));

async function remove(folders: string[]): Promise<void> {
  for (const folder of folders.splice(0)) {
    endProcessesOf(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Projects that several tests of a file look at stay until its end. */
export function keepUntilEnd(root: string): string {
  const index = made.indexOf(root);
  if (index >= 0) made.splice(index, 1);
  kept.push(root);
  return root;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'autolab-test-'));
  made.push(folder);
  return folder;
}

/** Supervisors and entrypoints that a failed test left behind: by the folder that they work in. */
function endProcessesOf(folder: string): void {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8');
      if (words.includes(`${folder}/`) || environment.includes(`=${folder}/`)) process.kill(Number(name), 'SIGKILL');
    } catch {
      // Gone, or not ours.
    }
  }
}

export interface ProjectOptions {
  /** Text of the entrypoint `experiments/iter1/main.sh`, run by bash. */
  readonly entrypoint?: string;
  /** Replaces lines of design.yaml under `compute:`. */
  readonly compute?: Readonly<Record<string, string | number | boolean>>;
  /** argv of the entrypoint; `bash experiments/iter1/main.sh` when left out. */
  readonly command?: readonly string[];
  readonly artifacts?: readonly string[];
  readonly state?: Readonly<Record<string, unknown>>;
  readonly git?: boolean;
  readonly activation?: string;
  /** Where it is made; a temporary folder when left out. */
  readonly root?: string;
}

const DEFAULT_ENTRYPOINT =
  'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho \'{"accuracy": 1}\' > "$AUTOLAB_RUN_DIR/metrics.json"\n';

/** An approved experiment `e1` at iteration `iter1`, at the stage `launch`. `host_mode` is fixed, whatever this machine has. */
export function makeProject(options: ProjectOptions = {}): string {
  const root = options.root ?? temporaryFolder();
  const compute = { location: 'local', time: '"00:05:00"', memory: '1G', cpus: 1, ...options.compute };
  const command = options.command ?? ['bash', 'experiments/iter1/main.sh'];
  const files: Record<string, string> = {
    '.autolab/state.json': json({
      iteration_id: 'iter1',
      experiment_id: 'e1',
      stage: 'launch',
      stage_attempt: 0,
      max_stage_attempts: 3,
      last_run_id: '',
      pending_run_id: '',
      sync_status: '',
      max_total_iterations: 5,
      history: [],
      ...options.state,
    }),
    '.autolab/backlog.yaml':
      '# the plan\nhypotheses:\n  - {id: h1, status: open, title: It learns, success_metric: accuracy, target_delta: 0.1}\nexperiments:\n  - id: e1 # the first\n    hypothesis_id: h1\n    status: open\n    iteration_id: iter1\n    type: study\n',
    '.autolab/launch.yaml': 'host_mode: local\n',
    '.autolab/prompts/stage_launch.md':
      '# Launch {{run_id}} of {{iteration_id}} ({{launch_mode}})\n\n{{stage_context}}\n',
    'docs/environment.md': `# Environment\n\n## Activation\n\n\`\`\`bash\n${options.activation ?? '# nothing to activate\n'}\`\`\`\n`,
    'docs/slurm_job_list.md': '# Slurm jobs\n',
    'experiments/iter1/design.yaml': [
      'id: d1',
      'iteration_id: iter1',
      'hypothesis_id: h1',
      'entrypoint:',
      `  command: ${JSON.stringify(command)}`,
      'compute:',
      ...Object.entries(compute).map(([name, value]) => `  ${name}: ${String(value)}`),
      'artifacts:',
      ...(options.artifacts ?? ['metrics.json']).map((artifact) => `  - ${artifact}`),
      '',
    ].join('\n'),
    'experiments/iter1/review_result.json': json({
      status: 'pass',
      blocking_findings: [],
      required_checks: {
        tests: 'pass',
        dry_run: 'pass',
        schema: 'pass',
        env_smoke: 'skip',
        docs_target_update: 'skip',
      },
      reviewed_at: '2026-11-01T00:00:00Z',
    }),
    'experiments/iter1/main.sh': options.entrypoint ?? DEFAULT_ENTRYPOINT,
    '.gitignore': '.autolab/active_run.json\n.autolab/driver.lock.*\nexperiments/*/runs/\n',
  };
  for (const [path, text] of Object.entries(files)) write(root, path, text);
  if (options.git === true) commitAll(root);
  return root;
}

export function commitAll(root: string): void {
  const git = (...words: string[]): void => {
    execFileSync(
      'git',
      ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'init.defaultBranch=main', ...words],
      { cwd: root, stdio: 'pipe' },
    );
  };
  if (!existsSync(join(root, '.git'))) git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'state of the project');
}

export function write(root: string, path: string, text: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

export function read(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export function readJson(root: string, path: string): Record<string, any> {
  return JSON.parse(read(root, path)) as Record<string, any>;
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export function edit(root: string, path: string, change: (text: string) => string): void {
  write(root, path, change(read(root, path)));
}

/** Ids of the runs of `iter1`. */
export function runIds(root: string): readonly string[] {
  const folder = join(root, 'experiments/iter1/runs');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** How often the entrypoint was started: it writes a line at each start. */
export function startsOf(root: string, runId: string): number {
  const path = join(root, 'experiments/iter1/runs', runId, 'marker');
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '').length
    : 0;
}

/** A digest of every path, kind, mode and content below a folder: equal digests mean an untouched tree. */
export function treeDigest(root: string): string {
  const hash = createHash('sha256');
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.name === '.git' && folder === root) continue;
      // A run that goes on writes it all the time.
      if (entry.name === 'usage.jsonl' && folder.endsWith('/receipt')) continue;
      hash.update(`${path}\0${entry.isDirectory() ? 'd' : entry.isSymbolicLink() ? 'l' : 'f'}\0`);
      if (entry.isDirectory()) visit(path);
      else if (entry.isFile()) hash.update(readFileSync(path));
    }
  };
  visit(root);
  return hash.digest('hex');
}

/** Fake commands on PATH, in front of the real ones. */
export function fakeCommands(commands: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const folder = temporaryFolder();
  for (const [name, script] of Object.entries(commands)) {
    writeFileSync(join(folder, name), `#!/bin/bash\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
}

/** A command is asked no more often than this: more of them slow down what they wait for. */
export const COMMAND_EVERY_MS = 400;

/**
 * Waits for a fact; fails with its name when it does not come. The bound is for what never comes: whatever comes at all
 * may be slow on a machine that has other work, too. Facts that a daemon is asked for are waited for with `untilSlurm`; what a
 * command of ours says is a promise, and is asked for less often.
 */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 180_000,
  everyMs = 20,
): Promise<void> {
  const end = performance.now() + limitMs;
  for (;;) {
    const said = holds();
    if (await said) return;
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    const pauseMs = typeof said === 'boolean' ? everyMs : Math.max(everyMs, COMMAND_EVERY_MS);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
