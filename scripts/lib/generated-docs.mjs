import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { apiPage } from './api-page.mjs';
import { OUTPUT, ROOT } from './paths.mjs';
import { schemaRows } from './schema-table.mjs';

const SCHEMA_URL = 'run_manifest.schema.json';
const ANALYSIS_URL = 'analysis.schema.json';
const DECISION_URL = 'decision_result.schema.json';

/** What the documents are made from, read out of the TypeScript sources. */
async function loadSources() {
  const result = await build({
    stdin: {
      contents: `
        export { CATALOG } from './src/errors/catalog.ts';
        export { OWNERS } from './src/errors/owner.ts';
        export { EXIT_STATUS, OUTCOMES } from './src/run/outcome.ts';
        export { choicesAt } from './src/workflow/choices.ts';
        export { STAGE_TABLE } from './src/workflow/stages.ts';
        export { manifestSchema } from './src/records/manifest-schema.ts';
        export { analysisSchema } from './src/workflow/results/analysis-schema.ts';
        export { decisionSchema } from './src/workflow/results/decision-schema.ts';
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
  const {
    CATALOG,
    EXIT_STATUS,
    OUTCOMES,
    OWNERS,
    STAGE_TABLE,
    choicesAt,
    analysisSchema,
    decisionSchema,
    manifestSchema,
    toJSONSchema,
  } = await loadSources();
  const schemaOf = ($id, title, shape) => ({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...{ $id, title },
    ...toJSONSchema(shape, { target: 'draft-2020-12' }),
  });
  const fileOf = (made) => `${JSON.stringify(made, null, 2)}\n`;
  const schema = schemaOf(SCHEMA_URL, 'autolab run manifest', manifestSchema);
  return {
    [`schemas/${SCHEMA_URL}`]: fileOf(schema),
    [`schemas/${ANALYSIS_URL}`]: fileOf(schemaOf(ANALYSIS_URL, 'autolab analysis of a run', analysisSchema)),
    [`schemas/${DECISION_URL}`]: fileOf(schemaOf(DECISION_URL, 'autolab decision', decisionSchema)),
    'docs/reference/manifest.md': manifestPage(schema),
    'docs/reference/api.md': apiPage(MADE_BY),
    'docs/reference/stages.md': stagesPage(STAGE_TABLE, choicesAt),
    'docs/reference/error-codes.md': codesPage(CATALOG, OUTCOMES, EXIT_STATUS, OWNERS),
  };
}

const MADE_BY = (source) => `<!-- Made by \`npm run docs\` from ${source}. Do not edit. -->`;

function manifestPage(schema) {
  return `${MADE_BY('src/records/manifest-schema.ts')}

# The run manifest

\`experiments/<iteration_id>/runs/<run_id>/run_manifest.json\` says what ran, where, with what, and how it ended. It is a
projection of the [journal](journal.md): \`autolab manifest RUN --check\` compares the bytes. Check it with
[\`${SCHEMA_URL}\`](../../schemas/${SCHEMA_URL}) (JSON Schema 2020-12).

Keys are sorted. \`?\` marks fields that may be \`null\`, \`~\` fields that are left out if they do not apply, \`[]\` lists,
\`{}\` maps from text. Times are UTC, RFC 3339 with milliseconds.

${table(['field', 'type', 'meaning'], schemaRows(schema))}
`;
}

/** Without padding: GitHub draws it the same, and the page is not prose. */
function table(head, rows) {
  const line = (cells) => `|${cells.map((cell) => cell.replaceAll('|', '\\|')).join('|')}|`;
  return [line(head), line(head.map(() => '-')), ...rows.map(line)].join('\n');
}

/** A row for each stage, in the order of the workflow. */
function stagesPage(stages, choicesAt) {
  const code = (words) => words.map((word) => `\`${word}\``).join(', ');
  const rows = Object.entries(stages).map(([stage, { who, does, reads, leaves, leads }]) => {
    const commands = choicesAt(stage).map(({ command }) => command);
    return [`\`${stage}\``, who, does, code(reads), code(leaves), code(leads), code(commands)].map((cell) =>
      cell.replaceAll('{{iteration_id}}', 'ITERATION').replaceAll('{{run_id}}', 'RUN'),
    );
  });
  return `${MADE_BY('src/workflow/stages.ts and src/workflow/choices.ts')}

# The stages

\`autolab next\` reads this table: whose turn it is, and the command. \`autolab advance\` checks what a stage of the author must
leave, \`autolab render --stage STAGE\` prints what to do in it, and \`autolab run\` does what needs no person. The first stage
under "leads to" is the usual one.

${table(['stage', 'who', 'does', 'reads', 'leaves', 'leads to', 'command'], rows)}

The stage of the current experiment is in \`.autolab/state.json\`; those of others are in \`.autolab/positions.json\`, and
\`autolab focus ID\` brings them back. Only a reviewer approves, rejects, decides, and leaves \`human_review\`; only the launch
leaves \`launch\`. A stage that is not in the table belongs to [a workflow around autolab](../how-to/workflow.md).
`;
}

function consequence({ outcome, stage, costsAttempt, endsRun }) {
  const place = `\`${outcome}\`${stage === 'same' ? '' : `→\`${stage}\``}`;
  return [place, ...(costsAttempt ? ['+1'] : []), ...(endsRun ? ['closed'] : [])].join(' ');
}

/** Two tables: the codes that end a call, and those of a single problem in a file. In the order of the catalogue. */
function codesPage(catalog, outcomes, exitStatus, owners) {
  const entries = Object.entries(catalog);
  const isEnd = ([code]) => Object.hasOwn(outcomes, code);
  const ends = entries.filter(isEnd).map(([code, { summary, hint }]) => {
    const { owner } = outcomes[code];
    return [`\`${code}\``, summary, hint, owner === 'none' ? '' : owner, consequence(outcomes[code])];
  });
  const details = entries
    .filter((entry) => !isEnd(entry))
    .map(([code, { summary, blame }]) => `- \`${code}\`${blame === 'user' ? '' : ` (${blame})`}: ${summary}`);
  const kinds = Object.entries(owners)
    .filter(([owner]) => owner !== 'none')
    .map(([owner, { means, costsAttempt }]) => [owner, means, costsAttempt ? 'yes' : 'no']);
  return `${MADE_BY('src/errors/catalog.ts, src/errors/owner.ts and src/run/outcome.ts')}

# Codes

Every result carries one of these codes: in \`--json\`, in the journal, in the manifest. A code is never renamed and never
changes its meaning.

- **leads to**: the outcome, whose [exit status](commands.md#exit-statuses) follows; the next stage, if it changes; \`+1\` if
  \`stage_attempt\` rises (\`attempt_counted\`); \`closed\` if the run ends, otherwise the next \`autolab launch\` continues it.
  At \`max_stage_attempts\` the stage becomes \`human_review\` (exit status ${exitStatus.human_review}).
- **owner**: whose trouble it is, [below](#owners).

${table(['code', 'what happened', 'what to do', 'owner', 'leads to'], ends)}

\`autolab cancel\` ends with 0 if it cancelled the run.

## Owners

An attempt is a try of the experiment. Trouble of the machine, the site or git costs none and does not send the workflow back to design.
Exceptions: \`sync.*\`, because repeated failures go to the operator, and \`slurm.cancelled\`, because autolab did not ask for it.

${table(['owner', 'owns', 'costs an attempt'], kinds)}

## Problems in files

In \`problems\`, each with file, line, column and what to write instead; the code of the call says where they lead.

${details.join('\n')}
`;
}
