import { numberText } from '../../platform/units.ts';
import { type Markup, markup, type MarkupPart } from '../../report/markup.ts';
import { type PageSection, pageText } from '../../report/page/shell.ts';
import { codeText, dataTable, noteText } from '../../report/page/tables.ts';
import type { RunsComparison } from './comparison.ts';
import { FACT_GROUPS, type FactGroup, type FactValue } from './facts-of-run.ts';

/** The comparison as a page: every difference that the object has. Pure. */

/** `message`: the first sentence. */
export function comparisonPage(comparison: RunsComparison, message: string): string {
  const { compared, omitted } = comparison;
  const names = compared.map(({ run_id }) => run_id);
  return pageText({
    title: `Compared: ${names.join(', ')}`,
    head: markup`<p class="names">${compared.map(({ iteration_id }) => iteration_id).join(', ')}</p>
<h1>${compared.length} runs compared</h1>
<p class="message">${message}</p>`,
    sections: [
      runsSection(comparison),
      ...metricsSection(comparison),
      ...FACT_GROUPS.flatMap((group) => groupSection(comparison, group)),
    ],
    foot: markup`Made by autolab compare from the records of the runs. ${omitted === 0 ? '' : `${omitted} more differences are left out.`}`,
  });
}

function runsSection({ compared }: RunsComparison): PageSection {
  const columns = ['run', 'experiment folder', 'started', 'end'].map((name) => ({ name }));
  const rows = compared.map(({ run_id, iteration_id, started_at, code, status }) => ({
    cells: [run_id, iteration_id, started_at, code ?? status],
  }));
  return { id: 'runs', name: 'Runs', body: dataTable({ name: 'Runs', columns, rows }) };
}

function metricsSection({ compared, metrics }: RunsComparison): readonly PageSection[] {
  if (metrics.length === 0) return [];
  const columns = [
    { name: 'metric' },
    ...compared.map(({ run_id }) => ({ name: run_id, number: true })),
    { name: 'last − first', number: true },
  ];
  const rows = metrics.map(({ name, mode, values, delta }) => ({
    cells: [
      name,
      ...values.map((value) => numberCell(value)),
      delta === null ? '–' : `${delta > 0 ? '+' : ''}${numberText(delta)}`,
    ],
    main: mode !== null,
  }));
  return [{ id: 'metrics', name: 'Metrics', body: dataTable({ name: 'Metrics', columns, rows }) }];
}

function numberCell(value: number | null): string {
  return value === null ? '–' : numberText(value);
}

const TITLES: Readonly<Record<FactGroup, string>> = {
  design: 'Design',
  code: 'Code',
  environment: 'Environment',
  inputs: 'Inputs',
  usage: 'Usage',
  end: 'End',
};

function groupSection(comparison: RunsComparison, group: FactGroup): readonly PageSection[] {
  const { compared, differences } = comparison;
  const own = differences.filter((one) => one.group === group);
  const files = group === 'code' ? filesTable(comparison) : null;
  if (own.length === 0 && files === null) return [];
  const columns = [{ name: 'what' }, ...compared.map(({ run_id }) => ({ name: run_id }))];
  const rows = own.map(({ pointer, values }) => ({ cells: [codeText(pointer), ...values.map(valueCell)] }));
  const table = own.length === 0 ? markup`` : dataTable({ name: TITLES[group], columns, rows });
  return [{ id: group, name: TITLES[group], body: markup`${table}${files}` }];
}

function valueCell(value: FactValue): MarkupPart {
  if (value === null) return '–';
  return typeof value === 'number' ? numberText(value) : codeText(String(value), 300);
}

function filesTable({ compared, files }: RunsComparison): Markup | null {
  if (files.total === null) return noteText('Which files differ is not known.');
  if (files.total === 0) return null;
  const columns = [{ name: 'file' }, ...compared.map(({ run_id }) => ({ name: run_id })), { name: 'lines' }];
  const rows = files.changed.map(({ path, digests, insertions, deletions }) => ({
    cells: [
      codeText(path),
      ...compared.map((_, index) => digests[index]?.slice(0, 12) ?? '–'),
      insertions === null || deletions === null ? '' : `+${insertions} −${deletions}`,
    ],
  }));
  const left = files.total - files.changed.length;
  return markup`${dataTable({ name: 'Files', columns, rows })}${left > 0 ? noteText(`And ${left} more files.`) : null}`;
}
