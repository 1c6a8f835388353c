import { expect, test, vi } from 'vitest';
import { family, SEED, size } from '../support/campaign.ts';
import { fc } from '../support/properties.ts';
import { SLOW_MS } from '../support/runs.ts';
import { Begin, CancelTask, End, Kill, Litter, Start, start, Stop, TASKS } from '../support/tasks/task-model.ts';

/** Random sequences of what happens to tasks, against a small model: none is lost, and none is counted twice. */

vi.setConfig({ testTimeout: size(4, 1) * SLOW_MS });

const { count } = family('states of tasks, against a model');

test('whatever happens to tasks in whatever order, their receipts say what the model says', () => {
  const task = fc.nat(TASKS - 1);
  const ends = fc.constantFrom<End['how']>('good', 'bad', 'signal', 'time');
  const seen = new Set<string>();
  const often = [
    task.map((index) => new Begin(index)),
    task.map((index) => new Start(index)),
    fc.tuple(task, ends).map(([index, how]) => new End(index, how)),
  ];
  const commands = fc.commands(
    [
      ...[1, 2, 3, 4, 5, 6].flatMap(() => often),
      ...[Kill, CancelTask, Litter].map((What) => task.map((index) => new What(index))),
      fc.constant(new Stop(0)),
    ],
    { maxCommands: 60, size: 'max' },
  );
  fc.assert(
    fc.property(commands, (sequence) => {
      const { model, real } = start();
      fc.modelRun(() => ({ model, real }), sequence);
      for (const { end, lives } of model.tasks) seen.add(end ?? (lives ? 'running' : 'none'));
      count('as modelled');
    }),
    { seed: SEED, numRuns: size(2000, 100), endOnFailure: true },
  );
  // The sequences are long enough to reach them.
  expect([...seen]).toEqual(expect.arrayContaining(['completed', 'failed', 'cancelled', 'running', 'none']));
});
