import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { OUTPUT, ROOT } from './paths.mjs';
import { schemaRows } from './schema-table.mjs';

const SCHEMA_URL = 'run_manifest.schema.json';

/** What the documents are made from, read out of the TypeScript sources. */
async function loadSources() {
  const result = await build({
    stdin: {
      contents: `
        export { CATALOG } from './src/errors/catalog.ts';
        export { OWNERS } from './src/errors/owner.ts';
        export { EXIT_STATUS, OUTCOMES } from './src/run/outcome.ts';
        export { manifestSchema } from './src/records/manifest-schema.ts';
        export { toJSONSchema } from 'zod';`,
      resolveDir: ROOT,
      loader: 'ts',
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'warning',
  });
  mkdirSync(OUTPUT, { recursive: true });
  const path = join(OUTPUT, 'docs-sources.mjs');
  writeFileSync(path, result.outputFiles[0].contents);
  return import(pathToFileURL(path).href);
}

/** Every generated document: path → text. */
export async function generatedDocs() {
  const { CATALOG, EXIT_STATUS, OUTCOMES, OWNERS, manifestSchema, toJSONSchema } = await loadSources();
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: SCHEMA_URL,
    title: 'autolab run manifest',
    ...toJSONSchema(manifestSchema, { target: 'draft-2020-12' }),
  };
  return {
    'schemas/run_manifest.schema.json': `${JSON.stringify(schema, null, 2)}\n`,
    'docs/reference/manifest.md': manifestPage(schema),
    'docs/reference/error-codes.md': codesPage(CATALOG, OUTCOMES, EXIT_STATUS, OWNERS),
  };
}

const MADE_BY = (source) => `<!-- Made by \`npm run docs\` from ${source}. Do not edit. -->`;

function manifestPage(schema) {
  return `${MADE_BY('src/records/manifest-schema.ts')}

# The run manifest

\`experiments/<iteration_id>/runs/<run_id>/run_manifest.json\` says what ran, where, with what, and how it ended. It is a
projection of the [journal](journal.md): \`autolab manifest RUN --check\` makes it again and compares the bytes. Programs
can check it against [\`${SCHEMA_URL}\`](../../schemas/${SCHEMA_URL}) (JSON Schema 2020-12).

Keys are sorted, none is ever left out; what does not apply is \`null\` or empty. Times are UTC, RFC 3339 with
milliseconds.

| field | type | meaning |
| --- | --- | --- |
${schemaRows(schema).join('\n')}
`;
}

function row(cells) {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** Two tables: the codes that end a call, and those of a single problem in a file. In the order of the catalogue. */
function codesPage(catalog, outcomes, exitStatus, owners) {
  const who = (entry) => (entry.blame === 'none' ? '' : entry.blame);
  const ends = [];
  const details = [];
  for (const [code, entry] of Object.entries(catalog)) {
    if (!Object.hasOwn(outcomes, code)) {
      details.push(row([`\`${code}\``, entry.summary, entry.hint, who(entry)]));
      continue;
    }
    const { outcome, stage, owner, costsAttempt, endsRun } = outcomes[code];
    ends.push(
      row([
        `\`${code}\``,
        entry.summary,
        entry.hint,
        owner === 'none' ? '' : `\`${owner}\``,
        `\`${outcome}\` (${exitStatus[outcome]})`,
        stage === 'same' ? '' : `\`${stage}\``,
        costsAttempt ? 'yes' : '',
        endsRun ? 'yes' : '',
      ]),
    );
  }
  return `${MADE_BY('src/errors/catalog.ts, src/errors/owner.ts and src/run/outcome.ts')}

# Codes

Every result of autolab carries one of these codes: in \`--json\`, in the journal, in the manifest. They are stable: a
code is never renamed and never changes its meaning. A script should look at the code, or at the exit status in brackets.

## How a call ends

- **owner**: who owns the trouble, see below.
- **stage**: where the workflow goes; empty means that it stays where it is.
- **attempt**: whether \`stage_attempt\` rises by one (\`attempt_counted\` in \`--json\` and in the history of
  \`state.json\`). At \`max_stage_attempts\` the stage becomes \`human_review\` (exit
  status ${exitStatus.human_review}).
- **ends run**: whether the run is closed by it; otherwise the next \`autolab launch\` carries it on.

| code | what happened | what to do | owner | outcome | stage | attempt | ends run |
| --- | --- | --- | --- | --- | --- | --- | --- |
${ends.join('\n')}

\`autolab cancel\` ends with 0 when it cancelled the run.

## Owners

An attempt is a try of the experiment. What is wrong with the machine, the site or git costs none and sends nobody back to
design. Failed transfers (\`sync.*\`) are the exception: repeated failures go to the operator. So is \`slurm.cancelled\`: the
job ended, and autolab did not ask for it.

| owner | what it owns | costs an attempt |
| --- | --- | --- |
${Object.entries(owners)
  .filter(([owner]) => owner !== 'none')
  .map(([owner, { means, costsAttempt }]) => row([`\`${owner}\``, means, costsAttempt ? 'yes' : '']))
  .join('\n')}

## Problems in files

Listed under \`problems\`, each with file, line and column; the code of the call says where they lead.

| code | what is wrong | what to do | who |
| --- | --- | --- | --- |
${details.join('\n')}
`;
}
