import { execFileSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { fakeCommands, read, temporaryFolder, write } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';

/** `autolab new` without a project, and without a word about where the run goes. */

vi.setConfig({ testTimeout: SLOW_MS });

const TIME = ['--time', '5'];
const RUN = ['--', 'python3', 'train.py'];

/** An empty git repository with the user's script. */
function repository(): string {
  const root = temporaryFolder();
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  write(root, 'train.py', 'print("trained")\n');
  return root;
}

async function project(): Promise<string> {
  const root = repository();
  expect((await autolab(root, ['init'])).status).toBe(0);
  write(root, '.autolab/launch.yaml', 'host_mode: local\n');
  return root;
}

const design = (root: string, id: string): string => read(root, `experiments/${id}/design.yaml`);

describe('autolab new', () => {
  describe('asks the host where the run goes', () => {
    const SLURM = { sinfo: 'echo slurm 24', squeue: 'echo slurm 24' };
    const NEEDS = [...TIME, '--memory', '1G'];

    it.each([
      ['slurm', SLURM, []],
      ['local', { ...SLURM, squeue: 'exit 1' }, []],
      ['local', SLURM, ['--on', 'local']],
    ])('%s', async (location, commands, words) => {
      const root = await project();
      write(root, '.autolab/launch.yaml', '# nothing\n');

      const made = await call(root, ['new', 'a', ...NEEDS, ...words, ...RUN], { env: fakeCommands(commands) });

      expect(made.json).toMatchObject({ outcome: 'ok', location });
      expect(design(root, 'a')).toContain(`location: ${location}\n`);
    });

    it('or says how to do without an answer', async () => {
      const root = await project();
      write(root, '.autolab/launch.yaml', '# nothing\n');

      const failed = await callWithoutTrace(root, ['new', 'a', ...TIME, ...RUN], {
        env: fakeCommands({ hostname: 'exit 1' }),
      });

      expect(failed.json).toMatchObject({
        code: 'host.unresolved',
        hint: 'Say it yourself: --on local, or --on slurm',
      });
    });
  });

  describe('in a folder that is no project', () => {
    it('names the command that makes one', async () => {
      const root = repository();

      const refused = await callWithoutTrace(root, ['new', 'a', ...TIME, ...RUN]);

      expect(refused).toMatchObject({ status: 12, json: { code: 'project.not_found' } });
      expect(refused.json['hint']).toBe('Create one: autolab init; or let this command do it, too: --init');
    });

    it('makes one with --init, unless the call is wrong', async () => {
      const root = repository();

      const wrong = await callWithoutTrace(root, ['new', 'a', '--init', '--on', 'local', '--cpus', 'x', ...RUN]);
      const made = await call(root, ['new', 'a', '--init', '--on', 'local', ...TIME, ...RUN]);
      const again = await callWithoutTrace(root, ['new', 'a', '--init', '--on', 'local', ...TIME, ...RUN]);

      expect(wrong.status).toBe(2);
      expect(made).toMatchObject({ status: 0, json: { stage_after: 'implementation_review' } });
      expect(made.json['message']).toContain('Created a project');
      expect(again).toMatchObject({ status: 0, json: { created: [] } });
    });
  });

  describe('leads on:', () => {
    /** The command of a hint, as the user types it. */
    const commandIn = (hint: unknown): readonly string[] =>
      (/autolab ([a-z -]+?)(?: --by WHO)?$/.exec(String(hint))?.[1] ?? '').split(' ');

    it.each([
      ['a script', ['--', 'python3', 'src/later.py'], 'src/later.py', 'print("x")\n'],
      ['a command', [], 'experiments/a/design.yaml', null],
    ])('once %s is written, the command of its hint moves to the review', async (_what, words, file, text) => {
      const root = await project();
      const made = await call(root, ['new', 'a', ...TIME, ...words]);

      const early = await call(root, commandIn(made.json['hint']));
      const design = read(root, 'experiments/a/design.yaml');
      write(
        root,
        file,
        text ?? design.replace(/^# (entrypoint:)\n# {3}(command:).*$/m, '$1\n  $2 [python3, train.py]'),
      );
      let step = await call(root, commandIn(made.json['hint']));
      if (step.json['stage_after'] === 'implementation') step = await call(root, ['advance']);

      expect(early.json['outcome']).toBe('needs_retry');
      expect(step.json, step.stderr).toMatchObject({ outcome: 'ok', stage_after: 'implementation_review' });
      const review = await call(root, ['launch']);
      expect(review.json['code']).toBe('state.wrong_stage');
      expect(commandIn(review.json['hint'])).toEqual(['approve']);
      expect((await call(root, ['approve', '--by', 'ada', '--yes'])).json['outcome']).toBe('ok');
      expect((await call(root, ['launch'])).json['code']).toBe('run.completed');
    });
  });
});
