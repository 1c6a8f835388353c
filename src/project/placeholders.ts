import { listed, shown } from '../documents/excerpt.ts';

/** `{{name}}` in the words of a design. They are resolved when the run is known; here they are only checked. */

const DESIGN_PLACEHOLDERS = ['run_id', 'run_dir', 'iteration_id', 'repo_root', 'scratch'] as const;
/** Another value for each task: whether the design has it is checked with its tasks. */
const OF_TASK = /^(?:task_dir|task\.[A-Za-z_][A-Za-z0-9_]*)$/;

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
const NEVER_FILLED = /<(?:RUN_ID|RUN_DIR|ITERATION_ID|EXPERIMENT_ID|REPO_ROOT)>/;

export type PlaceholderCheck =
  | { readonly ok: true; /** Without the spaces inside the braces. */ readonly text: string }
  | { readonly ok: false; readonly code: 'placeholder.unknown' | 'placeholder.unresolved'; readonly message: string };

/** Accepts known placeholders only, and rejects a `<RUN_ID>` that was not filled in (R9). */
export function checkPlaceholders(text: string): PlaceholderCheck {
  const forgotten = NEVER_FILLED.exec(text)?.[0];
  if (forgotten !== undefined) {
    const name = forgotten.slice(1, -1).toLowerCase();
    return {
      ok: false,
      code: 'placeholder.unresolved',
      message: `contains ${shown(forgotten)}, which nothing fills in; write \`{{${name}}}\` or the value itself`,
    };
  }
  for (const [whole, inner = ''] of text.matchAll(PLACEHOLDER)) {
    if ((DESIGN_PLACEHOLDERS as readonly string[]).includes(inner.trim()) || OF_TASK.test(inner.trim())) continue;
    const known = listed(DESIGN_PLACEHOLDERS.map((name) => `{{${name}}}`));
    return {
      ok: false,
      code: 'placeholder.unknown',
      message: `contains the unknown placeholder ${shown(whole)}; write ${known}`,
    };
  }
  return { ok: true, text: text.replace(PLACEHOLDER, (_, inner: string) => `{{${inner.trim()}}}`) };
}

/** The first placeholder in a text that nothing fills in, whether or not it is a known one; null if there is none. */
export function placeholderIn(text: string): string | null {
  return NEVER_FILLED.exec(text)?.[0] ?? text.match(PLACEHOLDER)?.[0] ?? null;
}

/** The placeholders of a text that have another value for each task, without braces: `task_dir`, `task.seed`. */
export function taskPlaceholders(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([, inner = '']) =>
    OF_TASK.test(inner.trim()) ? [inner.trim()] : [],
  );
}
