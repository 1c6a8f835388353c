import { dirname, resolve } from 'node:path';
import { failureOf, ok, type Result } from '../../errors/failure.ts';
import { lstatOrNull, realPathOr } from '../../platform/files.ts';
import { isFree } from '../../records/page-file.ts';

/** A file that the caller names for a page: a new one, or an older page. Returns its absolute path. */
export function outputPlace(output: string): Result<string> {
  const path = resolve(output);
  if (lstatOrNull(realPathOr(dirname(path)))?.isDirectory() !== true)
    return {
      ok: false,
      failure: failureOf('usage', { message: `There is no folder ${dirname(path)} for ${output}.`, hint: '' }),
    };
  if (isFree(path)) return ok(path);
  return {
    ok: false,
    failure: failureOf('report.in_the_way', {
      message: `${output} is there, and autolab did not make it; it was left alone.`,
      hint: 'Name another file after --output.',
    }),
  };
}
