import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { compare, interleaved, QUICK, secondsOfProgram } from './measure.mjs';
import { ROOT, temporaryFolder } from './project.mjs';

const SAMPLES = QUICK ? 200 : 1000;
const ASKED = SAMPLES / 100;
const PS = `for ((i = 0; i < ${ASKED}; i += 1)); do ps -eo sid,rss,cputimes | awk '{ n += $2 }'; done`;

/** A sample of `sample.sh` in a Slurm job, beside what a script that starts processes would take. */
export async function sampler() {
  const text = await sampleScript();
  const taken = await interleaved(5, {
    tree: () => secondsOf(text, 'tree') / SAMPLES,
    ...(group() === null ? {} : { cgroup: () => secondsOf(text, 'cgroup') / SAMPLES }),
    ps: () => cpuSeconds(PS) / ASKED,
  });
  const row = (what, seconds) => compare(what, { seconds }, { name: '`ps` and `awk`', seconds: taken.ps }, '< 1 ms');
  return [
    ...(taken.cgroup === undefined ? [] : [row('a sample in a Slurm job, by its cgroup', taken.cgroup)]),
    row('the same without a cgroup, a job of one process', taken.tree),
  ];
}

/** Its source has no imports. */
async function sampleScript() {
  const source = readFileSync(join(ROOT, 'src/launch-scripts/sample-script.ts'), 'utf8');
  const { code } = transformSync(source, { loader: 'ts', format: 'esm' });
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).sampleScript(3600);
}

/** As if the memory cgroup of this machine were a job's. */
function group() {
  if (existsSync('/sys/fs/cgroup/memory/memory.stat'))
    return ['4:memory:', '35 31 0:32 /job_1 /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory'];
  if (existsSync('/sys/fs/cgroup/memory.stat'))
    return ['0::', '35 31 0:32 /job_1 /sys/fs/cgroup rw - cgroup2 cgroup2 rw'];
  return null;
}

function secondsOf(text, kind) {
  const folder = temporaryFolder();
  const [id, mount] = group() ?? [];
  writeFileSync(join(folder, 'cgroup'), kind === 'tree' ? '' : `${id}/job_1/step_0\n`);
  writeFileSync(join(folder, 'mountinfo'), kind === 'tree' ? '' : `${mount}\n`);
  const script = text
    .replace('/proc/self/cgroup', `${folder}/cgroup`)
    .replace('/proc/self/mountinfo', `${folder}/mountinfo`)
    .replace(
      /^case \$1 in .*$/m,
      `[ "$kind" ${kind === 'tree' ? '=' : '!='} tree ] || exit 9
exec {idle}<> <(:)
script=$PPID
for ((i = 0; i < ${SAMPLES}; i += 1)); do until_time 0; measure; point; done > /dev/null`,
    );
  return cpuSeconds(script, ['loop', String(process.pid), '0.00', process.env.PATH]);
}

/** CPU time rather than time: the bench may not be alone. */
function cpuSeconds(text, words = []) {
  const folder = temporaryFolder();
  const file = join(folder, 'sample.sh');
  writeFileSync(file, `${text}\ntimes > "\${0%/*}/times"\n`);
  secondsOfProgram(['bash', '-p', file, ...words]);
  const times = readFileSync(join(folder, 'times'), 'utf8').matchAll(/(\d+)m([\d.]+)s/g);
  return Array.from(times, ([, minutes, seconds]) => 60 * minutes + Number(seconds)).reduce((sum, one) => sum + one, 0);
}
