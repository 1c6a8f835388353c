import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab, autolabJson, cleanEnvironment, PROGRAM, startProgram } from '../support/autolab.ts';
import { makeProject, temporaryFolder, write } from '../support/project.ts';

/** Completion, as a shell asks for it. */

/** What bash offers for a line, with the script loaded as a user would: `<TAB><TAB>` at its end. */
async function offered(root: string, line: string): Promise<readonly string[]> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'bin'));
  symlinkSync(PROGRAM, join(folder, 'bin/autolab'));
  chmodSync(PROGRAM, 0o755);
  const words = line.split(' ');
  write(
    folder,
    'ask.bash',
    `set -eu
    # What an interactive bash has, and a script has not.
    compopt() { :; }
    eval "$(autolab completion bash)"
    complete -p autolab | grep -q -- '-F _autolab autolab'
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=\${#COMP_LINE}
    _autolab autolab "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\\n' "\${COMPREPLY[@]}"
    `,
  );
  const path = `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`;
  const { status, stdout, stderr } = await startProgram(['bash', join(folder, 'ask.bash'), ...words], root, {
    env: { PATH: path },
  }).ended;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((candidate) => candidate !== '');
}

describe('bash', () => {
  it('completes commands, those below them, and options', async () => {
    const root = makeProject();

    expect(await offered(root, 'autolab l')).toEqual(['launch', 'logs', 'lint-script']);
    expect(await offered(root, 'autolab todo ')).toEqual(['list', 'sync', 'done']);
    expect(await offered(root, 'autolab --json todo d')).toEqual(['done']);
    expect(await offered(root, 'autolab help to')).toEqual(['todo']);
    expect(await offered(root, 'autolab launch --d')).toEqual(['--dry-run', '--detach', '--directory']);
    expect(await offered(root, 'autolab -')).toContain('--version');
  });

  it('completes the values that an option or an operand takes', async () => {
    const root = makeProject();

    expect(await offered(root, 'autolab launch --on-interrupt ')).toEqual(['cancel', 'detach']);
    expect(await offered(root, 'autolab logs --stream = e')).toEqual(['err']);
    expect(await offered(root, 'autolab review ')).toEqual(['pass', 'retry', 'stop']);
    expect(await offered(root, 'autolab lint-script exp')).toEqual(['experiments']);
    expect(await offered(root, 'autolab status ')).toEqual([]);
    expect(await offered(root, 'autolab new a --on ')).toEqual(['local', 'slurm']);
    expect(await offered(root, 'autolab new a -- exp')).toEqual(['experiments']);
    expect(await offered(root, 'autolab new a -- python --on')).toEqual([]);
  });

  it('completes the runs and tasks of the project at hand, or of -C', async () => {
    const root = makeProject();
    await autolab(root, ['launch', '--run-id', 'r1']);
    write(root, '.autolab/todo_focus.json', '');
    const elsewhere = temporaryFolder();

    expect(await offered(root, 'autolab logs ')).toEqual(['r1', 'iter1/']);
    expect(await offered(root, 'autolab verify iter1/')).toEqual(['iter1/r1']);
    expect(await offered(join(root, 'experiments'), 'autolab manifest r')).toEqual(['r1']);
    expect(await offered(elsewhere, `autolab -C ${root} manifest r`)).toEqual(['r1']);
    expect(await offered(root, 'autolab unlock --run ')).toEqual(['none']);
  });

  it('offers nothing, and says nothing, where there is no project or it is damaged', async () => {
    const root = makeProject();
    write(root, '.autolab/state.json', '{');

    expect(await offered(temporaryFolder(), 'autolab logs ')).toEqual([]);
    expect(await offered(root, 'autolab unlock --run ')).toEqual(['none']);
  });
});

describe('the scripts', () => {
  it.each(['bash', 'zsh', 'fish'])(
    '%s: the script is on stdout, and the shell, where there is one, can read it',
    async (shell) => {
      const { status, stdout, stderr } = await autolab(temporaryFolder(), ['completion', shell]);

      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain(`made by: autolab completion ${shell}`);
      const read = spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8', env: cleanEnvironment({}) });
      if (read.error === undefined)
        expect({ status: read.status, stderr: read.stderr }).toEqual({ status: 0, stderr: '' });
      const { json } = await autolabJson(temporaryFolder(), ['completion', shell]);
      expect(json).toMatchObject({ command: 'completion', code: 'ok', shell, script: stdout });
    },
  );
});
