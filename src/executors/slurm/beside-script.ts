import { SAMPLER_SCRIPT } from '../../launch-scripts/beside.ts';
import { sampleScript } from '../../launch-scripts/sample-script.ts';
import { COLLECT_FILE, SLURM_WRAPPER, WRAPPER_FILE } from '../../launch-scripts/slurm-wrapper.ts';
import type { OpenedData } from '../../records/run-data.ts';
import { activationBeside } from '../../run/activation-beside.ts';
import { collectScript } from '../../run/collect-script.ts';
import { environmentBeside } from '../../run/environment-beside.ts';
import { inputsBeside } from '../../run/inputs-beside.ts';
import { OBSERVED_FORMAT } from '../../run/observe.ts';
import { hasWrapper } from '../../run/run-start.ts';
import type { TextsBeside } from '../../sites/carrier.ts';

/** The files that the script of a Slurm run needs beside it, in `receipt/`: name and text. `folder`: of the run, as the job sees it. */
export function textsBeside(opened: OpenedData, folder: string): TextsBeside {
  if (!hasWrapper(opened)) return [];
  const limit = opened.resource_request.time_seconds;
  const collect = collectScript(folder, opened.artifacts);
  return [
    [WRAPPER_FILE, SLURM_WRAPPER],
    ...(collect === null ? [] : [[COLLECT_FILE, collect] as const]),
    ...(opened.format < OBSERVED_FORMAT ? [] : [[SAMPLER_SCRIPT, sampleScript(limit)] as const]),
    ...activationBeside(opened),
    ...environmentBeside(opened),
    ...inputsBeside(opened),
  ];
}
