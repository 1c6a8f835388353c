import { join } from 'node:path';
import { withBlock } from '../../documents/marked-block.ts';
import { whereOf } from '../../errors/problem.ts';
import { readDocument } from '../../platform/document.ts';
import { exists } from '../../platform/files.ts';
import { isWritable } from '../../platform/folders.ts';
import { RESULTS_MARKS } from '../../workflow/results/results-table.ts';
import { RESULTS_PAGE } from '../results/document.ts';
import type { ApprovalCheck } from './check-outcome.ts';

/** `docs_target_update`: whether the results can be written into the docs after the run. */

const FOLDER = 'docs';
const MOST_BYTES = 16 * 1024 * 1024;

export function checkDocsTarget(root: string): ApprovalCheck {
  const check = (result: ApprovalCheck['result'], words: string): ApprovalCheck => ({
    ...{ name: 'docs_target_update', result, words },
  });
  if (!exists(join(root, FOLDER))) return check('skip', `there is no ${FOLDER}/ yet`);
  if (!isWritable(join(root, FOLDER))) return check('fail', `${FOLDER}/ is not writable`);
  const read = readDocument(join(root, RESULTS_PAGE), MOST_BYTES);
  if (read.kind === 'missing') return check('skip', `there is no ${RESULTS_PAGE} yet`);
  if (read.kind !== 'text' || !isWritable(join(root, RESULTS_PAGE)))
    return check('fail', `${RESULTS_PAGE} is not a text file that can be written`);
  const page = withBlock({ file: RESULTS_PAGE, text: read.text, content: '' }, RESULTS_MARKS);
  return 'text' in page
    ? check('pass', `${RESULTS_PAGE} can be brought up to date`)
    : check('fail', `${whereOf(page)}: ${page.message}`);
}
