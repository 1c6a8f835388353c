import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Whether a run is here or on another host is asked in src/sites; everybody else calls what differs by its name. */

const ASKS = /\bfar\b *[!=]==|\bfar\?|\bfar \?\?|\{ far \}|\.far\b|\bisRemote\(|\bremote\b *[!=]== *undefined/;

function asking(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => ASKS.test(line));
}

it('asks nowhere outside of the sites where a run is', () => {
  const files = execFileSync('git', ['ls-files', 'src'], { encoding: 'utf8' }).trimEnd().split('\n');
  const sources = files.filter((file) => /^src\/(?!sites\/).*(?<!\.test)\.ts$/.test(file));

  const found = sources.flatMap((file) =>
    asking(readFileSync(file, 'utf8').split('\n')).map((line) => `${file}: ${line.trim()}`),
  );

  expect(sources.length).toBeGreaterThan(200);
  expect(found).toEqual([]);
});

it('finds the ways to ask', () => {
  const ways = [
    'if (far === null) return null;',
    'const { far } = siteOfRun(ctx);',
    'const name = site.far?.ssh.name;',
    'if (!isRemote(view.opened)) return;',
    'return remote !== undefined && remote !== null;',
  ];

  expect(asking(ways)).toEqual(ways);
});
