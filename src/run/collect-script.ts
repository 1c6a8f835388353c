import { basename } from 'node:path';
import { quoteArgv } from '../platform/quoting.ts';
import type { OpenedData } from '../records/run-data.ts';
import { gatherArgv, type GatherOrder } from '../transports/far-files.ts';

/** What the design collects from outside of the run's folder: the orders, and the script by which the job itself does it. */

export type Collectable = OpenedData['artifacts'][number] & { readonly from: string };

export interface LeftToCollect {
  /** What is not collected yet. */
  readonly specs: readonly Collectable[];
  /** Why the job did not collect it where it ran; null if no job was to. */
  readonly gone: ((spec: Collectable) => string) | null;
}

export function nothingFor(spec: Collectable, gone: LeftToCollect['gone']): string {
  const why = gone === null ? '' : ` (${gone(spec)})`;
  return `${spec.from}: there is nothing to collect for ${spec.path}${why}`;
}

export function collectables(artifacts: OpenedData['artifacts']): readonly Collectable[] {
  return artifacts.flatMap((spec) => (spec.from === null ? [] : [{ ...spec, from: spec.from }]));
}

export function gatherOrders(specs: readonly Collectable[]): readonly GatherOrder[] {
  return specs.map(({ path, from }) => ({
    from,
    toFolder: placeFor(path, from, true),
    toFile: placeFor(path, from, false),
  }));
}

/** `folder`: of the run, as the job sees it. Null if there is nothing to collect. */
export function collectScript(folder: string, artifacts: OpenedData['artifacts']): string | null {
  const specs = collectables(artifacts);
  return specs.length === 0 ? null : `#!/bin/sh\n${quoteArgv(gatherArgv(folder, gatherOrders(specs)))}\n`;
}

/** The place in the run folder of something that is gathered; `from` is its name at the source. Pure. */
export function placeFor(pattern: string, from: string, fromFolder: boolean): string {
  const parts = pattern.split('/');
  const glob = parts.findIndex((part) => /[*?[{]/.test(part));
  if (glob < 0) return pattern;
  const base = parts.slice(0, glob);
  return (fromFolder ? base : [...base, basename(from)]).join('/') || '.';
}
