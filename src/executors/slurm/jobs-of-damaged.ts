import { join } from 'node:path';
import { valueAt } from '../../documents/located.ts';
import { readSource } from '../../documents/source.ts';
import { yamlDocument } from '../../documents/yaml-document.ts';
import { lstatOrNull, readTextOrNull, realPathOr } from '../../platform/files.ts';
import { parseObject } from '../../platform/json-object.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import { sleep } from '../../platform/time.ts';
import { type RunPaths, runPaths } from '../../records/paths.ts';
import { JOB_SCRIPT_FILE } from '../../schedulers/receipt-files.ts';
import { jobsArgv, judgeLivingJobs, type QueuedJob } from '../../schedulers/slurm/lookup.ts';
import { isKey, isKeyOf } from '../../schedulers/slurm/submit.ts';
import { projectSetup } from '../../sites/host-setup.ts';
import { thisHost } from '../../sites/site.ts';
import type { Abandonable, DamagedRun } from '../executor.ts';
import { jobClaimIn } from './job-receipts.ts';
import { askSlurm } from './question.ts';

/**
 * Whether the user may abandon a run whose journal is damaged, if it was a Slurm run: such a journal no longer says
 * which job is the run's. Its jobs are known by name, and the queue has to say, twice, that none is there.
 */

const AGREEING = 2;
/** An answer that may be wrong once is asked for again after this. */
const AGAIN_MS = 3_000;
const TIMEOUT_MS = 15_000;

/** Returns null if nothing shows that it was a Slurm run. */
export async function mayAbandonDamaged(run: DamagedRun): Promise<Abandonable | null> {
  const { root, paths } = run;
  const claim = jobClaimIn(paths)?.job_id ?? null;
  const known = knownJobs(root, run.iterationId, paths);
  if (known === null) return null;
  const here = realPathOr(root);
  // The project itself, or its place before it was moved; a copy elsewhere has the run's journal, or had it copied.
  const isHere = (folder: string): boolean =>
    realPathOr(folder) === here || lstatOrNull(runPaths(folder, run.iterationId, run.runId).journal) === null;
  // A job that the site renamed has one of the ids, and so may have a job of another run by now.
  const isOurs = ({ jobId, name, folder }: QueuedJob): boolean =>
    (isKeyOf(run.runId, name) || (known.includes(jobId) && !isKey(name))) && isHere(folder);
  for (let asked = 0; asked < AGREEING; asked += 1) {
    if (asked > 0) await sleep(AGAIN_MS);
    const answer = judgeLivingJobs(await askSlurm(thisHost(root, projectSetup(root)), jobsArgv(), TIMEOUT_MS), isOurs);
    if (answer.kind === 'found') return alive(answer.jobs);
    if (answer.kind === 'no_answer')
      return {
        kind: 'no',
        message: `It is a Slurm run, and the queue does not say whether a job of it is alive: ${answer.words}.`,
        hint: `Abandon it on a host of the cluster, while this answers: ${quoteArgv(jobsArgv())}`,
      };
  }
  return { kind: 'yes', evidence: `no job named autolab-${run.runId}-… is in the queue`, claimedBy: claim };
}

function alive(jobs: readonly QueuedJob[]): Abandonable {
  const who = jobs.map(({ jobId, name, state }) => `job ${jobId} (${name}, ${state})`).join(', ');
  const ids = jobs.map(({ jobId }) => jobId).join(' ');
  return {
    kind: 'no',
    message: `The run is alive: ${who}.`,
    hint: `Wait for its end, or cancel it: scancel ${ids}; then abandon the run again: autolab cancel --force --by WHO --note WHY`,
  };
}

/** The ids that can still be read; null for a local run. The design counts only if the journal does not say. */
function knownJobs(root: string, iterationId: string, paths: RunPaths): readonly string[] | null {
  const lines = readableLines(paths);
  const claimed = jobClaimIn(paths)?.job_id ?? null;
  const submitted = lines.filter(({ event }) => event === 'job.submitted').map(({ data }) => data?.['job_id']);
  const opened = lines.find(({ event }) => event === 'run.opened')?.data?.['launch_mode'];
  const ids = [claimed, ...submitted].filter((id) => typeof id === 'string');
  const speaks =
    ids.length > 0 ||
    lstatOrNull(join(paths.receipt, JOB_SCRIPT_FILE)) !== null ||
    (opened ?? locationIn(root, iterationId)) === 'slurm';
  return speaks ? ids : null;
}

interface ReadableLine {
  readonly event?: unknown;
  readonly data?: Readonly<Record<string, unknown>> | null;
}

/** Lines of a broken chain: a reason to be careful, never to act. */
function readableLines(paths: RunPaths): readonly ReadableLine[] {
  if (lstatOrNull(realPathOr(paths.journal))?.isFile() !== true) return [];
  return (readTextOrNull(paths.journal) ?? '').split('\n').flatMap((line) => {
    const object = parseObject(line);
    return object === null ? [] : [object];
  });
}

function locationIn(root: string, iterationId: string): unknown {
  const { text, file } = readSource(root, `experiments/${iterationId}/design.yaml`);
  return text === null ? null : valueAt(yamlDocument(text, file), '/compute/location');
}
