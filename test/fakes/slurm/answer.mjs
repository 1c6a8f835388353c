// Faults that any command may have: they come before the command does anything, or change how its answer looks.
import { faultNamed } from './faults.mjs';

const UNREACHABLE = 'Unable to contact slurm controller (connect failure)';
const WORDS = {
  sbatch: `sbatch: error: Batch job submission failed: ${UNREACHABLE}\n`,
  squeue: `slurm_load_jobs error: ${UNREACHABLE}\n`,
  scontrol: `slurm_load_jobs error: ${UNREACHABLE}\n`,
  scancel: `scancel: error: Kill job error: ${UNREACHABLE}\n`,
  sinfo: `slurm_load_partitions: ${UNREACHABLE}\n`,
  sacct: `sacct: error: ${UNREACHABLE}\n`,
};

const UNANSWERED = { status: 1, stdout: '', stderr: 'slurm_update error: Socket timed out on send/recv operation\n' };

/** An answer is `{status, stdout, stderr}`. `later(seconds)` does what was asked after so long, whoever asked. */
export async function answerUnder(faults, act, later = null) {
  const slow = faultNamed(faults, 'slow');
  if (slow !== null) await sleep(slow.seconds ?? 1);
  const hang = faultNamed(faults, 'hang');
  if (hang !== null) await sleep(hang.seconds ?? 3600);
  if (faultNamed(faults, 'killed') !== null) await die();
  const gone = faultNamed(faults, 'unreachable');
  if (gone !== null) return { status: 1, stdout: '', stderr: WORDS[gone.command] };
  if (faultNamed(faults, 'carried_out_late') !== null && later !== null) {
    later(faultNamed(faults, 'carried_out_late').seconds ?? 2);
    return UNANSWERED;
  }
  const answer = await act();
  if (faultNamed(faults, 'unanswered') !== null) return UNANSWERED;
  return dressed(faults, answer);
}

function dressed(faults, answer) {
  let { status, stdout, stderr } = answer;
  const banner = faultNamed(faults, 'banner');
  if (banner !== null)
    stdout = `${banner.text ?? "*** Maintenance tonight | 20 o'clock ***\n"}${stdout}Have a nice day!\n`;
  const noise = faultNamed(faults, 'stderr_noise');
  if (noise !== null)
    stderr = `${noise.text ?? 'Warning: Permanently added login7 to the list of known hosts.\n'}${stderr}`;
  const forced = faultNamed(faults, 'exit_status');
  if (forced !== null) status = forced.status ?? 1;
  return { status, stdout, stderr };
}

export function sleep(seconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000);
  });
}

/** As if somebody had sent SIGKILL: nothing more is printed. */
export async function die() {
  process.kill(process.pid, 'SIGKILL');
  await sleep(60);
}
