import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Verb, VERBS } from '../../src/cli/verbs.ts';
import { EXIT_STATUS } from '../../src/run/outcome.ts';

const PAGES = [
  'README.md',
  'AGENTS.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

function read(page: string): string {
  return readFileSync(page, 'utf8');
}

/** Name of the verb with those of its sub-verbs, and the long form of each option. */
function wordsOf(verb: Verb, parent = ''): readonly string[] {
  const name = `${parent}${verb.usage.split(' ')[0] ?? ''}`;
  const flags = (verb.options ?? []).map(([option]) => /--[a-z-]+/.exec(option)?.[0] ?? option);
  return [name, ...flags, ...(verb.sub ?? []).flatMap((sub) => wordsOf(sub, parent === '' ? '' : `${name} `))];
}

describe('the docs', () => {
  it.each(VERBS.filter((verb) => verb.hidden !== true).map((verb) => [verb.usage, verb] as const))(
    'docs/reference/commands.md knows `autolab %s` with all its options',
    (_usage, verb) => {
      const text = read('docs/reference/commands.md');
      expect(text).toContain(`autolab ${verb.usage.split(' ')[0] ?? ''}`);
      expect(wordsOf(verb).filter((word) => !text.includes(word))).toEqual([]);
    },
  );

  it('name every exit status', () => {
    const statuses = [...new Set(Object.values(EXIT_STATUS))];
    const rows = read('docs/reference/commands.md')
      .match(/^\| (\d+) +\|/gm)
      ?.map((row) => Number(/\d+/.exec(row)?.[0]));
    expect(rows?.toSorted((a, b) => a - b)).toEqual(statuses.toSorted((a, b) => a - b));
  });

  it('have no link that leads nowhere', () => {
    const broken = PAGES.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map((match) => match[1] ?? '')
        .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(dirname(page), target)))
        .map((target) => `${page}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('name no path that exists on one machine only', () => {
    expect(PAGES.filter((page) => /(^|[\s`(])\/(work|root|home)\//m.test(read(page)))).toEqual([]);
  });

  it('say in the README how to see a run and how to run the tests', () => {
    const text = read('README.md');
    expect(text).toContain('npm run demo');
    expect(text).toContain('npm test');
  });
});
