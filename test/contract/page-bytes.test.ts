import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/project.ts';

/** The same record gives the same page, on every machine. */

it('a page has the same bytes in every time zone and language', async () => {
  const bundle = join(temporaryFolder(), 'pages.mjs');
  await build({
    stdin: {
      contents: `
        import { createHash } from 'node:crypto';
        import { samplePages } from './test/support/pages/sample-pages.ts';
        for (const [name, page] of samplePages()) console.log(name, createHash('sha256').update(page).digest('hex'));`,
      resolveDir: process.cwd(),
    },
    ...{ outfile: bundle, bundle: true, platform: 'node', format: 'esm' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const digests = [];
  for (const place of [
    { TZ: 'UTC', LC_ALL: 'C' },
    { TZ: 'Pacific/Kiritimati', LC_ALL: 'ar_EG.UTF-8', LANG: 'ar_EG.UTF-8' },
    { TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de' },
  ]) {
    const stdout = execFileSync(process.execPath, [bundle], { env: { ...process.env, ...place }, encoding: 'utf8' });
    digests.push(stdout);
  }
  expect(digests[0]?.split('\n')).toHaveLength(19);
  expect(new Set(digests).size).toBe(1);
});

it('nothing that makes pages uses what differs between machines and versions of Node', () => {
  const used = readdirSync('src/report', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join('src/report', file))
    .filter((file) =>
      /\bMath\.(?:pow|exp|expm1|log|log10|log2|log1p|sin|cos|tan|cbrt|hypot)\b|\*\*[^/*]|toLocale|\bIntl\b|localeCompare|new Date\b|Date\.now/.test(
        readFileSync(file, 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, ''),
      ),
    );
  expect(used).toEqual([]);
});
