import { basename } from 'node:path';
import { endRunProcesses } from '../../platform/end-processes.ts';
import { startTimeOf } from '../../platform/host.ts';
import { processName, signalProcess } from '../../platform/process-tree.ts';
import { removeCgroup } from '../../platform/run-cgroup.ts';
import { monotonicMs, sleep } from '../../platform/time.ts';
import type { RunPaths } from '../../records/paths.ts';
import { readReceipt } from '../../run/receipts.ts';
import { parseOrder, parseRunClaim, parseStarted } from '../../schedulers/local/parse-receipt.ts';
import { ORDER_FILE, STARTED_FILE } from '../../schedulers/local/receipt.ts';
import { CLAIM_FILE } from '../../schedulers/receipt-files.ts';
import type { EndedFirst } from '../executor.ts';
import { leftCgroup } from './left-cgroup.ts';
import { describeLiving, knownFolders, type LivingProcesses, livingProcesses } from './run-processes.ts';

/** If no order says it. */
const GRACE_SECONDS = 10;
/** For the supervisor, once its processes are gone. */
const RECEIPT_MS = 5_000;

/**
 * Ends what is alive of a run on this host, whatever is left of its record: the supervisor first, which ends the rest
 * and leaves its receipt, then what is left.
 */
export async function endLiving(root: string, paths: RunPaths): Promise<EndedFirst> {
  const graceMs = (parseOrder(readReceipt(paths, ORDER_FILE))?.grace_seconds ?? GRACE_SECONDS) * 1000;
  const living = livingProcesses(root, paths);
  const names = namesOf(living);
  const { supervisor } = living;
  if (supervisor !== null) {
    signalProcess(supervisor, 'SIGTERM');
    // A stopped one gets the signal once it continues.
    signalProcess(supervisor, 'SIGCONT');
    const deadline = monotonicMs() + graceMs + RECEIPT_MS;
    while (startTimeOf(supervisor.pid) === supervisor.startTime && monotonicMs() < deadline) await sleep(50);
    signalProcess(supervisor, 'SIGKILL');
  }
  const started = parseStarted(readReceipt(paths, STARTED_FILE));
  const leaderLives = started !== null && startTimeOf(started.pid) === started.start_time;
  const cgroup = leftCgroup(basename(paths.folder), parseRunClaim(readReceipt(paths, CLAIM_FILE)));
  const rest = await endRunProcesses(
    {
      // Of a dead one, the session's number may be another's.
      leader: leaderLives ? { pid: started.pid, startTime: started.start_time } : null,
      marks: knownFolders(root, paths).map((folder) => `AUTOLAB_RUN_DIR=${folder}`),
      since: supervisor?.startTime ?? null,
      spare: [process.pid],
      cgroup,
    },
    supervisor === null ? graceMs : 0,
  );
  if (cgroup !== null) await removeCgroup(cgroup);
  return {
    ended: [...new Set([...names, ...rest.ended])],
    left: describeLiving(livingProcesses(root, paths)),
  };
}

function namesOf({ supervisor, others }: LivingProcesses): readonly string[] {
  const all = supervisor === null ? others : [supervisor, ...others];
  return all.map(({ pid }) => `${processName(pid)} (${pid})`);
}
