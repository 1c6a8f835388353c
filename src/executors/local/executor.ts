import { basename, join } from 'node:path';
import { livenessOf } from '../../platform/host.ts';
import { sha256 } from '../../platform/ids.ts';
import { type WorkingFolder, workingFolderOf } from '../../platform/inode.ts';
import { temporaryPlace } from '../../platform/temporary-folder.ts';
import type { RunPaths } from '../../records/paths.ts';
import { collectables } from '../../run/collect-script.ts';
import { takeTombstone } from '../../run/tombstone.ts';
import type { Executor, RecordedRun, ScratchPlace, Standing } from '../executor.ts';
import { abandonable, abandonableDamaged } from './abandonable.ts';
import { startAhead } from './ahead.ts';
import { isMemoryEnforced, memoryObjections } from './memory-limit.ts';
import { exitIn, ownerOf } from './run-owner.ts';
import { unrecordedRunOf } from './run-processes.ts';
import { stopTasks } from './tasks/stop-tasks.ts';

/** Runs on this machine, under a supervisor that outlives the driver. */
export const local: Executor = {
  kind: 'local',

  // Every host can run a script.
  hostProbes: {},
  signs: null,
  hiddenVariables: () => [],
  launchFrom: null,
  mistakenIf: null,
  seemsUnreachable: () => null,

  usesProfiles: false,
  hasWorkers: false,
  script: { file: 'launch/run_local.sh', maxLines: 160 },
  loadScript: async () => (await import('./script-rules.ts')).localScriptRules,
  look: ({ config, design }) =>
    Promise.resolve({ unused: [], problems: [], objections: memoryObjections(config, design) }),
  plan: ({ config, design }) =>
    Promise.resolve({
      opened: { slurm: null, ...(isMemoryEnforced(config, design) ? { enforce_memory: true } : {}) },
      argv: null,
    }),
  objection: () => Promise.resolve(null),
  askSite: () => Promise.resolve(null),
  scratch: scratchPlace,

  startAhead: (root, paths, { config, design }) => startAhead(root, paths, isMemoryEnforced(config, design)),
  stepNames: ['execute'],
  loadSteps: async () => [(await import('./execute.ts')).execute],
  staysHere: 'local run: it was started here, and its files were written here',
  checksListing: false,
  changedCode: 'local.code_changed',
  endTasks: null,
  onInterrupt: 'cancel',
  textsBeside: async (opened) => (await import('./beside-script.ts')).textsBesideLocal(opened),
  leftToCollect: (view) => Promise.resolve({ specs: collectables(view.opened.artifacts), gone: null }),
  madeScratch: (root, { scratch, run_id: runId }) => isScratchOf(root, runId, scratch),

  logs: (_view, { stdoutLog: stdout, stderrLog: stderr }) => ({ stdout, stderr }),
  isOver,
  folderInUse,
  hasEndReceipt,
  mayBeAlive: ({ steps }) => steps.get('execute')?.pending === true,
  standing: (run) => Promise.resolve(standing(run)),
  abandonable: (run) => Promise.resolve(abandonable(run)),
  abandonableDamaged: (run) => Promise.resolve(abandonableDamaged(run)),
  fence: (_site, paths) => {
    takeTombstone({ paths });
    stopTasks(paths);
    return Promise.resolve({ kind: 'closed', unreported: null });
  },
  unrecorded: unrecordedRunOf,
  checks: () => Promise.resolve([]),
  remarks: () => Promise.resolve([]),
};

/** In the temporary folder; in the project, if that one cannot be used. */
function scratchPlace(root: string, runId: string): ScratchPlace {
  const { path, trouble } = temporaryPlace();
  // Two projects on one host may give their runs the same id.
  if (trouble === null)
    return { folder: join(path, `autolab-${runId}-${sha256(root).slice(0, 12)}`), note: null, temporary: null };
  const folder = scratchHere(root, runId);
  const note = `The temporary folder ${path} (TMPDIR) cannot be used: ${trouble}. The run's scratch folder and TMPDIR are .autolab/tmp/${runId} instead.`;
  return { folder, note, temporary: folder };
}

function scratchHere(root: string, runId: string): string {
  return join(root, '.autolab', 'tmp', runId);
}

/** The temporary folder may have another path today: there, only the name counts. */
function isScratchOf(root: string, runId: string, scratch: string): boolean {
  return scratch === scratchHere(root, runId) || basename(scratch).startsWith(`autolab-${runId}-`);
}

function hasEndReceipt(paths: RunPaths): boolean {
  return exitIn(paths) !== null;
}

function isOver(run: RecordedRun): boolean {
  if (hasEndReceipt(run.paths)) return true;
  const owner = ownerOf(run);
  return owner.kind === 'tombstone' || (owner.kind === 'supervisor' && livenessOf(owner.supervisor) === 'dead');
}

/** The supervisor works in the run's `receipt/`, which `mv` keeps and `cp` does not. */
function folderInUse(run: RecordedRun): WorkingFolder | null {
  const owner = ownerOf(run);
  if (owner.kind !== 'supervisor' || livenessOf(owner.supervisor) !== 'alive') return null;
  const folder = workingFolderOf(owner.supervisor.pid);
  return folder === null || basename(folder.path) !== basename(run.paths.receipt) ? null : folder;
}

function standing(run: RecordedRun): Standing {
  return { entrypoint: entrypointState(run), words: null, details: {} };
}

/** What the receipt says of the entrypoint. */
function entrypointState(run: RecordedRun): Standing['entrypoint'] {
  const owner = ownerOf(run);
  const liveness = owner.kind === 'supervisor' ? livenessOf(owner.supervisor) : 'unknown';
  // After the look at the supervisor, not before: its last act is the receipt.
  if (hasEndReceipt(run.paths)) return 'ended';
  if (owner.kind === 'unclaimed' || owner.kind === 'tombstone') return 'not started';
  return liveness === 'alive' ? 'running' : liveness === 'dead' ? 'lost' : 'unknown';
}
