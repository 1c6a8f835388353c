import { failureOf } from '../../errors/failure.ts';
import { readTextOrNull } from '../../platform/files.ts';
import { firstDifference } from '../../records/first-difference.ts';
import type { Manifest } from '../../records/manifest-schema.ts';
import { projectManifestText } from '../../records/projection.ts';
import { peekRun } from '../../run/session.ts';
import { flag, maybeText } from '../check-options.ts';
import { findRun } from '../find-run.ts';
import { resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface ManifestOptions {
  /** `RUN` or `ITERATION/RUN`. Default: null, the active run, else the last one. */
  readonly run?: string | null;
  /** Compare the projection with `run_manifest.json`, byte for byte; a difference is `manifest.differs`. Default: false. */
  readonly check?: boolean;
}

export interface ManifestResult extends VerbResult {
  /** The manifest, in the shape of the format that the run was opened with; not with `check`. */
  readonly manifest?: Manifest;
}

const NAME = 'manifest';

export const manifest: Verb<ManifestOptions> = {
  name: NAME,
  options: { run: maybeText, check: flag },
  perform: ({ root }, { run: name = null, check = false }) => {
    const run = findRun(root, name);
    if (!run.ok) return resultOfFailure(NAME, run.failure);
    const peek = peekRun(root, run.value);
    const ids = { run_id: run.value.runId, iteration_id: run.value.iterationId };
    if (peek.kind === 'corrupt') return resultOfFailure(NAME, peek.failure, ids);
    if (peek.kind === 'unopened') {
      const message = `The run ${ids.run_id} has no journal yet.`;
      return resultOfFailure(NAME, failureOf('run.not_found', { message }), ids);
    }
    const text = projectManifestText(peek.view);
    if (!check) return succeed(NAME, { hint: '' }, { ...ids, details: { manifest: JSON.parse(text) as Manifest } });
    const there = readTextOrNull(peek.paths.manifest);
    if (there === text) {
      const message = `The manifest of ${ids.run_id} is the projection of its journal, byte for byte.`;
      return succeed(NAME, { message, hint: '' }, ids);
    }
    const what =
      there === null ? 'it is missing' : `it differs from line ${firstDifference(there, text)?.line ?? 1} on`;
    const message = `The manifest of ${ids.run_id} is not the projection of its journal: ${what}.`;
    return resultOfFailure(NAME, failureOf('manifest.differs', { message }), ids);
  },
};
