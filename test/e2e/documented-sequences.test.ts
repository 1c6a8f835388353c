import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { cleanEnvironment, PROGRAM } from '../support/autolab.ts';
import { fakeCommands, temporaryFolder } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';

/** The sequences of commands in README and tutorial, on a plain machine and on a login node, as root and as another user. */

vi.setConfig({ testTimeout: SLOW_MS });

function page(name: string): string {
  return readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
}

/** The commands of the fenced blocks that hold one of these words. */
function blocks(text: string, words: readonly string[]): string {
  const found = [...text.matchAll(/^```(?:sh)?\n(.*?)^```$/gms)].map((match) => match[1] ?? '');
  return found.filter((block) => words.some((word) => block.includes(word))).join('');
}

/** `autolab runs    list the runs` → `autolab runs`. */
function listed(block: string): string {
  return block.replaceAll(/^(autolab .*?) {2,}.*$/gm, '$1');
}

const SEQUENCES: Readonly<Record<string, string>> = {
  'the tutorial': blocks(page('docs/tutorial.md'), ['autolab init --example local', 'autolab runs']),
  'the list of commands in README': listed(blocks(page('README.md'), ['autolab init --example local'])),
};

/** What answers on a login node; and on a machine without Slurm, whatever this one has. */
const LOGIN_NODE = {
  sinfo: 'echo "slurm 24.11.5"',
  squeue: 'echo "slurm 24.11.5"',
  sbatch: 'echo "slurm 24.11.5"',
  sacct: 'echo "slurm 24.11.5"',
  scancel: 'echo "slurm 24.11.5"',
  scontrol:
    'case $1 in ping) echo "Slurmctld(primary) at head is UP";; show) echo "AccountingStorageType = accounting_storage/slurmdbd";; *) echo "slurm 24.11.5";; esac',
};
const PLAIN = { sinfo: 'exit 1', squeue: 'exit 1' };

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

interface Ran {
  readonly status: number | null;
  readonly output: string;
}

function runBlock(block: string, commands: Readonly<Record<string, string>>, asNobody: boolean): Ran {
  const home = temporaryFolder();
  const work = join(home, 'work');
  mkdirSync(work);
  writeFileSync(join(home, '.gitconfig'), '[user]\n  name = Test\n  email = test@example.org\n');
  if (asNobody) for (const path of [home, work, join(home, '.gitconfig')]) chownSync(path, NOBODY, NOBODY);
  const fakes = fakeCommands(commands)['PATH'] ?? '';
  const [folder = ''] = fakes.split(':');
  chmodSync(folder, 0o755);
  const script = `set -e\nautolab() { '${process.execPath}' '${PROGRAM}' "$@"; }\n${block}`;
  const user = asNobody ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'] : [];
  const ended = spawnSync('env', [...user, 'bash', '-c', script], {
    cwd: work,
    encoding: 'utf8',
    env: cleanEnvironment({ HOME: home, PATH: fakes, TMPDIR: undefined }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { status: ended.status, output: ended.stdout + ended.stderr };
}

const WORLDS = Object.keys(SEQUENCES).flatMap((name) =>
  ['a plain machine', 'a login node'].flatMap((machine) =>
    (isRoot ? ['root', 'another user'] : ['another user']).map((user) => [name, machine, user] as const),
  ),
);

describe('what the pages say works', () => {
  it.each(WORLDS)('%s on %s as %s', (name, machine, user) => {
    const block = SEQUENCES[name] ?? '';
    expect(block).toContain('autolab init --example local');

    const { status, output } = runBlock(
      block,
      machine === 'a login node' ? LOGIN_NODE : PLAIN,
      isRoot && user === 'another user',
    );

    expect(status, output).toBe(0);
    expect(output).toContain('run.completed');
    expect(output.includes('host_mode: local')).toBe(machine === 'a login node');
  });
});
