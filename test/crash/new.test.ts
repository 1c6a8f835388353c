import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call } from '../support/contract.ts';
import { COMMAND, repositoryWithScript } from '../support/first-user.ts';
import { makeProject, read } from '../support/project.ts';
import { SLOW_MS, stateOf } from '../support/runs.ts';

/** `autolab new`, killed between any two of its writes: the same call again makes what it would have made. */

const WORDS = [
  'new',
  'a',
  '--init',
  '--on',
  'local',
  '--time',
  '5',
  '--hypothesis',
  'it learns',
  '--',
  'python3',
  'train.py',
];
const MADE = ['experiments/a/design.yaml', '.autolab/backlog.yaml', '.autolab/positions.json'];

describe('autolab new, killed', () => {
  it.each(['new.design_written', 'new.backlog_written', 'move.written', 'move.position_kept', 'move.state_written'])(
    'at %s',
    async (point) => {
      const [whole, root] = [repositoryWithScript(), repositoryWithScript()];
      await call(whole, WORDS);

      const killed = await autolab(root, WORDS, { env: { AUTOLAB_CRASH_AT: point } });
      const again = await call(root, WORDS);

      expect(killed.signal).toBe('SIGKILL');
      expect(again, again.stderr).toMatchObject({ status: 0, json: { stage_after: 'implementation_review' } });
      for (const file of MADE) expect(read(root, file)).toBe(read(whole, file));
      expect(stateOf(root)).toMatchObject({ iteration_id: 'a', experiment_id: 'a', stage: 'implementation_review' });
      expect(stateOf(root)['history']).toHaveLength(1);
    },
    SLOW_MS,
  );

  it(
    'while it makes the project: it is completed',
    async () => {
      const root = repositoryWithScript();
      await call(root, WORDS);
      const before = read(root, '.autolab/launch.yaml');
      for (const path of ['.autolab/state.json', '.autolab/backlog.yaml', 'experiments/a'])
        rmSync(join(root, path), { recursive: true });

      const again = await call(root, WORDS);

      expect(again).toMatchObject({ status: 0, json: { stage_after: 'implementation_review' } });
      expect(read(root, '.autolab/launch.yaml')).toBe(before);
    },
    SLOW_MS,
  );

  it(
    'while it launches: the same call continues the run',
    async () => {
      const root = repositoryWithScript();
      const words = ['new', 'a', '--init', '--on', 'local', '--time', '5', '--by', 'ada', '--launch', ...COMMAND];

      const approved = await autolab(root, words, { env: { AUTOLAB_CRASH_AT: 'launch.looked' } });
      const claimed = await autolab(root, words, { env: { AUTOLAB_CRASH_AT: 'claim.result_written' } });
      const again = await call(root, words);

      expect([approved.signal, claimed.signal]).toEqual(['SIGKILL', 'SIGKILL']);
      expect(again, again.stderr).toMatchObject({ status: 0, json: { command: 'new', code: 'run.completed' } });
      expect(readdirSync(join(root, 'experiments/a/runs'))).toHaveLength(1);
    },
    SLOW_MS,
  );
});

describe('autolab rerun --set, killed', () => {
  it.each(['new.design_written', 'new.backlog_written', 'move.position_kept', 'move.state_written'])(
    'at %s: the same call makes the same experiment',
    async (point) => {
      const root = makeProject({ command: ['bash', 'experiments/iter1/main.sh', '--lr', '0.1'] });
      await call(root, ['launch', '--run-id', 'r1']);
      const words = ['rerun', 'iter1/r1', '--set', 'lr=0.2', '--by', 'ada'];

      const killed = await autolab(root, words, { env: { AUTOLAB_CRASH_AT: point } });
      const again = await call(root, words);

      expect(killed.signal).toBe('SIGKILL');
      expect(again, again.stderr).toMatchObject({ status: 0, json: { iteration_id: 'iter1-2' } });
      expect(stateOf(root)).toMatchObject({ iteration_id: 'iter1-2', stage: 'implementation_review' });
      expect(readdirSync(join(root, 'experiments')).sort()).toEqual(['iter1', 'iter1-2']);
    },
    SLOW_MS,
  );
});
