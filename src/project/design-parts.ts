import { type LocatedDocument, writtenAt } from '../documents/located.ts';
import { pointerOf } from '../documents/pointer.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import { type AsWritten } from '../documents/yaml-text.ts';
import type { Parsed } from '../errors/problem.ts';
import { type Design, readDesign } from './design.ts';
import type { ComputeValue, NewDesign } from './new-design.ts';

/** The parts of a design that is there, to make another one from it. Pure. */

type Fields = Readonly<Record<string, unknown>>;

const OWN_KEYS = [
  'id',
  'iteration_id',
  'hypothesis_id',
  'entrypoint',
  'tasks',
  'compute',
  'artifacts',
  'metrics',
  'baselines',
] as const;

/** `id`: of the new design. */
export function partsOfDesign(text: string, file: string, id: string): Parsed<NewDesign> {
  const document = yamlDocument(text, file);
  const { value, problems } = readDesign(document);
  return { value: value === null ? null : partsOf(document, value, id), problems };
}

function partsOf(document: LocatedDocument, design: Design, id: string): NewDesign {
  const { metrics, baselines, ...keys } = document.value ?? {};
  const others = Object.entries(keys).filter(([key]) => !OWN_KEYS.some((own) => own === key));
  return {
    id,
    hypothesisId: design.hypothesis_id,
    // The words as they reach the program, whatever their spelling in the file.
    entrypoint: design.entrypoint,
    tasks: design.tasks,
    compute: computeOf(document),
    artifacts: design.artifacts,
    metrics,
    baselines,
    others: Object.fromEntries(others),
  };
}

/** Numbers keep their spelling: an account may be called `00123`. */
function computeOf(document: LocatedDocument): Readonly<Record<string, ComputeValue>> {
  const compute = document.value?.['compute'];
  const entries = typeof compute === 'object' && compute !== null ? Object.entries(compute as Fields) : [];
  return Object.fromEntries(
    entries.map(([key, value]): [string, ComputeValue] => {
      if (typeof value !== 'number') return [key, value as ComputeValue];
      const written = writtenAt(document, `/compute${pointerOf([key])}`, value);
      return [key, { written } satisfies AsWritten];
    }),
  );
}
