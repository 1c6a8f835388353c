import { findLiteralPlaceholders } from '../launch-scripts/literal-placeholders.ts';
import { parseObject } from '../platform/json-object.ts';
import type { Manifest } from '../records/manifest-schema.ts';
import { activationScript } from '../records/paths.ts';
import { judgedManifest } from './judged-manifest.ts';
import { counted, failed, passed, type Verifier } from './results.ts';
import type { VerifySnapshot } from './snapshot.ts';

/**
 * Nothing that autolab writes holds an unfilled placeholder (R9): the script, the names and commands in
 * the manifest, the rendered prompt and its context, and the paths of its writes. Texts of others that are only quoted
 * (tasks, probes, messages) may contain anything.
 */
export const verifyPlaceholders: Verifier = (snapshot) => {
  const details = [
    ...scriptFindings(snapshot),
    ...manifestFindings(snapshot),
    ...promptFindings(snapshot),
    ...pathFindings(snapshot),
  ];
  // Downstream checks search records for the word "placeholder": no sentence that is written down may have it.
  if (details.length === 0) return passed('Every name is filled in.');
  return failed(`${counted(details.length, 'name')} not filled in.`, details);
};

function inText(where: string, text: string): string[] {
  return findLiteralPlaceholders(text).map(({ text: found, offset }) => {
    const before = text.slice(0, offset);
    return `${where}:${before.split('\n').length}:${offset - before.lastIndexOf('\n')}: ${found}`;
  });
}

function inValues(where: string, values: readonly (readonly [string, string])[]): string[] {
  return values.flatMap(([pointer, value]) =>
    findLiteralPlaceholders(value).map(({ text }) => `${where}: ${pointer}: ${text}`),
  );
}

function scriptFindings({ journal }: VerifySnapshot): string[] {
  if (journal.opened === null) return [];
  const { entrypoint, documents, iteration_id } = journal.opened;
  return [
    ...inText(entrypoint.script, documents.script),
    ...inText(activationScript(iteration_id), documents.activation ?? ''),
  ];
}

function manifestFindings(snapshot: VerifySnapshot): string[] {
  const judged = judgedManifest(snapshot);
  if (!judged.ok) return [];
  const found = inValues(judged.path, namesOf(judged.manifest));
  // Its commands name what is different for each task.
  return snapshot.tasks === null ? found : found.filter((finding) => !OF_TASK.test(finding));
}

const OF_TASK = /: \/(command|entrypoint\/argv\/\d+): \{\{\s*(task_dir|task\.\w+)\s*\}\}$/;

function namesOf(manifest: Manifest): [string, string][] {
  const lists: [string, readonly string[]][] = [
    ['/entrypoint/argv', manifest.entrypoint.argv],
    ['/inputs', Object.keys(manifest.inputs)],
    ['/artifacts/declared', (manifest.artifacts?.declared ?? []).map((declared) => declared.pattern)],
  ];
  return [
    ['/run_id', manifest.run_id],
    ['/iteration_id', manifest.iteration_id],
    ['/experiment_id', manifest.experiment_id],
    ['/command', manifest.command],
    ['/entrypoint/script', manifest.entrypoint.script],
    ...lists.flatMap(([pointer, values]) =>
      values.map((value, index): [string, string] => [`${pointer}/${index}`, value]),
    ),
  ];
}

/** What the renderer fills in; other text of the page is the template's, and may speak of `<RUN_ID>`. */
const RENDERED = /\{\{\s*(?:iteration_id|run_id|launch_mode|stage_context)\s*\}\}/;
const CONTEXT_NAMES = ['iteration_id', 'experiment_id', 'run_id', 'launch_mode', 'run_dir'];

function promptFindings({ prompt, prompt_context, run_id }: VerifySnapshot): string[] {
  const context = parseObject(prompt_context.text);
  // A later launch has rendered its own.
  if (context?.['run_id'] !== run_id) return [];
  const names = CONTEXT_NAMES.map((name): [string, string] => [`/${name}`, String(context[name])]);
  return [
    ...inText(prompt.path, prompt.text ?? '').filter((found) => RENDERED.test(found)),
    ...inValues(prompt_context.path, names),
  ];
}

function pathFindings({ projected }: VerifySnapshot): string[] {
  return 'problem' in projected
    ? []
    : projected.writes.filter((path) => findLiteralPlaceholders(path).length > 0).map((path) => `${path}: a path`);
}
