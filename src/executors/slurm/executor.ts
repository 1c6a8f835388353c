import { join } from 'node:path';
import { slurmLogs } from '../../records/paths.ts';
import type { Objection } from '../../run/objection.ts';
import { CLIENT_ENVIRONMENT, removedFrom } from '../../schedulers/slurm/environment.ts';
import type { Executor } from '../executor.ts';
import type { HostSigns } from '../found-by.ts';
import { jobExitIn } from './job-receipts.ts';
import { slurmSigns } from './site-signs.ts';

/**
 * Jobs of a Slurm cluster, from this host or from one that is reached over ssh. The code is loaded when a run needs it.
 */
export const slurm: Executor = {
  kind: 'slurm',

  hostProbes: {
    sinfo: { argv: ['sinfo', '-V'], environment: CLIENT_ENVIRONMENT },
    squeue: { argv: ['squeue', '-V'], environment: CLIENT_ENVIRONMENT },
  },
  signs: slurmSigns,
  hiddenVariables: removedFrom,
  launchFrom: 'Launch from a Slurm login node',
  mistakenIf: "this machine only has Slurm's client tools",
  seemsUnreachable,

  usesProfiles: true,
  hasWorkers: true,
  script: { file: 'launch/run_slurm.sbatch', maxLines: 120 },
  loadScript: async () => (await import('./script-rules.ts')).slurmScriptRules,
  look: async (inputs) => (await import('./caller-variables.ts')).callerVariables(inputs),
  plan: async (inputs) => (await import('./slurm-order.ts')).planSlurm(inputs),
  objection: async (root, opened) => (await import('./grace.ts')).graceObjection(root, opened),
  askSite: async (root, opened, taken) => (await import('./ask-site.ts')).askSite(root, opened, taken),
  // Beside the project: a node's temporary folder is not visible from here.
  scratch: (root, runId) => ({ folder: scratchOf(root, runId), note: null, temporary: null }),

  startAhead: () => null,
  stepNames: ['submit', 'wait', 'confirm'],
  loadSteps: async () => (await import('./steps.ts')).SLURM_STEPS,
  staysHere: null,
  checksListing: true,
  changedCode: 'slurm.code_changed',
  endTasks: async (ctx, asked) => (await import('./tasks/heed.ts')).endTasks(ctx, asked),
  onInterrupt: 'detach',
  textsBeside: async (opened, folder) => (await import('./beside-script.ts')).textsBeside(opened, folder),
  leftToCollect: async (view, paths) => (await import('./collected.ts')).leftToCollect(view, paths),
  madeScratch: (root, opened) => opened.scratch === scratchOf(root, opened.run_id),

  // A job that is not submitted yet has no logs.
  logs: (view, paths) => slurmLogs(paths, view.job?.job_id ?? 'not-submitted'),
  isOver: ({ view }) => view.steps.get('confirm')?.outcome?.status === 'done',
  folderInUse: () => null,
  hasEndReceipt: (paths) => jobExitIn(paths) !== null,
  mayBeAlive: ({ job, submissions, steps }) => {
    if (job === null && submissions.tried === 0) return false;
    return steps.get('submit')?.outcome?.status !== 'failed' && (steps.get('confirm')?.outcome ?? null) === null;
  },
  standing: async (run, driven) => (await import('./standing.ts')).standing(run, driven),
  abandonable: async (run) => (await import('./abandon-evidence.ts')).mayAbandon(run),
  abandonableDamaged: async (run) => (await import('./jobs-of-damaged.ts')).mayAbandonDamaged(run),
  fence: async (site, paths, may) => (await import('./fence.ts')).closeToJobs(site, paths, may),
  unrecorded: () => null,
  checks: async (site) => (await import('./doctor.ts')).checkSlurm(site),
  remarks: async (host) => (await import('./doctor.ts')).remarks(host),
};

function scratchOf(root: string, runId: string): string {
  return join(root, '.autolab', 'tmp', runId);
}

/** Only the design says that there should be a Slurm: then the design is at fault, not the host. */
function seemsUnreachable({ hostName, isThisHost, has, reason, signs }: HostSigns): Objection | null {
  if (signs.length === 0) return null;
  const setup = isThisHost ? '.autolab/launch.yaml' : 'the profile';
  const load = isThisHost ? 'Load them and launch again: `module load slurm`? Or name' : 'Name';
  return {
    code: 'host.not_on_path',
    message: `The design says compute.location: slurm, and Slurm's commands cannot be used on ${hostName} (${reason}), although it looks like a Slurm site: ${signs.join(', ')}.`,
    hint: `${load} the command in \`setup\` of ${setup}, such as \`module load slurm\`. If that host has no Slurm: launch from a login node, or set compute.location: ${has} in the design (and have it reviewed).`,
  };
}
