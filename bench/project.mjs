import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const AUTOLAB = [process.execPath, join(ROOT, 'bin/autolab.js')];
export const LIBRARY = join(ROOT, 'dist/index.mjs');

const folders = [];

/** A new temporary folder; gone when the bench ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'autolab-bench-'));
  folders.push(folder);
  return folder;
}

export function removeTemporaryFolders() {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

function run(argv, cwd) {
  const [command, ...words] = argv;
  const { status, stderr, stdout, error } = spawnSync(command, words, { cwd, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
}

const DESIGN = (entrypoint) => `id: d1
iteration_id: iter1
hypothesis_id: h1
entrypoint:
  command: ${JSON.stringify(entrypoint)}
compute: {location: local, time: "00:05:00", memory: 1G, cpus: 1}
artifacts: [metrics.json]
`;

/** The example project as a git repository with one commit, its entrypoint replaced, and its design changed. */
export function makeProject(entrypoint, { change = (text) => text } = {}) {
  const root = temporaryFolder();
  run([...AUTOLAB, 'init', '--example', 'local'], root);
  writeFileSync(join(root, 'experiments/iter1/design.yaml'), change(DESIGN(entrypoint)));
  run(['git', 'init', '-q'], root);
  run(['git', 'add', '-A'], root);
  run(
    [
      'git',
      '-c',
      'user.name=bench',
      '-c',
      'user.email=bench@localhost',
      '-c',
      'commit.gpgsign=false',
      'commit',
      '-q',
      '-m',
      'bench',
    ],
    root,
  );
  return root;
}

/** Puts the workflow back to `launch`, so that the same project can be launched again. */
export function rewind(root, state) {
  writeFileSync(join(root, '.autolab/state.json'), state);
}

export function stateOf(root) {
  return readFileSync(join(root, '.autolab/state.json'), 'utf8');
}

export function lastManifest(root) {
  const runs = join(root, 'experiments/iter1/runs');
  const id = readdirSync(runs).sort().at(-1);
  return JSON.parse(readFileSync(join(runs, id, 'run_manifest.json'), 'utf8'));
}

/** Launches, with more words if need be, and looks at the driver now and then; the run's manifest, and when the command ended: seconds since the epoch. */
export async function launched(root, env, more = [], look = null) {
  const [command, ...words] = [...AUTOLAB, 'launch', '--quiet', ...more];
  const driver = spawn(command, words, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const timer = look === null ? null : setInterval(() => look(driver.pid), 50);
  const status = await new Promise((resolve) => driver.on('close', resolve));
  clearInterval(timer);
  const at = Date.now() / 1000;
  if (status !== 0) throw new Error(`autolab launch ended with ${status}`);
  return { manifest: lastManifest(root), at };
}
