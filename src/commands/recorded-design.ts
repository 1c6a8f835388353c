import { join } from 'node:path';
import { rebuildCode } from '../code/rebuild/rebuild.ts';
import { findHere } from '../code/rebuild/sources.ts';
import { readSource } from '../documents/source.ts';
import { fail, ok, type Result } from '../errors/failure.ts';
import { readTextOrNull, removeFolder } from '../platform/files.ts';
import { sha256 } from '../platform/ids.ts';
import { quotePosix } from '../platform/quoting.ts';
import { makeTemporaryFolder } from '../platform/temporary-folder.ts';
import { designFileOf } from '../project/read.ts';
import type { JournalPeek } from '../run/session.ts';
import { readRecordedCode } from './recorded-code.ts';

/** The design of a run, byte for byte: the file if it is as it was, else what commit and patch of the record have. */
export async function recordedDesign(
  root: string,
  peek: Extract<JournalPeek, { kind: 'run' }>,
): Promise<Result<string>> {
  const { run_id, iteration_id, inputs } = peek.view.opened;
  const file = designFileOf(iteration_id);
  const wanted = inputs[file] ?? null;
  const now = readSource(root, file);
  if (now.text !== null && (wanted === null || now.sha256 === wanted)) return ok(now.text);
  const rebuilt = wanted === null ? null : await rebuildDesign(root, peek, file, wanted);
  if (rebuilt !== null) return ok(rebuilt);
  const id = quotePosix(iteration_id);
  return fail('code.not_recorded', {
    message: `${file} is not what the run ${run_id} had, and the record does not have that text.`,
    hint: `Restore the file, or take it as it is now: autolab new ID --from ${id}`,
  });
}

/** Null if the record does not have it. */
async function rebuildDesign(
  root: string,
  peek: Extract<JournalPeek, { kind: 'run' }>,
  file: string,
  wanted: string,
): Promise<string | null> {
  const here = await findHere(root);
  const code = readRecordedCode(peek, peek.view.opened.run_id, 'prefix' in here ? here.prefix : '');
  if (!code.ok) return null;
  const { recipe, ignore } = code.value;
  const path = `${recipe.prefix}${file}`;
  if (recipe.files.get(path) !== wanted) return null;
  const directory = makeTemporaryFolder('autolab-design-');
  try {
    const only = { ...recipe, files: new Map([[path, wanted]]), links: new Map<string, string>() };
    await rebuildCode(only, { directory, runFolder: peek.paths.folder, here }, ignore);
    const text = readTextOrNull(join(directory, path));
    return text !== null && sha256(text) === wanted ? text : null;
  } finally {
    removeFolder(directory);
  }
}
