// npm run campaign [-- --write | PATH or option of vitest...]: tries to break the launcher, with every case of every
// family under test/campaign, and prints how the cases ended. `--write` puts that table into docs/reliability.md;
// rows of families that were not tried now stay as they are there.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './lib/builder.mjs';
import { campaignTable, withTable } from './lib/campaign-table.mjs';
import { OUTPUT, ROOT, tool } from './lib/paths.mjs';
import { prepare } from './lib/prerequisites.mjs';
import { runProgram } from './lib/process.mjs';

const COUNTS = join(OUTPUT, 'campaign');
const DOCUMENT = join(ROOT, 'docs/reliability.md');

const words = process.argv.slice(2);
const write = words.includes('--write');
const selection = words.filter((word) => word !== '--write');

await prepare(console.log);
await build({ types: false, log: console.log });
rmSync(COUNTS, { recursive: true, force: true });
const paths = selection.some((word) => !word.startsWith('-')) ? selection : ['test/campaign', ...selection];
const { status } = await runProgram([...tool('vitest/vitest.mjs'), 'run', ...paths], {
  inherit: true,
  env: { AUTOLAB_CAMPAIGN: 'full' },
});
const families = existsSync(COUNTS)
  ? readdirSync(COUNTS).map((name) => JSON.parse(readFileSync(join(COUNTS, name), 'utf8')))
  : [];
const table = campaignTable(families);
console.log(`\n${table}\n`);
if (write && status === 0) {
  writeFileSync(DOCUMENT, withTable(readFileSync(DOCUMENT, 'utf8'), table));
  await runProgram([...tool('prettier/bin/prettier.cjs'), '--write', '--log-level', 'warn', DOCUMENT], {
    inherit: true,
  });
}
process.exitCode = status === 0 ? 0 : 1;
