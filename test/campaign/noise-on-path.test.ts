import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, vi } from 'vitest';
import { family, randomFrom, SEED, size } from '../support/campaign.ts';
import { told } from '../support/hostile-outcome.ts';
import { noise } from '../support/noise.ts';
import { edit, fakeCommands, makeProject, temporaryFolder, write } from '../support/project.ts';
import { eachOf, SLOW_MS } from '../support/runs.ts';

/** Commands that print anything in place of an answer, with the built program. */

vi.setConfig({ testTimeout: size(6, 1) * SLOW_MS });

const { count } = family('noise for an answer, whole program');

const COMMANDS = ['hostname', 'sinfo', 'squeue', 'sacct', 'scontrol', 'sbatch', 'git'];
const CALLS = [['launch', '--json'], ['launch', '--dry-run', '--json'], ['doctor', '--json'], ['doctor'], ['status']];

test('whatever a command prints, the call ends with a code', async () => {
  const random = randomFrom(SEED);
  const cases = Array.from({ length: size(210, 10) }, (_, index) => ({
    index,
    command: COMMANDS[index % COMMANDS.length] ?? '',
    call: CALLS[index % CALLS.length] ?? [],
    printed: noise(random),
    status: random() < 0.7 ? 0 : 1,
  }));
  await eachOf(cases, async ({ index, command, call, printed, status }) => {
    const path = join(temporaryFolder(), 'printed');
    writeFileSync(path, printed.bytes);
    const others = Object.fromEntries(COMMANDS.slice(1, 6).map((name) => [name, 'echo "slurm-wlm 22.05.8"']));
    const env = fakeCommands({ ...others, [command]: `cat '${path}'; cat '${path}' >&2; exit ${status}` });
    const root = makeProject({ git: command === 'git' });
    write(root, '.autolab/launch.yaml', 'host_mode: auto\n');
    const onSlurm = call.includes('--dry-run') || call.includes('doctor');
    if (onSlurm)
      edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('location: local', 'location: slurm'));
    const what = `seed ${SEED}, case ${index}: ${command} prints ${printed.how}, ${call.join(' ')}`;
    count(await told(root, call, what, { env }));
  });
});
