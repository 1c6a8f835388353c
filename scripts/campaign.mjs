// npm run campaign [-- --write | NAME, PATH or option of vitest...]: tries to break the launcher, with every case of every
// family under test/campaign and the tests that make their cases at random, and prints how the families' cases ended. NAME is
// what the name of a file there begins with, such as `sites`. Each call makes choices of its own; AUTOLAB_TEST_SEED=N repeats
// some. `--write` puts the list into docs/reference/reliability.md; lines of families that were not tried now stay as they are
// there. `npm run campaign -- slurm-24` runs the tests of test/slurm on a newer Slurm than this machine's:
// docs/how-to/local-cluster.md, "Another Slurm".
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from './lib/builder.mjs';
import { campaignList, withList } from './lib/campaign-list.mjs';
import { OUTPUT, ROOT, tool } from './lib/paths.mjs';
import { prepare } from './lib/prerequisites.mjs';
import { runProgram } from './lib/process.mjs';
import { clientsOf } from './lib/slurm/releases.mjs';

const COUNTS = join(OUTPUT, 'campaign');
const DOCUMENT = join(ROOT, 'docs/reference/reliability.md');

const NEWER = 'slurm-24';

const words = process.argv.slice(2);
const write = words.includes('--write');
const newer = words.includes(NEWER);
// New choices every time, unlike those of `npm test`.
const seed = process.env['AUTOLAB_TEST_SEED'] ?? String(Date.now() % 1_000_000);
const selection = words.filter((word) => word !== '--write' && word !== NEWER).flatMap(filesNamed);

await prepare(console.log);
await build({ types: false, log: console.log });
rmSync(COUNTS, { recursive: true, force: true });
const whole = newer ? 'test/slurm/' : 'test/campaign';
const paths = selection.some((word) => !word.startsWith('-')) ? selection : [whole, ...propertyTests(), ...selection];
const { status } = await runProgram([...tool('vitest/vitest.mjs'), 'run', ...paths], {
  inherit: true,
  env: newer ? environmentOfNewer() : { AUTOLAB_CAMPAIGN: 'full', AUTOLAB_TEST_SEED: seed },
});
const families = existsSync(COUNTS)
  ? readdirSync(COUNTS).map((name) => JSON.parse(readFileSync(join(COUNTS, name), 'utf8')))
  : [];
const list = campaignList(families);
if (!newer) console.log(`\n${list}\n`);
if (write && !newer && status === 0) {
  writeFileSync(DOCUMENT, withList(readFileSync(DOCUMENT, 'utf8'), list));
  await runProgram([...tool('prettier/bin/prettier.cjs'), '--write', '--log-level', 'warn', DOCUMENT], {
    inherit: true,
  });
}
process.exitCode = status === 0 ? 0 : 1;

/** `sites`: test/campaign/cluster/sites-and-designs.test.ts. A word that names no family is left to vitest. */
function filesNamed(word) {
  if (!/^\w[\w-]*$/.test(word)) return [word];
  const files = readdirSync(join(ROOT, 'test/campaign'), { recursive: true }).filter((path) => {
    const name = basename(path, '.test.ts');
    return path.endsWith('.test.ts') && (name === word || name.startsWith(`${word}-`));
  });
  return files.length === 0 ? [word] : files.map((path) => join('test/campaign', path));
}

/** Tests beside the families that make their cases at random. */
function propertyTests() {
  return ['src', 'test/contract']
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true }).map((path) => join(folder, path)))
    .filter(
      (path) => path.endsWith('.test.ts') && /\/support\/properties\.ts'/.test(readFileSync(join(ROOT, path), 'utf8')),
    );
}

/** Its commands come first on the PATH of the tests and of all that they start. */
function environmentOfNewer() {
  const release = 'trixie';
  return {
    AUTOLAB_SLURM_RELEASE: release,
    AUTOLAB_REQUIRE_SLURM: '1',
    PATH: `${clientsOf(release)}:${process.env['PATH'] ?? ''}`,
  };
}
