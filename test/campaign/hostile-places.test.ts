import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { family, randomFrom, SEED, size } from '../support/campaign.ts';
import { told } from '../support/hostile-outcome.ts';
import { ODD_FILES, putOdd } from '../support/odd-files.ts';
import { json, makeProject, runIds, temporaryFolder, write } from '../support/project.ts';
import { eachOf, SLOW_MS } from '../support/runs.ts';

const CASES = size(400, 14);

vi.setConfig({ testTimeout: size(10, 1) * SLOW_MS });

const { count } = family('hostile places');

/** `RUN` stands for the folder of the run. */
const PLACES = [
  '.autolab/active_run.json',
  '.autolab/driver.lock.1',
  '.autolab/driver.lock.007',
  '.autolab/driver.lock.99999999999999999999',
  '.autolab/state.json',
  '.autolab/agent_result.json',
  '.autolab/prompts/stage_launch.md',
  '.autolab/prompts/rendered',
  '.autolab/tmp',
  '.autolab/cache',
  'experiments',
  'experiments/iter1/runs',
  'experiments/other',
  'experiments/iter1/launch/run_local.sh',
  'RUN',
  'RUN/journal.jsonl',
  'RUN/run_manifest.json',
  'RUN/logs',
  'RUN/logs/stdout.log',
  'RUN/artifacts.sha256',
  'RUN/cancel.json',
  '.autolab/snapshots',
  '.autolab/snapshots/runs',
  '.autolab/tmp',
  'RUN/abandoned.json',
  'RUN/receipt',
  'RUN/receipt/exit.json',
  'experiments/iter1/runs/\u001b[31mevil',
];

const COMMANDS = [
  ['status'],
  ['launch', '--dry-run'],
  ['launch'],
  ['resume'],
  ['runs', '--all'],
  ['logs'],
  ['verify'],
  ['manifest', '--check'],
  ['cancel'],
  ['render', '--stdout'],
  ['clean'],
  ['clean', '--dry-run'],
  ['unlock', '--run', 'r1'],
  ['review', 'retry', '--by', 'me', '--note', 'again'],
  ['cancel', '--force', '--by', 'me', '--note', 'gone'],
];

/** Always tried: these hung, or ended in an internal error. */
const CORNERS = [
  ['a link to a file without size or end', '.autolab/state.json', ['launch']],
  ['a link to a file without size or end', '.autolab/active_run.json', ['status']],
  ['a link to a file without size or end', '.autolab/driver.lock.1', ['launch']],
  ['a link to a file without size or end', 'RUN/journal.jsonl', ['verify']],
  ['ten gigabytes of nothing', 'RUN/journal.jsonl', ['runs', '--all']],
  ['ten gigabytes of nothing', '.autolab/state.json', ['status']],
] as const;

/** Claims and leases that nobody wrote: the first leads out of the project. */
const TEXTS = [
  json({ run_id: '../../../../outside', iteration_id: '../..', position: { stage: 'launch' }, opened: true }),
  json({ run_id: 'r1', iteration_id: 'iter1', position: null, token: 1, pid: -1, released: false }),
  json({ pid: 1, host: 1, command: '\u001b[2J', epoch: 1e308, released: 'no' }),
  '[]\n',
  'null\n',
  '\u001b[2J\n',
];

test('whatever stands in the place of a file of the launcher, every command ends with a code', async () => {
  const finished = makeProject();
  expect((await autolabJson(finished, ['launch'])).json['code']).toBe('run.completed');
  const run = `experiments/iter1/runs/${runIds(finished)[0] ?? ''}`;
  const random = randomFrom(SEED);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const makers = [
    ...Object.entries(ODD_FILES),
    ...TEXTS.map((text): [string, (path: string) => void] => [
      JSON.stringify(text),
      (path) => {
        write(dirname(path), path.slice(dirname(path).length + 1), text);
      },
    ]),
  ];
  const corners = CORNERS.map(([odd, place, words]) => ({
    place,
    made: [odd, ODD_FILES[odd]] as const,
    words: [...words],
    stage: 'launch',
  }));
  const drawn = Array.from({ length: CASES }, (_, index) => ({
    place: PLACES[index % PLACES.length] ?? '',
    made: pick(makers),
    words: [...pick(COMMANDS), ...(random() < 0.5 ? ['--json'] : [])],
    stage: pick(['launch', 'extract_results', 'human_review']),
  }));
  const cases = [...corners, ...drawn].map((each) => ({ ...each, place: each.place.replace(/^RUN/, run) }));
  await eachOf(cases, async ({ place, made: [odd, make], words, stage }) => {
    const root = temporaryFolder();
    cpSync(finished, root, { recursive: true });
    write(root, '.autolab/state.json', json({ iteration_id: 'iter1', experiment_id: 'e1', stage, stage_attempt: 0 }));
    mkdirSync(dirname(join(root, place)), { recursive: true });
    putOdd(join(root, place), make);
    const what = `seed ${SEED}: ${odd} as ${place}, stage ${stage}, ${words.join(' ')}`;
    count(await told(root, words, what));
  });
});
