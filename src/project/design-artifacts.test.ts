import { describe, expect, it } from 'vitest';
import { type Design, parseDesign } from './design.ts';

const HEAD = 'id: d1\niteration_id: iter1\n';
const LOCAL = 'compute: {location: local, time: 10}\n';
const ENTRY = 'entrypoint: {command: [python, train.py]}\n';

function design(text: string): Design {
  const { value, problems } = parseDesign(text, 'design.yaml');
  if (value === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  return value;
}

function complaints(text: string): string[] {
  const { value, problems } = parseDesign(text, 'design.yaml');
  expect(value === null).toBe(problems.some(({ severity }) => severity === 'error'));
  return problems.map(({ line, column, code, message }) => `${String(line)}:${String(column)} ${code} ${message}`);
}

const withArtifacts = (artifacts: string) => `${HEAD}${ENTRY}${LOCAL}artifacts: ${artifacts}\n`;

describe('artifacts', () => {
  it('accepts globs', () => {
    const paths = ['a/**', '*.json', 'x?.bin', '[ab].txt', 'out.{csv,json}', 'my logs/x', 'run.journal', 'größe.txt'];
    expect(design(withArtifacts(JSON.stringify(paths))).artifacts.map(({ path }) => path)).toEqual(paths);
  });

  it.each([
    ['an absolute path', '/etc/passwd', 'relative'],
    ['a way out', 'a/../../b', '`..`'],
    ['an option', '-rf', '`-`'],
    ['the home folder', '~/x', 'relative'],
    ['the logs', 'logs/x.log', 'keeps itself'],
    ['the receipt', 'receipt/claim', 'keeps itself'],
    ['the journal', 'journal.jsonl', 'uses itself'],
    ['the manifest', 'run_manifest.json', 'uses itself'],
    ['a folder', 'out/', '`out/**`'],
    ['a dot', './metrics.json', '`metrics.json`'],
    ['a backslash', 'a\\b', 'backslash'],
    ['an open bracket', 'a[b', 'never closes'],
    ['an open brace', 'a{b', 'never closes'],
    ['a stray brace', 'ab}', 'not opened'],
    ['a placeholder', '{{run_dir}}/x', 'already'],
    ['an unfilled placeholder', 'runs/<RUN_ID>/x', 'already'],
    ['a newline', 'a\nb', 'U+000A'],
    ['nothing', '', 'empty'],
  ])('refuses %s', (_, path, words) => {
    const found = complaints(withArtifacts(JSON.stringify([path])));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('`artifacts[0]`');
    expect(found[0]).toContain(words);
  });

  it('refuses what is no list, no path, or stands twice', () => {
    expect(complaints(withArtifacts('metrics.json'))[0]).toContain('must be a list');
    expect(complaints(withArtifacts('[{required: true}]'))[0]).toContain('`artifacts[0].path` is missing');
    expect(complaints(withArtifacts('[{path: a, required: maybe}]'))[0]).toContain(
      '`artifacts[0].required` must be `true` or `false`',
    );
    expect(complaints(withArtifacts('[a, b, a]'))[0]).toContain('`artifacts[2]` names `a` a second time');
    expect(complaints(withArtifacts('[{path: a, from: "{{nope}}/x"}]'))[0]).toContain(
      'placeholder.unknown `artifacts[0].from`',
    );
    expect(complaints(withArtifacts('[{path: a, from: "../x"}]'))[0]).toContain(
      '`artifacts[0].from` must be a path without `..`',
    );
    expect(complaints(withArtifacts('[{path: a, form: "x"}]'))[0]).toContain('did you mean `from`?');
  });
});
