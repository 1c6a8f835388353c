import { resolve } from 'node:path';
import { type OptionRules, required, text } from '../check-options.ts';
import { appendRun, verifyLedgerLine } from '../ledger.ts';
import type { VerbResult } from '../result.ts';
import type { ProjectRoot, Verb } from '../verb.ts';

/** Paths are absolute, or relative to the project root; of the free functions, to the current folder. */
export interface SlurmJobListOptions {
  /** `run_manifest.json` of the run. */
  readonly manifest: string;
  /** The ledger, such as `docs/slurm_job_list.md`. */
  readonly doc: string;
}

export interface SlurmJobListResult extends VerbResult {
  /** False if the run was there already, or is a local run. */
  readonly appended?: boolean;
}

const options: OptionRules<SlurmJobListOptions> = { manifest: required(text), doc: required(text) };

function paths({ root }: ProjectRoot, { manifest, doc }: SlurmJobListOptions): [manifest: string, doc: string] {
  return [resolve(root, manifest), resolve(root, doc)];
}

export const appendEntry: Verb<SlurmJobListOptions> = {
  name: 'slurm-job-list append',
  options,
  perform: (place, given) => appendRun(...paths(place, given)),
};

export const verifyEntry: Verb<SlurmJobListOptions> = {
  name: 'slurm-job-list verify',
  options,
  perform: (place, given) => verifyLedgerLine(...paths(place, given)),
};
