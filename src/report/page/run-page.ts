import { lastWords } from '../log-text.ts';
import { joinedMarkup, markup } from '../markup.ts';
import type { RunRecord } from '../read-record.ts';
import { evidenceSection, howToCheckSection, logsSection, verifiersSection } from './checks.ts';
import { codeSection } from './code.ts';
import { environmentSection, inputsSection } from './environment.ts';
import { figureList, figuresOfRun } from './key-figures.ts';
import { outputsSection } from './outputs.ts';
import { parametersSection } from './parameters.ts';
import { resourcesSection, timeSection } from './resources.ts';
import { resultsSection } from './results.ts';
import { type PageSection, pageText } from './shell.ts';
import { codeText } from './tables.ts';
import { TASK_THEME } from './task-theme.ts';
import { tasksSection } from './tasks.ts';
import { timeText } from './times.ts';
import { hintOf, pageVerdict, proseOf, verdictOfManifest } from './verdict.ts';

/** The page of one run. The same record gives the same bytes, on every machine and at any time. Pure. */

const MOST_BYTES = 1024 * 1024;

export function renderRunPage(record: RunRecord): string {
  const page = pageOf(record);
  if (isSmall(page)) return page;
  // Every part is bounded. Pictures have most of the bytes; after them, what the run itself named and wrote.
  const without = pageOf({ ...record, pictures: [] });
  return isSmall(without)
    ? without
    : pageOf({ ...record, pictures: [], tables: [], environment: null, curves: null, patch: null });
}

function isSmall(page: string): boolean {
  return Buffer.byteLength(page) <= MOST_BYTES;
}

function pageOf(record: RunRecord): string {
  const { manifest } = record;
  const { word } = verdictOfManifest(manifest);
  return pageText({
    title: `${word}: ${manifest.iteration_id}, ${manifest.run_id}`,
    head: markup`${headOf(record)}${figureList(figuresOfRun(record))}`,
    sections: sectionsOf(record),
    ...(manifest.tasks === undefined ? {} : { theme: TASK_THEME }),
    foot: markup`<p>Made by autolab from the record of the run alone: <code>${record.paths.relative}</code></p>`,
  });
}

function sectionsOf(record: RunRecord): readonly PageSection[] {
  return [
    resultsSection(record),
    tasksSection(record),
    timeSection(record),
    resourcesSection(record),
    parametersSection(record),
    codeSection(record),
    environmentSection(record),
    inputsSection(record),
    outputsSection(record),
    verifiersSection(record),
    logsSection(record),
    evidenceSection(record),
    howToCheckSection(record),
  ].filter((section) => section !== null);
}

function headOf({ manifest, view, logs }: RunRecord) {
  const words = lastWords({ manifest, logs });
  const { iteration_id, experiment_id, run_id, message, code, started_at } = manifest;
  const about = joinedMarkup(
    [
      markup`<b>${iteration_id}</b>`,
      markup`experiment ${experiment_id}`,
      markup`run ${run_id}`,
      markup`${timeText(started_at)}`,
    ],
    ' · ',
  );
  return pageVerdict({
    ...verdictOfManifest(manifest),
    about,
    message: message ?? 'The run is open.',
    lines: [
      ...(words === null ? [] : [markup`Last line of its log: ${codeText(words)}`]),
      ...(code === null ? [] : [codeText(code)]),
      markup`${view.closed === null ? 'Next' : 'Next, when it ended'}: ${proseOf(hintOf(view, manifest))}`,
    ],
  });
}
