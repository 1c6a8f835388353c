import { expect, test, vi } from 'vitest';
import { family, SEED, size } from '../support/campaign.ts';
import { placesOf } from '../support/crashes.ts';
import { Cancel, Drive, DriveAndDie, EntrypointWill, GoBack, Look, Race, start } from '../support/launch-model.ts';
import { makeProject } from '../support/project.ts';
import { fc } from '../support/properties.ts';
import { SLOW_MS } from '../support/runs.ts';

/** Random sequences of commands, deaths and failures, against a small model of what must hold. */

vi.setConfig({ testTimeout: size(12, 1) * SLOW_MS });

const { count } = family('sequences of commands, against a model');

test('whatever is called in whatever order, and wherever it dies, the workflow is where the model says', async () => {
  const places = await placesOf(makeProject(), ['launch']);
  expect(places.length).toBeGreaterThan(80);
  const place = fc.constantFrom(...places);
  const commands = fc.commands(
    [
      fc.constantFrom('launch' as const, 'resume' as const).map((verb) => new Drive(verb)),
      fc
        .tuple(place, fc.constantFrom('launch' as const, 'cancel' as const))
        .map(([at, verb]) => new DriveAndDie(at, verb)),
      fc.constant(new Cancel()),
      fc.constant(new Look()),
      fc.constant(new Race()),
      fc.boolean().map((good) => new EntrypointWill(good)),
      fc.constant(new GoBack()),
    ],
    { maxCommands: size(14, 8), size: 'max' },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      await fc.asyncModelRun(start, sequence);
      count('as modelled');
    }),
    { seed: SEED, numRuns: size(60, 4), endOnFailure: true },
  );
});
