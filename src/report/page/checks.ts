import { lastLogLines } from '../log-text.ts';
import { cutText, type Markup, markup } from '../markup.ts';
import type { RunRecord } from '../read-record.ts';
import type { PageSection } from './shell.ts';
import { bulletList, codeText, dataTable, digestText, factTable, noteText, textBlock } from './tables.ts';

/** What was verified, what the logs say, on what the verdict rests, and how to check all of it. Pure. */

export function verifiersSection({ manifest }: RunRecord): PageSection | null {
  if (manifest.verifiers.length === 0) return null;
  const rows = manifest.verifiers.slice(0, 60).map(({ name, status, message, details }) => ({
    main: status === 'fail',
    cells: [
      name,
      markup`<span class="${TONES[status]}"><span class="tone">${STATUS_WORDS[status]}</span></span>`,
      markup`${cutText(message, 600)}${bulletList(details.slice(0, 20).map((line) => codeText(line, 400)))}`,
    ],
  }));
  return {
    id: 'verifiers',
    name: 'Verification',
    body: dataTable({ name: 'Verifiers', columns: [{ name: 'Verifier' }, { name: 'Result' }, { name: 'Why' }], rows }),
  };
}

const TONES = { pass: 'good', fail: 'bad', warn: 'warn', skip: 'calm' } as const;
const STATUS_WORDS = { pass: '✓ pass', fail: '✗ fail', warn: '! warning', skip: '– skipped' } as const;

export function logsSection({ logs, paths }: RunRecord): PageSection {
  const parts = [logBlock('Standard output', logs.stdout), logBlock('Standard error', logs.stderr)];
  return {
    id: 'logs',
    name: 'Ends of the logs',
    body: markup`${parts}${noteText(markup`All of it is in ${codeText(`${paths.relative}/logs`, 300)}`)}`,
  };
}

function logBlock(name: string, text: string | null): Markup {
  const lines = text === null ? [] : lastLogLines(text);
  if (lines.length === 0) return noteText(`${name}: ${text === null ? 'no file' : 'empty'}.`);
  return markup`<h3>${name}</h3>
${textBlock(name, lines.join('\n'))}`;
}

export function evidenceSection(record: RunRecord): PageSection {
  const { local, slurm, warnings } = record.manifest;
  const evidence = [...(slurm?.evidence ?? []), ...(local?.evidence ?? []), ...(local?.leftovers_ended ?? [])];
  // A row above says it.
  const said = evidence.filter((item) => !/^exit code \d+$/.test(item));
  const items = [...said, ...warnings.map((warning) => `Warning: ${warning}`)].slice(0, 60);
  return {
    id: 'evidence',
    name: 'Evidence',
    body: markup`${endFacts(record)}${bulletList(items.map((item) => cutText(item, 600)))}${accountingTable(slurm?.confirmation?.rows ?? [])}`,
  };
}

function endFacts({ manifest, view }: RunRecord): Markup {
  const { local, slurm, starts } = manifest;
  return factTable([
    ['State', slurm?.state ?? null],
    ['Exit code', exitWords(local) ?? slurm?.exit_code ?? null],
    ['Starts', starts === undefined ? null : `${starts.begun} of ${starts.expected}`],
    ['Host type', cutText(manifest.host.reason, 600)],
    ['Cancelled by', view.cancel === null ? null : cutText(view.cancel.by, 200)],
  ]);
}

type AccountingRows = NonNullable<NonNullable<RunRecord['manifest']['slurm']>['confirmation']>['rows'];

function accountingTable(rows: AccountingRows): Markup | null {
  if (rows.length === 0) return null;
  return dataTable({
    name: 'Rows of the accounting',
    columns: [{ name: 'Step' }, { name: 'State' }, { name: 'Exit code' }, { name: 'Elapsed' }, { name: 'Peak memory' }],
    rows: rows.slice(0, 40).map(({ job_id, state, exit_code, elapsed, max_rss }) => ({
      cells: [job_id, state, exit_code, elapsed, max_rss],
    })),
  });
}

function exitWords(local: RunRecord['manifest']['local']): string | null {
  if (local === null) return null;
  if (local.signal !== null) return `signal ${local.signal}`;
  return local.exit_code === null ? null : String(local.exit_code);
}

export function howToCheckSection({ manifest, paths }: RunRecord): PageSection {
  const { run_id, iteration_id, journal } = manifest;
  const name = `${iteration_id}/${run_id}`;
  return {
    id: 'check',
    name: 'How to check this page',
    body: markup`${bulletList([
      markup`This page against the record: ${codeText(`autolab report ${name} --check`)}`,
      markup`The manifest against the journal: ${codeText(`autolab manifest ${name} --check`)}`,
      markup`Code, outputs and journal: ${codeText(`autolab verify ${name}`)}`,
      markup`The outputs without autolab: ${codeText(`cd ${paths.relative} && sha256sum -c artifacts.sha256`)}`,
    ])}${factTable([
      ['Journal', `${journal.lines} lines, format ${journal.format}`],
      ['Digest of its last line', digestText(journal.head)],
      ['Recorded by', `autolab ${manifest.autolab_version}`],
    ])}`,
  };
}
