import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Executor, RecordedRun, Standing } from '../../../../src/executors/executor.ts';
import { localScriptRules } from '../../../../src/executors/local/script-rules.ts';
import { collectables } from '../../../../src/run/collect-script.ts';
import { takeTombstone } from '../../../../src/run/tombstone.ts';
import { claimOf, endOf, isAlive, run, STEP } from './run.ts';

/**
 * A third way to carry a run out, for the contract: the script is started in the background and leaves a receipt. It knows
 * nothing of the other two, and nothing but its line in the table knows it.
 */
export const detached: Executor = {
  kind: 'detached',

  hostProbes: {},
  signs: null,
  hiddenVariables: () => [],
  launchFrom: null,
  mistakenIf: null,
  seemsUnreachable: () => null,

  usesProfiles: false,
  hasWorkers: false,
  script: { file: 'launch/run_local.sh', maxLines: 160 },
  loadScript: () => Promise.resolve(localScriptRules),
  look: () => Promise.resolve({ unused: [], problems: [], objections: [] }),
  plan: () => Promise.resolve({ opened: { slurm: null }, argv: null }),
  objection: () => Promise.resolve(null),
  askSite: () => Promise.resolve(null),
  scratch: (_root, runId) => ({ folder: join(tmpdir(), `detached-${runId}`), note: null, temporary: null }),

  startAhead: () => null,
  stepNames: [STEP],
  loadSteps: () => Promise.resolve([run]),
  staysHere: 'it was started here, and its files were written here',
  checksListing: false,
  changedCode: 'local.code_changed',
  endTasks: null,
  onInterrupt: 'detach',
  textsBeside: () => Promise.resolve([]),
  leftToCollect: (view) => Promise.resolve({ specs: collectables(view.opened.artifacts), gone: null }),
  madeScratch: (_root, opened) => basename(opened.scratch) === `detached-${opened.run_id}`,

  logs: (_view, { stdoutLog: stdout, stderrLog: stderr }) => ({ stdout, stderr }),
  isOver: ({ paths }) => endOf(paths) !== null || claimOf(paths) === 'tombstone',
  folderInUse: () => null,
  hasEndReceipt: (paths) => endOf(paths) !== null,
  mayBeAlive: ({ steps }) => steps.get(STEP)?.pending === true,
  standing: (recorded) => Promise.resolve(standing(recorded)),
  abandonable: ({ paths }) => {
    const claim = claimOf(paths);
    return Promise.resolve(
      typeof claim === 'number' && !isAlive(claim) && endOf(paths) === null
        ? { kind: 'yes', evidence: `process ${claim} is gone` }
        : { kind: 'no', message: "The run's state is known.", hint: 'Use: autolab cancel' },
    );
  },
  abandonableDamaged: () => Promise.resolve(null),
  fence: (_site, paths) => {
    takeTombstone({ paths });
    return Promise.resolve({ kind: 'closed', unreported: null });
  },
  unrecorded: () => null,
  checks: () => Promise.resolve([]),
  remarks: () => Promise.resolve([]),
};

function standing({ paths }: RecordedRun): Standing {
  const claim = claimOf(paths);
  const ended = endOf(paths) !== null;
  const alive = typeof claim === 'number' && isAlive(claim);
  return {
    entrypoint: ended ? 'ended' : alive ? 'running' : claim === null ? 'not started' : 'lost',
    words: null,
    details: {},
  };
}
