import { bytesText } from '../../platform/units.ts';
import { cutText, joinedMarkup, type Markup, markup, type MarkupPart, NO_MARKUP } from '../markup.ts';
import type { RunRecord } from '../read-record.ts';
import type { PageSection } from './shell.ts';
import { codeText, dataTable, digestText, factTable, firstOfMany, noteText, pathText } from './tables.ts';

/** What the entrypoint found around it, and what it was given to read. Pure. */

type Fields = Readonly<Record<string, unknown>>;

export function environmentSection({ manifest, environment }: RunRecord): PageSection {
  const { host, environment_set, environment_fingerprint, local, slurm } = manifest;
  const facts = factTable([
    ['Runs under', manifest.launch_mode],
    ['Job', slurm?.job_id ?? manifest.job_id ?? null],
    ['Nodes', slurm?.nodes ?? null],
    ['Host', cutText(host.probes.hostname.stdout.trim(), 200)],
    ['Kept together by', local?.contained_by ?? null],
    ...(environment === null ? [] : factsOf(environment)),
    ['Digest of the environment', digestText(environment_fingerprint ?? null)],
    ['Set by autolab', variableList(environment_set ?? {})],
  ]);
  const note = environment === null ? noteText('Packages and hardware were not recorded.') : null;
  return { id: 'environment', name: 'Environment', body: markup`${facts}${note}${packagesOf(environment)}` };
}

function factsOf(environment: Fields): readonly (readonly [string, MarkupPart])[] {
  const interpreter = fieldsIn(environment['interpreter']);
  const cpu = fieldsIn(environment['cpu']);
  const container = fieldsIn(environment['container']);
  const memory = environment['memory_bytes'];
  return [
    ['Interpreter', wordsIn([interpreter['version'], interpreter['path']])],
    ['System', wordsIn([environment['os'], environment['kernel']])],
    ['CPU', wordsIn([cpu['model'], counted(cpu['online'], 'online'), counted(cpu['usable'], 'usable')])],
    ['Memory of the host', typeof memory === 'number' ? bytesText(memory) : null],
    ['GPUs', itemsIn(environment['gpus']).map(gpuWords).join('; ')],
    ['Container', wordsIn([container['kind'], container['image']])],
    ['Modules', cutText(itemsIn(environment['modules']).map(textIn).join(', '), 2000)],
    ['Variables', variableList(fieldsIn(environment['variables']))],
  ];
}

function gpuWords(value: unknown): string {
  const { name, memory_mib, driver } = fieldsIn(value);
  const memory = typeof memory_mib === 'number' ? bytesText(memory_mib * 1024 * 1024) : null;
  return wordsIn([name, memory, textIn(driver) === '' ? null : `driver ${textIn(driver)}`]);
}

const MOST_VARIABLES = 60;

function variableList(variables: Fields): Markup | null {
  const { first, left } = firstOfMany(
    Object.entries(variables).sort(([one], [other]) => (one < other ? -1 : 1)),
    MOST_VARIABLES,
  );
  if (first.length === 0) return null;
  const items = first.map(([name, value]) => codeText(`${name}=${textIn(value)}`, 200));
  return markup`${joinedMarkup(items, ' ')}${left > 0 ? ` and ${left} more` : null}`;
}

const MOST_PACKAGES = 300;

function packagesOf(environment: Fields | null): readonly Markup[] {
  const lists = Object.entries(fieldsIn(environment?.['packages'])).sort(([one], [other]) => (one < other ? -1 : 1));
  return lists.slice(0, 5).map(([kind, list]) => {
    const all = Object.entries(fieldsIn(list)).sort(([one], [other]) => (one < other ? -1 : 1));
    if (all.length === 0) return NO_MARKUP;
    const { first, left } = firstOfMany(all, MOST_PACKAGES);
    const rows = first.map(([name, version]) => ({ cells: [cutText(name, 100), cutText(textIn(version), 100)] }));
    const name = `Packages of ${cutText(kind, 40)}`;
    return markup`<details><summary>${name}: ${all.length}</summary>${dataTable({ name, columns: [{ name: 'Package' }, { name: 'Version' }], rows })}${left > 0 ? noteText(`${left} more are in receipt/environment.json.`) : null}</details>
`;
  });
}

export function inputsSection({ manifest }: RunRecord): PageSection {
  const data = manifest.data_inputs ?? [];
  const { first, left } = firstOfMany(data, 50);
  const table =
    first.length === 0
      ? null
      : dataTable({
          name: 'Data',
          columns: [
            { name: 'Data' },
            { name: 'Files', number: true },
            { name: 'Size', number: true },
            { name: 'Compared by' },
            { name: 'SHA-256' },
          ],
          rows: first.map(({ path, files, bytes, check, sha256 }) => ({
            cells: [
              pathText(path),
              files,
              bytesText(bytes),
              check === 'digest' ? 'contents' : 'names and sizes',
              digestText(sha256),
            ],
          })),
        });
  const documents = Object.entries(manifest.inputs)
    .filter(([, digest]) => digest !== null)
    .slice(0, 50);
  return {
    id: 'inputs',
    name: 'Inputs',
    body: markup`${table}${left > 0 ? noteText(`${left} more are in the manifest.`) : null}${dataTable({
      name: 'Documents',
      columns: [{ name: 'Document' }, { name: 'SHA-256' }],
      rows: documents.map(([path, digest]) => ({ cells: [pathText(path), digestText(digest)] })),
    })}`,
  };
}

function fieldsIn(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function itemsIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, 64) : [];
}

function textIn(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function counted(value: unknown, what: string): string | null {
  return typeof value === 'number' ? `${value} ${what}` : null;
}

function wordsIn(values: readonly unknown[]): string {
  return cutText(
    values
      .map(textIn)
      .filter((text) => text !== '')
      .join(', '),
    500,
  );
}
