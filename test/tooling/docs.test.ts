import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Verb } from '../../src/cli/verb.ts';
import { VERBS } from '../../src/cli/verbs.ts';
import { EVENT_NAMES } from '../../src/records/journal-events.ts';
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

/** The anchor of each heading, as GitHub makes it. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = read(page).matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

interface Link {
  readonly page: string;
  readonly target: string;
  readonly anchor: string;
}

function linksOf(page: string): readonly Link[] {
  return [...read(page).matchAll(/\]\(([^)#\s]*)(?:#([^)]*))?\)/g)]
    .map(([, target = '', anchor = '']) => ({ page, target, anchor }))
    .filter(({ target }) => !/^[a-z]+:/.test(target))
    .map((link) => ({ ...link, target: link.target === '' ? page : join(dirname(page), link.target) }));
}

/** Folders of the tests that docs/reference/reliability.md abbreviates. */
const TEST_FOLDERS: Readonly<Record<string, string>> = {
  r: 'test/slurm',
  s: 'test/slurm-faults',
  x: 'test/ssh',
  e: 'test/e2e',
  c: 'test/contract',
  k: 'test/crash',
};

/** Words of the old dialect; CONTRIBUTING.md, "Language", has the terms that replace them. */
const DIALECT =
  /\b(mend|goes on|go on|carry on|over there|giv(?:e|es|en) up|sat out|what it comes to|stands twice)\b/gi;

/** autolab's own words that a user of sbatch does not know; each with its place in docs/reference/words.md. */
const OWN_WORDS: Readonly<Record<string, RegExp>> = {
  claim: /\bclaim(?:s|ed)?\b/,
  lease: /\b(?:leases?|heartbeat)\b/,
  driver: /\bdrivers?\b/,
  receipt: /\breceipts?\b/,
  'check-before-a-launch': /\b(?:gate|guards?)\b/,
  prologue: /\b(?:prologue|fence)\b/,
  supervisor: /\bsupervisor\b/,
  'collect-and-salvage': /\bsalvaged?\b/,
  'focus-task': /\bfocus tasks?\b/,
  ledger: /\bledger\b/,
};

/** Pages that are read without knowing how autolab is made. */
function isForUsers(page: string): boolean {
  return (
    page === 'README.md' ||
    /^docs\/(?:tutorial|how-to\/|reference\/(?:commands|files|reliability|slurm-states))/.test(page)
  );
}

/** Without code, headings and what is linked already. */
function proseOf(page: string): string {
  return read(page)
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/^#.*$/gm, '')
    .replaceAll(/`[^`]*`|\[[^\]]*\]\([^)]*\)/g, '');
}

/** Name of the verb with those of its sub-verbs, and the long form of each option. */
function wordsOf(verb: Verb, parent = ''): readonly string[] {
  const name = `${parent}${verb.name}`;
  const flags = (verb.options ?? []).map((option) => /--[a-z-]+/.exec(option.flags)?.[0] ?? option.flags);
  return [name, ...flags, ...(verb.sub ?? []).flatMap((sub) => wordsOf(sub, parent === '' ? '' : `${name} `))];
}

describe('the docs', () => {
  it.each(VERBS.filter((verb) => verb.hidden !== true).map((verb) => [verb.name, verb] as const))(
    'docs/reference/commands.md knows `autolab %s` with all its options',
    (_usage, verb) => {
      const text = read('docs/reference/commands.md');
      expect(text).toContain(`autolab ${verb.name}`);
      expect(wordsOf(verb).filter((word) => !text.includes(word))).toEqual([]);
    },
  );

  it('name every exit status', () => {
    const statuses = [...new Set(Object.values(EXIT_STATUS))];
    const rows = read('docs/reference/commands.md')
      .match(/^- \*\*(\d+)\*\*/gm)
      ?.map((row) => Number(/\d+/.exec(row)?.[0]));
    expect(rows?.toSorted((a, b) => a - b)).toEqual(statuses.toSorted((a, b) => a - b));
  });

  it('list every event of the journal', () => {
    const text = read('docs/reference/journal.md');
    expect(EVENT_NAMES.length).toBeGreaterThan(20);
    expect(EVENT_NAMES.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it('have no link that leads nowhere', () => {
    const broken = PAGES.flatMap(linksOf).filter(({ target }) => !existsSync(target));
    expect(broken).toEqual([]);
  });

  it('have no anchor that leads nowhere', () => {
    const anchors = PAGES.flatMap(linksOf).filter(({ target, anchor }) => anchor !== '' && target.endsWith('.md'));
    expect(anchors.filter(({ target, anchor }) => !anchorsOf(target).has(anchor))).toEqual([]);
  });

  it('name tests that exist for every failure that is survived', () => {
    const named = [...read('docs/reference/reliability.md').matchAll(/`([a-z]):([a-z,-]+)`/g)].flatMap(
      ([, folder = '', names = '']) => names.split(',').map((name) => ({ folder, name })),
    );
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((name) => basename(name));
    const missing = named.filter(({ folder, name }) =>
      folder === 'u'
        ? !sources.includes(`${name}.test.ts`)
        : !existsSync(join(TEST_FOLDERS[folder] ?? 'unknown', `${name}.test.ts`)),
    );
    expect(named.length).toBeGreaterThan(50);
    expect(missing).toEqual([]);
  });

  // A bound that grows with what autolab can do, and not otherwise.
  it('have at most 31,600 words, the README and generated pages included', () => {
    const counted = PAGES.filter((page) => page === 'README.md' || page.startsWith('docs/'));
    const words = counted.flatMap((page) =>
      read(page)
        .split(/\s+/)
        .filter((word) => word !== ''),
    );
    expect(words.length).toBeLessThanOrEqual(31_600);
  });

  it('explain a word of our own where a page has it first', () => {
    const explained = anchorsOf('docs/reference/words.md');
    expect(Object.keys(OWN_WORDS).filter((anchor) => !explained.has(anchor))).toEqual([]);
    const unexplained = PAGES.filter(isForUsers).flatMap((page) =>
      Object.entries(OWN_WORDS)
        .filter(([anchor, word]) => word.test(proseOf(page)) && !read(page).includes(`words.md#${anchor}`))
        .map(([anchor]) => `${page}: ${anchor}`),
    );
    expect(unexplained).toEqual([]);
  });

  it('are in plain English', () => {
    expect(PAGES.flatMap((page) => (read(page).match(DIALECT) ?? []).map((words) => `${page}: ${words}`))).toEqual([]);
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
