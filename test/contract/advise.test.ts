import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { chained } from '../support/old-records.ts';
import { edit, json, makeProject, read, write } from '../support/project.ts';
import { stateOf } from '../support/runs.ts';

/** `autolab advise`: what the runs so far say about the limits of the next one. */

const RUNS = 'experiments/iter1/runs';

/** The same run under another name. */
function copyRun(root: string, id: string): void {
  cpSync(join(root, RUNS, 'r1'), join(root, RUNS, id), { recursive: true });
  edit(root, `${RUNS}/${id}/journal.jsonl`, (text) => chained(text.replaceAll('"run_id":"r1"', `"run_id":"${id}"`)));
}

it('advises less after three runs, and names the line', async () => {
  const root = makeProject({ compute: { time: '"04:00:00"', memory: '64G', cpus: 1 } });
  expect((await callWithoutTrace(root, ['advise'])).json).toMatchObject({
    code: 'ok',
    program: 'bash experiments/iter1/main.sh',
    runs_considered: 0,
    runs_needed: 3,
    recommendations: [],
  });
  await call(root, ['launch', '--run-id', 'r1']);
  const one = await callWithoutTrace(root, ['advise']);
  copyRun(root, 'r2');
  copyRun(root, 'r3');

  const [three, text] = await Promise.all([callWithoutTrace(root, ['advise']), autolab(root, ['advise'])]);

  expect(one.json).toMatchObject({ runs_considered: 1, recommendations: [] });
  expect(one.json['message']).toContain('at least 3 are needed');
  const file = 'experiments/iter1/design.yaml';
  const line =
    read(root, file)
      .split('\n')
      .findIndex((one) => one.includes('time:')) + 1;
  expect(three.json).toMatchObject({ code: 'ok', iteration_id: 'iter1', runs_considered: 3 });
  const time = { file, pointer: '/compute/time', current: '04:00:00', suggested: '00:01:00' };
  expect(three.json['recommendations'][0]).toMatchObject(time);
  expect(three.json['recommendations'][0].why).toMatch(/^asked 04:00:00, used at most 00:00:0\d in 3 runs$/);
  expect(three.json['advice'][0]).toMatchObject({ ...time, resource: 'time', runs: 3, line });
  expect(text.stdout).toContain(`  ${file}:${line}:9 /compute/time: 04:00:00 → 00:01:00\n`);
  expect(text.stdout).toMatch(/^time: asked 04:00:00, .*: 00:01:00 would do$/m);
});

it('advises more after one run that reached its limit', async () => {
  const root = makeProject({ entrypoint: 'sleep 60\n', compute: { time: '"00:00:01"' } });
  await call(root, ['launch', '--run-id', 'r1']);
  expect((await callWithoutTrace(root, ['advise'])).json['recommendations']).toMatchObject([
    {
      pointer: '/compute/time',
      current: '00:00:01',
      suggested: '00:01:00',
      why: '1 run reached a limit of 00:00:01 or more',
    },
  ]);
});

it('looks at the runs of the same program alone, and says so where the design cannot be read', async () => {
  const root = makeProject({ compute: { time: '"04:00:00"' } });
  await call(root, ['launch', '--run-id', 'r1']);
  copyRun(root, 'r2');
  copyRun(root, 'r3');
  write(root, '.autolab/state.json', json({ ...stateOf(root), stage: 'design' }));
  edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('main.sh', 'other.sh'));
  expect((await callWithoutTrace(root, ['advise'])).json).toMatchObject({ runs_considered: 0, recommendations: [] });
  write(root, 'experiments/iter1/design.yaml', 'id: [');
  expect(await callWithoutTrace(root, ['advise'])).toMatchObject({ status: 12, json: { code: 'design.invalid' } });
});
