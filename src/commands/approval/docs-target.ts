import { join } from 'node:path';
import { readDocument } from '../../platform/document.ts';
import { exists } from '../../platform/files.ts';
import { isWritable } from '../../platform/folders.ts';
import type { ApprovalCheck } from './check-outcome.ts';

/** `docs_target_update`: whether the results can be written into the docs after the run. */

const FOLDER = 'docs';
const RESULTS = 'docs/results.md';
const MOST_BYTES = 16 * 1024 * 1024;
/** The lines around what autolab writes. */
const MARK = /^<!-- autolab:\S+ (begin|end)\b.*-->$/;

export function checkDocsTarget(root: string): ApprovalCheck {
  const check = (result: ApprovalCheck['result'], words: string): ApprovalCheck => ({
    ...{ name: 'docs_target_update', result, words },
  });
  if (!exists(join(root, FOLDER))) return check('skip', `there is no ${FOLDER}/ yet`);
  if (!isWritable(join(root, FOLDER))) return check('fail', `${FOLDER}/ is not writable`);
  const read = readDocument(join(root, RESULTS), MOST_BYTES);
  if (read.kind === 'missing') return check('skip', `there is no ${RESULTS} yet`);
  if (read.kind !== 'text' || !isWritable(join(root, RESULTS)))
    return check('fail', `${RESULTS} is not a text file that can be written`);
  const marks = read.text.split(/\r?\n/).flatMap((line) => MARK.exec(line.trim())?.[1] ?? []);
  const isWhole = marks.every((mark, index) => mark === (index % 2 === 0 ? 'begin' : 'end')) && marks.length % 2 === 0;
  return isWhole
    ? check('pass', `${RESULTS} can be brought up to date`)
    : check('fail', `the marks of autolab's block in ${RESULTS} are damaged: each \`begin\` needs its \`end\``);
}
