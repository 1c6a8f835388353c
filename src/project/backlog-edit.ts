import { shown } from '../documents/excerpt.ts';
import { hasErrors, type LocatedDocument, problemIn, problemOfFile, valueAt } from '../documents/located.ts';
import { pathOf } from '../documents/pointer.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { Code } from '../errors/catalog.ts';
import type { Problem } from '../errors/problem.ts';
import { BACKLOG_FILE, isClosed, parseBacklog } from './backlog.ts';

/** A user's edit of the backlog. Only the bytes of one value change: comments, order and spacing stay. */

const REOPENED = 'open';
const CLOSED = 'closed';

/**
 * The backlog's text with the status of one closed experiment set to `open`, or a problem: `backlog.no_match`,
 * `backlog.several_matches`, `backlog.not_closed`, or `value.invalid` if the value cannot be changed alone.
 */
export function reopenExperiment(text: string, id: string): { readonly text: string } | Problem {
  return withStatus(text, id, REOPENED);
}

/** The same with the status set to `closed`; a closed experiment stays as it is. */
export function closeExperiment(text: string, id: string): { readonly text: string } | Problem {
  return withStatus(text, id, CLOSED);
}

function withStatus(text: string, id: string, wanted: string): { readonly text: string } | Problem {
  const { value: backlog, problems } = parseBacklog(text, BACKLOG_FILE);
  const document = yamlDocument(text, BACKLOG_FILE);
  if (backlog === null) {
    return (
      problems.find((problem) => problem.severity === 'error') ??
      problemOfFile(BACKLOG_FILE, 'backlog.invalid', 'the backlog cannot be used')
    );
  }
  const indexes = backlog.experiments.flatMap((experiment, index) => (experiment.id === id ? [index] : []));
  const [index] = indexes;
  const refused = (code: Code, message: string): Problem =>
    problemIn(document, { pointer: `/experiments/${String(index ?? '')}/status`, code, message });
  if (index === undefined)
    return problemOfFile(BACKLOG_FILE, 'backlog.no_match', `the backlog has no experiment ${shown(id)}`);
  if (indexes.length > 1)
    return refused(
      'backlog.several_matches',
      `the backlog has ${indexes.length} experiments ${shown(id)}; change one of them by hand`,
    );
  const status = backlog.experiments[index]?.status ?? '';
  if (wanted === CLOSED && isClosed(status)) return { text };
  if (wanted === REOPENED && !isClosed(status))
    return refused('backlog.not_closed', `the experiment ${shown(id)} is not closed: its status is ${shown(status)}`);

  const pointer = `/experiments/${index}/status`;
  const node = pathOf(pointer).reduce<LocatedDocument['root']>(
    (inner, key) => inner?.children.get(key) ?? null,
    document.root,
  );
  if (node === null) return refused('value.invalid', 'the place of the status was not found; change it by hand');
  // Offsets refer to the text without a BOM, which is put back.
  const bom = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const edited = bom + document.text.slice(0, node.start) + wanted + document.text.slice(node.end);
  if (!changesOnly(document, yamlDocument(edited, BACKLOG_FILE), pointer, wanted)) {
    return refused(
      'value.invalid',
      `the status of ${shown(id)} is written in a way that cannot be changed alone (an anchor, an alias or a block); write \`status: ${wanted}\` by hand`,
    );
  }
  return { text: edited };
}

/** Proof of the edit: parsed again, the two documents differ in that one value. */
function changesOnly(before: LocatedDocument, after: LocatedDocument, pointer: string, wanted: string): boolean {
  if (hasErrors(after.problems) || valueAt(after, pointer) !== wanted) return false;
  const sameBut = (value: unknown, path: string): unknown => {
    if (path === pointer) return wanted;
    if (Array.isArray(value)) return value.map((item: unknown, at) => sameBut(item, `${path}/${at}`));
    if (typeof value !== 'object' || value === null) return value;
    return Object.entries(value).map(([key, item]) => [key, sameBut(item, `${path}/${key}`)]);
  };
  return JSON.stringify(sameBut(before.value, '')) === JSON.stringify(sameBut(after.value, ''));
}
