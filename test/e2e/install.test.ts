import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { cleanEnvironment, startProgram } from '../support/autolab.ts';
import { temporaryFolder, write } from '../support/project.ts';

/** A clone becomes a command without being published: for a shell, and for the scripts that it starts. */

const CLONE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** As the demo prints it. */
function lineOf(clone: string): string {
  const program = `import('${CLONE}/scripts/lib/path-line.mjs').then(({ pathLine }) => console.log(pathLine(process.argv[1])))`;
  return execFileSync(process.execPath, ['-e', program, clone], { encoding: 'utf8' }).trim();
}

it.each([
  ['a plain path', 'clone'],
  ['an odd one', 'my "clone" of `date` $HOME \\ it\'s'],
])('the line for PATH makes autolab a command of scripts, from %s', async (_what, name) => {
  const folder = temporaryFolder();
  symlinkSync(CLONE, join(folder, name));
  write(folder, 'script.sh', '#!/bin/sh\nset -e\nautolab --version\n');
  chmodSync(join(folder, 'script.sh'), 0o755);

  const shell = startProgram(['sh', '-c', `${lineOf(join(folder, name))}\n./script.sh`], folder);
  const { status, stdout, stderr } = await shell.ended;

  const { version } = JSON.parse(readFileSync(join(CLONE, 'package.json'), 'utf8')) as { version: string };
  expect([status, stdout, stderr]).toEqual([0, `${version}\n`, '']);
});

it('the demo prints that line', () => {
  const demo = readFileSync(join(CLONE, 'scripts/demo.mjs'), 'utf8');

  expect(demo).toContain('say(`  ${pathLine(ROOT)}`)');
  expect(demo).not.toContain('alias autolab');
});

it('npm link makes it a command, too', () => {
  const prefix = temporaryFolder();
  const env = { ...cleanEnvironment({}), npm_config_prefix: prefix };

  execFileSync('npm', ['link', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: CLONE, env, stdio: 'pipe' });

  const version = execFileSync(join(prefix, 'bin/autolab'), ['--version'], { encoding: 'utf8' });
  expect(version).toMatch(/^\d+\.\d+\.\d+\n$/);
});
