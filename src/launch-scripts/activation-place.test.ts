import { describe, expect, it } from 'vitest';
import { activationBlock } from './activation.ts';
import { placeInScript } from './activation-place.ts';

const text = `#!/bin/bash\nset -e\n${activationBlock('module load x\nfalse\n')}autolab_run x\n`;
const script = { name: 'launch/run_local.sh', text };

describe('placeInScript', () => {
  it.each([
    [5, 'docs/environment.md, line 12: "module load x"'],
    [6, 'docs/environment.md, line 13: "false"'],
    [2, 'launch/run_local.sh, line 2: "set -e"'],
    [10, 'launch/run_local.sh, line 10: "autolab_run x"'],
    [99, null],
  ])('line %i', (line, place) => {
    expect(placeInScript(script, 11, line)).toBe(place);
  });

  it('names a line of a script that was written by hand, and of a missing block, as the script’s own', () => {
    const byHand = { name: 'launch/run_local.sh', text: 'set -e\nfalse\n' };

    expect(placeInScript(byHand, 11, 2)).toBe('launch/run_local.sh, line 2: "false"');
    expect(placeInScript(script, null, 5)).toBe('launch/run_local.sh, line 5: "module load x"');
  });
});
