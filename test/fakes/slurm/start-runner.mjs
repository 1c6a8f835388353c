import { spawn } from 'node:child_process';

/** The node that runs a job: a process that outlives the command which let the job go. */
export function startRunner(store, id) {
  const program = new URL('runner.mjs', import.meta.url).pathname;
  const env = { PATH: process.env['PATH'], AUTOLAB_FAKE_SLURM: store.folder };
  spawn(process.execPath, [program, String(id)], { detached: true, stdio: 'ignore', env }).unref();
}
