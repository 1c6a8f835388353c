import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { sha256 } from '../platform/ids.ts';
import { activationFor, parseEnvironment } from './environment.ts';

function activation(text: string, mode: 'local' | 'slurm' = 'local'): string | null {
  const { value, problems } = parseEnvironment(text, 'e');
  expect(problems).toEqual([]);
  return value === null ? null : (activationFor(value, mode)?.text ?? null);
}

describe('parseEnvironment', () => {
  it('takes the first bash block under the heading, byte for byte', () => {
    const text =
      '# E\n\n```bash\nnot me\n```\n\n## How: ACTIVATION \n\nText.\n\n```python\nx\n```\n\n```bash\n  source a\t\n\n\texport B="$HOME"\n```\n\n```sh\nnor me\n```\n';
    expect(activation(text)).toBe('  source a\t\n\n\texport B="$HOME"\n');
    const block = parseEnvironment(text, 'e').value?.any;
    expect(block?.line).toBe(15);
    expect(block?.sha256).toBe(sha256('  source a\t\n\n\texport B="$HOME"\n'));
  });

  it('has one block each for local and slurm, or one for both', () => {
    const text =
      '# Activation\n```sh\nboth\n```\n## On Slurm\n### Details\n```sh\ncluster\n```\n## Local and slurm notes\n```sh\nlater\n```\n# Other\n```sh\nno\n```\n';
    expect(activation(text, 'slurm')).toBe('cluster\n');
    expect(activation(text, 'local')).toBe('both\n');
    expect(activation('## Activation (local)\n```sh\na\n```\n## Activation (slurm)\n```sh\nb\n```\n', 'slurm')).toBe(
      'b\n',
    );
    expect(activation('# Activation\n## local\n```sh\na\n```\n', 'slurm')).toBeNull();
  });

  it('ends the section at the next heading of its level', () => {
    expect(parseEnvironment('## Activation\n## Other\n```bash\nx\n```\n', 'e').problems).toHaveLength(1);
    expect(activation('Activation\n----------\n\n```bash\nx\n```\n')).toBe('x\n');
  });

  it('knows longer, tilde and indented fences, and ignores headings inside them and in comments', () => {
    expect(activation('# Activation\n~~~~ bash\n```\n# Activation\n~~~\nx\n~~~~\n')).toBe(
      '```\n# Activation\n~~~\nx\n',
    );
    expect(activation('# Activation\n1. Do this:\n\n    ```bash\n    source x\n    ```\n')).toBe('    source x\n');
    expect(
      activation(
        '```\n# Activation\n```\n<!--\n# Activation\n```bash\nold\n```\n-->\n# Activation\n```bash\nnew\n```\n',
      ),
    ).toBe('new\n');
    expect(activation('# Activation\n```inline``` code\n```bash\nx\n```\n')).toBe('x\n');
  });

  it('accepts a block of comments only, and CRLF, whose CR does not reach the shell', () => {
    expect(activation('# Activation\r\n```bash\r\n# nothing to activate\r\n```\r\n')).toBe('# nothing to activate\n');
  });

  it.each([
    ['nothing', '', 'there is no bash block'],
    ['no heading', '```bash\nx\n```\n', 'there is no bash block'],
    ['another language', '# Activation\n```python\nx\n```\n', 'line 2 is `python`'],
    ['no language', '# Activation\n```\nx\n```\n', 'line 2 has no language'],
    ['an open fence', '# Activation\n```bash\nx\n', 'never closed'],
    ['an empty block', '# Activation\n```bash\n\n```\n', 'empty'],
  ])('says how to write one where there is %s', (_, text, words) => {
    const { value, problems } = parseEnvironment(text, 'e');
    expect(value).toBeNull();
    expect(problems.map(({ code }) => code)).toEqual(['environment.invalid']);
    expect(problems[0]?.message).toContain(words);
  });

  it('is not slowed down by a line of a megabyte', () => {
    expect(activation(`#${' '.repeat(1_000_000)}activation${' '.repeat(10)}x #\n\`\`\`sh\na\n\`\`\`\n`)).toBe('a\n');
  });

  it('never throws on any text', () => {
    const piece = fc.constantFrom(
      '# Activation',
      '```',
      '```bash',
      '~~~',
      '\n',
      'x',
      '<!--',
      '-->',
      '---',
      '===',
      '## local',
      ' ',
      '\r\n',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((parts) => parts.join('')),
        ),
        (text) => {
          const { value, problems } = parseEnvironment(text, 'e');
          expect(value !== null || problems.length > 0).toBe(true);
        },
      ),
    );
  });
});
