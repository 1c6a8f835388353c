import { COLLECT_FILE, SLURM_WRAPPER, WRAPPER_FILE } from '../launch-scripts/slurm-wrapper.ts';
import type { OpenedData } from '../records/run-data.ts';
import { collectScript } from './collect-script.ts';
import { hasWrapper } from './run-start.ts';

/** What the script of a Slurm run needs beside it, in `receipt/`: name and text. `folder`: of the run, as the job sees it. */
export function textsBeside(opened: OpenedData, folder: string): readonly (readonly [name: string, text: string])[] {
  if (opened.launch_mode !== 'slurm' || !hasWrapper(opened)) return [];
  const collect = collectScript(folder, opened.artifacts);
  return [[WRAPPER_FILE, SLURM_WRAPPER], ...(collect === null ? [] : [[COLLECT_FILE, collect] as const])];
}
