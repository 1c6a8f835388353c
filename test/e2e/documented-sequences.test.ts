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
  const fenced = [...text.matchAll(/^```([a-z]*)\n(.*?)^```$/gms)];
  const found = fenced.filter(([, language]) => language === '' || language === 'sh').map((match) => match[2] ?? '');
  return found.filter((block) => words.some((word) => block.includes(word))).join('');
}

/** `autolab runs    list the runs` → `autolab runs`. */
function listed(block: string): string {
  return block.replaceAll(/^(autolab .*?) {2,}.*$/gm, '$1');
}

/** There is no terminal here to ask on. */
function unasked(block: string): string {
  return block.replaceAll(/^(autolab approve .*)$/gm, '$1 --yes');
}

const TUTORIAL = unasked(
  blocks(page('docs/tutorial.md'), ['mkdir sweep', 'autolab new', 'autolab extract', 'autolab runs']),
);
const README = listed(blocks(page('README.md'), ['autolab init --example local']));

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

const USERS = isRoot ? ['root', 'another user'] : ['another user'];

const WORLDS = ['a plain machine', 'a login node'].flatMap((machine) => USERS.map((user) => [machine, user] as const));

describe('what the pages say works', () => {
  it.each(WORLDS)('the list of commands in README on %s as %s', (machine, user) => {
    expect(README).toContain('autolab init --example local');

    const commands = machine === 'a login node' ? LOGIN_NODE : PLAIN;
    const { status, output } = runBlock(README, commands, isRoot && user === 'another user');

    expect(status, output).toBe(0);
    expect(output).toContain('run.completed');
    expect(output.includes('host_mode: local')).toBe(machine === 'a login node');
  });

  it.each(USERS)('the tutorial, from a script to a decision, as %s', (user) => {
    for (const command of ['new', 'approve', 'launch', 'extract', 'document', 'decide', 'verify'])
      expect(TUTORIAL).toContain(`autolab ${command}`);

    const { status, output } = runBlock(TUTORIAL, PLAIN, isRoot && user === 'another user');

    expect(status, output).toBe(0);
    for (const code of ['review.approved', 'run.completed']) expect(output).toContain(code);
  });
});
