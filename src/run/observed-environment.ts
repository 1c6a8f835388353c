import { join } from 'node:path';
import { ENVIRONMENT_PARTS } from '../launch-scripts/environment-script.ts';
import { containerImage } from '../launch-scripts/interpreter-words.ts';
import { lstatOrNull, readTextOrNull, writeFileAtomic } from '../platform/files.ts';
import { sha256 } from '../platform/ids.ts';
import { composeEnvironment, ENVIRONMENT_RECORD_FILE, type EnvironmentTexts } from '../records/environment.ts';
import type { RunPaths } from '../records/paths.ts';
import type { ObservedEnvironment } from '../records/run-data.ts';

/** Far more than the packages and the variables of a run need. */
const MOST_PART_BYTES = 2 * 1024 * 1024;

/**
 * Composes `receipt/environment.json` from what the job's script wrote before the entrypoint. Returns null if that wrote
 * nothing, or if the file cannot be written.
 */
export function observedEnvironment(
  { receipt }: Pick<RunPaths, 'receipt'>,
  argv: readonly string[],
): ObservedEnvironment | null {
  const part = (name: keyof EnvironmentTexts): string | null => textOf(join(receipt, ENVIRONMENT_PARTS[name]));
  const texts = {
    host: part('host'),
    variables: part('variables'),
    interpreter: part('interpreter'),
    python: part('python'),
    conda: part('conda'),
    node: part('node'),
    gpus: part('gpus'),
  };
  const composed = composeEnvironment(texts, containerImage(argv));
  if (composed === null) return null;
  try {
    writeFileAtomic(join(receipt, ENVIRONMENT_RECORD_FILE), composed.text);
  } catch {
    return null;
  }
  return { sha256: sha256(composed.text), interpreter: composed.interpreter, fingerprint: composed.fingerprint };
}

/** Whatever a user's program put in its place. */
function textOf(path: string): string | null {
  try {
    const stats = lstatOrNull(path);
    return stats?.isFile() === true && stats.size <= MOST_PART_BYTES ? readTextOrNull(path) : null;
  } catch {
    return null;
  }
}
