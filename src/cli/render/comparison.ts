import type { ComparedFile, ComparedMetric, CompareResult, Difference, FactValue } from '../../index.ts';
import { bytesText, numberText, secondsText } from '../../platform/units.ts';
import { cutTo } from './cut-to.ts';
import type { Paint } from './output.ts';
import { visible } from './visible.ts';

/** What differs between runs, as tables that fit a terminal. Pure. */

const NAME_WIDTH = 22;
const DELTA_WIDTH = 18;
const MOST_ROWS = 30;
const MOST_FILES = 20;

interface Row {
  readonly name: string;
  readonly cells: readonly string[];
  readonly delta: string;
}

export function comparisonText(result: CompareResult, width: number, paint: Paint): string {
  const { compared = [], differences = [], metrics = [], files } = result;
  const letters = compared.map((_, index) => letterOf(index));
  const head = compared.map(
    ({ run_id, iteration_id, code, status }, index) =>
      `${paint('bold', letters[index] ?? '')}  ${cutTo(visible(`${iteration_id}/${run_id}`), width - 24)}  ${code ?? status}`,
  );
  const cell = Math.max(6, Math.floor((width - NAME_WIDTH - DELTA_WIDTH - 2) / Math.max(1, compared.length)) - 2);
  const line = ({ name, cells, delta }: Row): string =>
    `  ${cutTo(name, NAME_WIDTH).padEnd(NAME_WIDTH)}  ${cells.map((one) => cutTo(one, cell).padEnd(cell)).join('  ')}  ${cutTo(delta, DELTA_WIDTH)}`.trimEnd();
  const block = (name: string, rows: readonly Row[], more: readonly string[] = []): readonly string[] =>
    rows.length === 0 && more.length === 0
      ? []
      : [
          '',
          paint(
            'bold',
            `${name.padEnd(NAME_WIDTH + 2)}  ${letters.map((one) => one.padEnd(cell)).join('  ')}`.trimEnd(),
          ),
          ...rows.slice(0, MOST_ROWS).map(line),
          ...(rows.length > MOST_ROWS ? [`  and ${rows.length - MOST_ROWS} more`] : []),
          ...more,
        ];
  const of = (group: Difference['group']): readonly Row[] =>
    differences.filter((one) => one.group === group).map(rowOfDifference);
  return `${[
    ...head,
    '',
    cutTo(visible(result.message), width),
    ...block('metrics', metrics.filter(({ values }) => new Set(values).size > 1).map(rowOfMetric)),
    ...block('design', of('design')),
    ...block('code', of('code'), files === undefined ? [] : fileLines(files.changed, files.total, width)),
    ...block('environment', of('environment')),
    ...block('inputs', of('inputs')),
    ...block('usage', of('usage')),
    ...block('end', of('end')),
  ].join('\n')}\n`;
}

/** A, B, … T: at most 20 runs are compared. */
function letterOf(index: number): string {
  return String.fromCodePoint(65 + index);
}

function rowOfMetric({ name, mode, values, delta }: ComparedMetric): Row {
  const judged =
    mode === null || delta === null || delta === 0 ? '' : delta > 0 === (mode === 'maximize') ? ' better' : ' worse';
  const cells = values.map((value) => (value === null ? '-' : numberText(value)));
  return {
    name: visible(name),
    cells,
    delta: delta === null ? '' : `${signed(delta, (one) => numberText(one, 4))}${judged}`,
  };
}

function rowOfDifference({ pointer, values }: Difference): Row {
  const unit = unitOf(pointer);
  const [first, last] = [values[0], values.at(-1)];
  const delta =
    typeof first === 'number' && typeof last === 'number' && unit !== null ? signed(last - first, unit) : '';
  return { name: visible(nameOfPointer(pointer)), cells: values.map((value) => cellOf(value, pointer)), delta };
}

function unitOf(pointer: string): ((value: number) => string) | null {
  if (pointer.endsWith('_seconds')) return secondsText;
  return pointer.endsWith('_bytes') ? bytesText : null;
}

function signed(value: number, text: (value: number) => string): string {
  return `${value < 0 ? '-' : '+'}${text(Math.abs(value))}`;
}

/** `/compute/time` is `time`; what has a longer path keeps what tells it apart. */
function nameOfPointer(pointer: string): string {
  const parts = pointer.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const plain = ['compute', 'arguments', 'commit', 'data', 'set'].includes(parts[1] ?? '')
    ? parts.slice(2)
    : parts.slice(1);
  const text = plain.join(' ').replace(/_(?:seconds|bytes)$/, '');
  return plain[0] === 'packages' ? plain.slice(1).join(' ') : text;
}

const DIGEST = /^[0-9a-f]{40,64}$/;

function cellOf(value: FactValue, pointer: string): string {
  if (value === null) return '-';
  if (typeof value === 'number') return (unitOf(pointer) ?? numberText)(value);
  const text = visible(String(value));
  return DIGEST.test(text) ? text.slice(0, 10) : text;
}

/** As `git diff --stat` lists them. */
function fileLines(changed: readonly ComparedFile[], total: number | null, width: number): readonly string[] {
  if (total === null) return ['  files: not known: a record has no list of them, and git does not have both commits'];
  if (total === 0) return [];
  const shown = changed.slice(0, MOST_FILES);
  const paths = shown.map(({ path }) => cutTo(visible(path), width - 22));
  const longest = Math.max(...paths.map((path) => path.length));
  const left = total - shown.length;
  return [
    ...shown.map((file, index) => `    ${(paths[index] ?? '').padEnd(longest)} | ${changeOf(file)}`),
    `    ${left > 0 ? `and ${left} more, ` : ''}${total} ${total === 1 ? 'file differs' : 'files differ'}`,
  ];
}

function changeOf({ digests, insertions, deletions }: ComparedFile): string {
  const lines = insertions === null || deletions === null ? '' : `+${insertions} -${deletions}`;
  if (digests.length !== 2) return lines === '' ? 'differs' : lines;
  const what = digests[0] === null ? 'added' : digests[1] === null ? 'removed' : '';
  return [what, lines].filter((one) => one !== '').join(' ') || 'changed';
}
