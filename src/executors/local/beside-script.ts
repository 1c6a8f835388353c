import type { OpenedData } from '../../records/run-data.ts';
import { activationBeside } from '../../run/activation-beside.ts';
import { environmentBeside } from '../../run/environment-beside.ts';
import { inputsBeside } from '../../run/inputs-beside.ts';
import type { TextsBeside } from '../../sites/carrier.ts';

/** The files that the script of a local run needs beside it, in `receipt/`: name and text. */
export function textsBesideLocal(opened: OpenedData): TextsBeside {
  return [...activationBeside(opened), ...environmentBeside(opened), ...inputsBeside(opened)];
}
