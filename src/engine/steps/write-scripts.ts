import { basename, dirname, join } from 'node:path';
import { executorOf } from '../../executors/table.ts';
import { scriptOrigin } from '../../launch-scripts/mark.ts';
import { makeFolder, readTextOrNull, writeFileIfChanged } from '../../platform/files.ts';
import { activationScript, localScript } from '../../records/paths.ts';
import { TASK_TABLE_FILE, taskPaths } from '../../records/tasks/task-files.ts';
import { TASK_LIST_FILE } from '../../records/tasks/task-list.ts';
import { asItWorks, WITHHELD_FILE, workingTexts } from '../../records/withheld.ts';
import { viewOf } from '../../run/context.ts';
import { never, noIntent, repeatable, type StepDone, type StepFailed } from '../../run/step.ts';
import { taskTableOf } from '../../run/tasks/list.ts';

/**
 * Writes the script of the launch and the copy that is run. The copy keeps a running script from being changed by an edit:
 * bash reads a script while it runs it.
 */
export const writeScripts = repeatable({
  name: 'write-scripts',
  skip: never,
  intent: noIntent,
  run: async (ctx): Promise<StepDone | StepFailed> => {
    const { opened } = viewOf(ctx);
    const { entrypoint, iteration_id: iterationId } = opened;
    const texts = workingTexts(ctx.paths, opened);
    const working = asItWorks(ctx.paths, opened);
    if (texts === null || working === null) return textsGone(ctx.paths.relative);
    const edited = texts.activation === null ? null : editedActivation(ctx.root, iterationId);
    if (edited !== null) return edited;
    ctx.lease.assertHeld();
    const path = join(ctx.root, entrypoint.script);
    const name = basename(entrypoint.script);
    const copy = join(ctx.paths.receipt, name);
    const writes = [`${ctx.paths.relative}/receipt/${name}`];
    if (entrypoint.script_source === 'rendered') {
      makeFolder(dirname(path));
      writeFileIfChanged(path, texts.script, 0o777);
      writes.push(entrypoint.script);
    } else if (readTextOrNull(path) !== texts.script) {
      return {
        kind: 'failed',
        code: 'script.invalid',
        retryable: false,
        message: `${entrypoint.script} changed after it was checked.`,
      };
    }
    writeFileIfChanged(copy, texts.script, 0o777);
    for (const [beside, text] of await executorOf(opened).textsBeside(working, ctx.paths.folder)) {
      writeFileIfChanged(join(ctx.paths.receipt, beside), text);
      writes.push(`${ctx.paths.relative}/receipt/${beside}`);
    }
    if (opened.tasks !== undefined) {
      const table = taskTableOf(ctx.paths, opened.tasks);
      if (table === null) return listGone(ctx.paths.relative);
      makeFolder(taskPaths(ctx.paths).receipts);
      writeFileIfChanged(taskPaths(ctx.paths).table, table);
      writes.push(`${ctx.paths.relative}/receipt/${TASK_TABLE_FILE}`);
    }
    if (texts.activation !== null) {
      const file = activationScript(iterationId);
      makeFolder(dirname(join(ctx.root, file)));
      writeFileIfChanged(join(ctx.root, file), texts.activation);
      writes.push(file);
    }
    // In Slurm mode run_local.sh has the job's commands, for a user who wants to run them by hand.
    const record = texts.command_record;
    if (record !== null) {
      const recordPath = localScript(iterationId);
      makeFolder(dirname(join(ctx.root, recordPath)));
      writeFileIfChanged(join(ctx.root, recordPath), record, 0o777);
      writes.push(recordPath);
    }
    return {
      kind: 'done',
      message: `${entrypoint.script} (${entrypoint.script_source.replace('_', '-')})`,
      writes,
      result: { script_sha256: entrypoint.script_sha256 },
    };
  },
});

/** A user may have edited the file since it was checked. */
function editedActivation(root: string, iterationId: string): StepFailed | null {
  const file = activationScript(iterationId);
  const there = readTextOrNull(join(root, file));
  if (there === null || scriptOrigin(there) === 'rendered') return null;
  return { kind: 'failed', code: 'script.invalid', retryable: false, message: `${file} changed after it was checked.` };
}

function listGone(run: string): StepFailed {
  const message = `${run}/${TASK_LIST_FILE}, the list of the run's tasks, has changed.`;
  return { kind: 'failed', code: 'tasks.changed', retryable: false, message };
}

function textsGone(run: string): StepFailed {
  return {
    kind: 'failed',
    code: 'script.invalid',
    retryable: false,
    message: `${run}/receipt/${WITHHELD_FILE}, which holds the script of the run, has changed.`,
  };
}
