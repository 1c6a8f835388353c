import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { calledProcesses, processFacts } from './process-tree.ts';

it('knows the processes of this host by their command lines, without the threads of the kernel', async () => {
  const child = spawn('sleep', ['1234.5'], { stdio: 'ignore' });
  await once(child, 'spawn');
  try {
    const called = calledProcesses();
    expect(called.find(({ pid }) => pid === child.pid)?.words.slice(0, 2)).toEqual(['sleep', '1234.5']);
    expect(called.map(({ pid }) => pid)).not.toContain(process.pid);
    const ofKernel = (pid: number): boolean => processFacts(pid)?.ofKernel === true;
    // In a container there are none. One may be missing in the list of the others while threads end.
    const threads = readdirSync('/proc').map(Number).filter(ofKernel).length;
    expect(called.filter(({ pid }) => ofKernel(pid)).length).toBeLessThanOrEqual(threads / 10);
    const living = new Set(called.map(({ pid }) => pid));
    const before = readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid < (child.pid ?? 0) && pid !== process.pid);
    const leftOut = before.filter((pid) => !living.has(pid) && !ofKernel(pid));
    expect(leftOut.filter((pid) => processFacts(pid) !== null)).toEqual([]);
  } finally {
    child.kill();
  }
});
