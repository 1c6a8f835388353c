import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { AUTOLAB, makeProject } from './project.mjs';

/** The highest memory of the driver while a run that prints a lot goes on, as the kernel counts it. */
export async function memory() {
  const cwd = makeProject(['bash', '-c', 'seq 200000; sleep 2; echo {} > "$AUTOLAB_RUN_DIR/metrics.json"']);
  const [command, ...words] = [...AUTOLAB, 'launch', '--quiet'];
  const driver = spawn(command, words, { cwd, stdio: 'ignore' });
  let peakKiB = 0;
  const timer = setInterval(() => {
    peakKiB = Math.max(peakKiB, highWaterOf(driver.pid));
  }, 20);
  const status = await new Promise((resolve) => driver.on('close', resolve));
  clearInterval(timer);
  if (status !== 0) throw new Error(`the launch ended with ${status}`);
  const measured = `${Math.round(peakKiB / 1024)} MiB`;
  return [{ what: 'memory of the driver during a run', measured, against: '', ratio: '', aim: '< 90 MiB' }];
}

/** VmHWM of /proc/PID/status in KiB; 0 once the process is gone. */
export function highWaterOf(pid) {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
