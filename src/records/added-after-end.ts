import type { Manifest } from './manifest-schema.ts';

/** Files of a run's folder that are no outputs of the run. */
export type Added = NonNullable<NonNullable<Manifest['artifacts']>['added_after_end']>;

/** For the record and the screen. Pure. */
export function wordsOfAdded(added: Added): string {
  const few = added.slice(0, 5).map(({ path, change }) => `${path} (${change})`);
  const more = added.length > few.length ? `, and ${added.length - few.length} more` : '';
  return `Not outputs of the run, because they appeared or changed after its end: ${few.join(', ')}${more}.`;
}
