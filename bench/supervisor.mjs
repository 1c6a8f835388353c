import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { QUICK } from './measure.mjs';
import { AUTOLAB, makeProject } from './project.mjs';

/** In the first minute samples are frequent, whatever they take. */
const WARM_UP_SECONDS = 65;
const SECONDS = QUICK ? 20 : 120;

/** Processor time of a supervisor while its run waits, by the kernel's count, against a core; and of a question to GPUs. */
export async function supervisor() {
  const cwd = makeProject([
    'bash',
    '-c',
    `sleep ${WARM_UP_SECONDS + SECONDS + 20}; echo {} > "$AUTOLAB_RUN_DIR/metrics.json"`,
  ]);
  const [command, ...words] = [...AUTOLAB, 'launch', '--quiet'];
  const driver = spawn(command, words, { cwd, stdio: 'ignore' });
  const pid = await supervisorIn(cwd);
  await sleep(WARM_UP_SECONDS * 1000);
  const [before, began] = [nanosecondsOf(pid), performance.now()];
  await sleep(SECONDS * 1000);
  const share = (nanosecondsOf(pid) - before) / 1e6 / (performance.now() - began);
  spawnSync(command, [AUTOLAB[1], 'cancel'], { cwd, stdio: 'ignore' });
  await new Promise((resolve) => driver.on('close', resolve));
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;
  return [
    {
      what: `sampling a local run beside ${processes} processes`,
      measured: `${(share * 1000).toFixed(2)} ms a second`,
      against: '1000 ms (a core)',
      ratio: share.toFixed(5),
      aim: '0.001',
    },
    ...gpuQuestion(),
  ];
}

async function supervisorIn(root) {
  const runs = join(root, 'experiments/iter1/runs');
  for (;;) {
    try {
      const started = join(runs, readdirSync(runs)[0], 'receipt');
      readFileSync(join(started, 'started.json'));
      return JSON.parse(readFileSync(join(started, 'claim'), 'utf8')).pid;
    } catch {
      await sleep(50);
    }
  }
}

/** On a processor, all threads: the first field of schedstat. */
function nanosecondsOf(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.reduce(
    (sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    0,
  );
}

/** One every 30 s. Nothing without nvidia-smi. */
function gpuQuestion() {
  const question = 'nvidia-smi --query-gpu=index,uuid,utilization.gpu,memory.used --format=csv,noheader,nounits';
  const { status, stdout } = spawnSync('bash', ['-c', `${question} > /dev/null 2>&1 && times`], { encoding: 'utf8' });
  if (status !== 0) return [];
  const [, user, system] = /\n0m([\d.]+)s 0m([\d.]+)s/.exec(stdout) ?? [];
  const share = (Number(user) + Number(system)) / 30;
  return [
    {
      what: 'questions to nvidia-smi',
      measured: `${(share * 1000).toFixed(2)} ms a second`,
      against: '1000 ms (a core)',
      ratio: share.toFixed(5),
      aim: '',
    },
  ];
}
