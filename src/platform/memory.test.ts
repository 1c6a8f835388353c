import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { freeMemory } from './memory.ts';

test('what nothing refers to is freed, at once and each time', async () => {
  for (let turn = 0; turn < 2; turn += 1) {
    const large = new WeakRef(Array.from({ length: 100_000 }, (_, index) => `line ${index}`));
    // A reference that was just made holds until the end of this turn.
    await nextTurn();
    freeMemory();
    expect(large.deref()).toBeUndefined();
  }
});
