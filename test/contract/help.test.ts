import { describe, expect, it } from 'vitest';
import { VERBS, type Verb } from '../../src/cli/verbs.ts';
import { autolab } from '../support/autolab.ts';
import { call } from '../support/contract.ts';
import { temporaryFolder } from '../support/project.ts';

/** Every verb of the program, sub-verbs included, as it is typed. */
function allVerbs(verbs: readonly Verb[], before: readonly string[] = []): readonly (readonly string[])[] {
  return verbs.flatMap((verb) => {
    const words = [...before, verb.usage.split(' ')[0] ?? ''];
    return [words, ...allVerbs(verb.sub ?? [], words)];
  });
}

describe('help', () => {
  it('shows an example for every verb, on stdout, with status 0', async () => {
    const root = temporaryFolder();
    const verbs = allVerbs(VERBS);
    expect(verbs.length).toBeGreaterThan(20);
    for (let from = 0; from < verbs.length; from += 4) {
      const batch = verbs.slice(from, from + 4);
      const ended = await Promise.all(batch.map((words) => autolab(root, [...words, '--help'])));
      for (const [index, { status, stdout }] of ended.entries()) {
        expect({ verb: batch[index], status }).toEqual({ verb: batch[index], status: 0 });
        expect(stdout).toMatch(/Usage: autolab/);
        expect(stdout).toMatch(/Example:\n {2}\$ autolab/);
      }
    }
  });

  it('has the version and an overview', async () => {
    const root = temporaryFolder();
    const [version, overview, bare] = await Promise.all([autolab(root, ['-V']), autolab(root, ['--help']), autolab(root, [])]);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    for (const { status, stdout } of [overview, bare]) {
      expect(status).toBe(0);
      for (const verb of ['launch', 'resume', 'status', 'cancel', 'verify']) expect(stdout).toContain(verb);
    }
  });
});

describe('words that are off', () => {
  it.each([
    ['an unknown verb', ['lunch']],
    ['an unknown option', ['launch', '--now']],
    ['a missing operand', ['review']],
    ['too many operands', ['status', 'all']],
    ['a number that is none', ['launch', '--wait-timeout', 'soon']],
    ['a choice that is none', ['launch', '--on-interrupt', 'panic']],
    ['a decision without its author', ['review', 'pass', '--note', 'x']],
    ['an example that is none', ['init', '--example', 'cloud']],
  ])('%s ends with status 2 and a sentence', async (_what, words) => {
    const root = temporaryFolder();
    const ended = await call(root, words);
    expect(ended.status).toBe(2);
    expect(ended.json).toMatchObject({ outcome: 'usage', code: 'usage' });
    expect(ended.json['message']).not.toBe('');
    const text = await autolab(root, words);
    expect(text.status).toBe(2);
    expect(text.stdout).toBe('');
    expect(text.stderr).toContain('--help');
  });

  it('says that there is no project', async () => {
    const ended = await call(temporaryFolder(), ['launch']);
    expect(ended.status).toBe(12);
    expect(ended.json['code']).toBe('project.not_found');
  });
});
