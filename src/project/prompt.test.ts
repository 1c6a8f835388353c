import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { renderPrompt } from './prompt.ts';

const VALUES = {
  iteration_id: 'iter1',
  run_id: 'r1',
  launch_mode: 'local',
  stage_context: 'see {{run_id}} and $& {{nope}}',
};

describe('renderPrompt (R8)', () => {
  it('resolves every placeholder once; values are not read again', () => {
    expect(renderPrompt('a {{iteration_id}}/{{ run_id }} {{launch_mode}}\n{{stage_context}}!', 'p', VALUES)).toEqual({
      value: 'a iter1/r1 local\nsee {{run_id}} and $& {{nope}}!',
      problems: [],
    });
  });

  it('names every placeholder that it cannot resolve, with line and column', () => {
    const { value, problems } = renderPrompt(
      '{{run_idd}}\n  {{run_id}} {{launch_mode}} {{constructor}}\n{{foo and {{ a b }} {{',
      'p',
      { run_id: 'r1', launch_mode: '' },
    );
    expect(value).toBeNull();
    expect(problems.map(({ line, column, code }) => `${String(line)}:${String(column)} ${code}`)).toEqual([
      '1:1 placeholder.unknown',
      '2:14 placeholder.unresolved',
      '2:30 placeholder.unknown',
      '3:1 placeholder.unknown',
      '3:11 placeholder.unknown',
      '3:21 placeholder.unknown',
    ]);
    expect(problems[0]?.message).toContain('`{{run_id}}`');
    expect(problems[3]?.message).toContain('begins a placeholder and is not one');
  });

  it('lists the first problems of very many', () => {
    const { value, problems } = renderPrompt('{{'.repeat(500_000), 'p', VALUES);
    expect(value).toBeNull();
    expect(problems).toHaveLength(51);
  });

  it('leaves text without placeholders alone', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('{{')),
        (text) => {
          expect(renderPrompt(text, 'p', VALUES)).toEqual({ value: text, problems: [] });
        },
      ),
    );
  });
});
