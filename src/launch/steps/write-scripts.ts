import { dirname, join } from 'node:path';
import { makeFolder, readTextOrNull, writeFileIfChanged } from '../../platform/files.ts';
import { SCRIPT_FILE } from '../../schedulers/local/receipt.ts';
import { viewOf } from '../context.ts';
import { never, noIntent, repeatable, type StepDone, type StepFailed } from './step.ts';

/**
 * Writes `launch/run_local.sh` and the copy that is run. The copy keeps a running script from being changed by an edit:
 * bash reads a script while it runs it.
 */
export const writeScripts = repeatable({
  name: 'write-scripts',
  skip: never,
  intent: noIntent,
  run: (ctx): Promise<StepDone | StepFailed> => {
    const { documents, entrypoint } = viewOf(ctx).opened;
    ctx.lease.assertHeld();
    const path = join(ctx.root, entrypoint.script);
    const copy = join(ctx.paths.receipt, SCRIPT_FILE);
    const writes = [`${ctx.paths.relative}/receipt/${SCRIPT_FILE}`];
    if (entrypoint.script_source === 'rendered') {
      makeFolder(dirname(path));
      writeFileIfChanged(path, documents.script, 0o777);
      writes.push(entrypoint.script);
    } else if (readTextOrNull(path) !== documents.script) {
      return Promise.resolve({
        kind: 'failed',
        code: 'script.invalid',
        retryable: false,
        message: `${entrypoint.script} was changed after it had been checked.`,
      });
    }
    writeFileIfChanged(copy, documents.script, 0o777);
    return Promise.resolve({
      kind: 'done',
      message: `${entrypoint.script} (${entrypoint.script_source.replace('_', '-')})`,
      writes,
      result: { script_sha256: entrypoint.script_sha256 },
    });
  },
});
