import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** One name means one thing: what a file exports is called differently from what any other file exports. */

const EXPORTED = /^export (?:async )?(?:function|const|let|class|interface|type)\*? (\w+)/gm;

/**
 * Left out: what is kept as an older format had it, the two files that give names to other programs, and the command
 * line, whose commands are called like the verbs that they call.
 */
const LEFT_OUT = /\.test\.ts$|\/format-\d+\/|^src\/(index|library|commands\/open-project)\.ts$|^src\/cli\//;

function exportedNames(): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const path of readdirSync('src', { recursive: true, encoding: 'utf8' }).map((file) => join('src', file))) {
    if (!path.endsWith('.ts') || LEFT_OUT.test(path)) continue;
    for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(EXPORTED))
      names.set(name, [...(names.get(name) ?? []), path]);
  }
  return names;
}

it('no two files of src export the same name', () => {
  const names = exportedNames();
  expect(names.size).toBeGreaterThan(1000);
  expect([...names].filter(([, paths]) => paths.length > 1)).toEqual([]);
});
