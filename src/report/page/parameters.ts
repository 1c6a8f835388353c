import { partsOfWords } from '../../records/command-parts.ts';
import { cutText, markup } from '../markup.ts';
import type { RunRecord } from '../read-record.ts';
import type { PageSection } from './shell.ts';
import { codeText, dataTable, factTable, firstOfMany, noteText } from './tables.ts';

/** What was run, with which arguments, and what was requested for it. Pure. */

const MOST_ARGUMENTS = 100;

export function parametersSection({ manifest }: RunRecord): PageSection {
  const { program, arguments: named } = partsOfWords(manifest.entrypoint.argv);
  const { first, left } = firstOfMany([...named], MOST_ARGUMENTS);
  const table =
    first.length === 0
      ? null
      : dataTable({
          name: 'Arguments',
          columns: [{ name: 'Argument' }, { name: 'Value' }],
          rows: first.map(([name, value]) => ({ cells: [cutText(name, 200), codeText(value, 500)] })),
        });
  return {
    id: 'parameters',
    name: 'Parameters',
    body: markup`${factTable([
      ['Program', codeText(program, 500)],
      ['Command', codeText(manifest.entrypoint.argv.join(' '), 1500)],
      ['Requested', requestWords(manifest.resource_request)],
    ])}${table}${left > 0 ? noteText(`${left} more arguments are in the manifest.`) : null}`,
  };
}

/** The same in other units. */
const SAID_TWICE = ['time_seconds', 'memory_mb', 'memory_per_cpu_mb', 'memory_per_gpu_mb'];

function requestWords(request: RunRecord['manifest']['resource_request']): string {
  const words = Object.entries(request)
    .filter(([key, value]) => !SAID_TWICE.includes(key) && value !== false && value !== 0)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(
      ([key, value]) =>
        `${key.replaceAll('_', ' ')} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
    );
  return cutText(words.join(', '), 1500);
}
