import { describe, expect, it } from 'vitest';
import { executorFor, EXECUTORS } from '../executors/table.ts';
import { stepsFor } from './steps.ts';

describe('the steps of a run', () => {
  it.each([
    ['local', ['execute', 'collect_to_remote', 'collect']],
    ['slurm', ['submit', 'wait', 'confirm', 'collect_to_remote']],
  ])('of the executor %s stand in this order', async (kind, own) => {
    const steps = await stepsFor(executorFor(kind));

    expect(steps.map(({ name }) => name)).toEqual([
      'record-code',
      'render-prompt',
      'write-scripts',
      'sync_to_remote',
      ...own,
      'sync_artifacts_to_local',
      'verify_local_artifacts',
    ]);
  });

  it('take over tasks of an earlier run before anything is sent or started', async () => {
    const names = async (takesOver: boolean): Promise<readonly string[]> =>
      (await stepsFor(executorFor('local'), takesOver)).map(({ name }) => name);
    const [without, taking] = [await names(false), await names(true)];

    expect(taking.filter((name) => !without.includes(name))).toEqual(['reuse-tasks']);
    expect(taking.indexOf('reuse-tasks')).toBe(taking.indexOf('sync_to_remote') - 1);
  });

  it.each([...EXECUTORS.values()])('have the names that the executor $kind says', async (executor) => {
    const names = (await executor.loadSteps()).map(({ name }) => name);

    expect(names).toEqual(executor.stepNames);
  });
});
