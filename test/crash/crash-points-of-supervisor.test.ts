import { expect, test, vi } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { crashLog } from '../support/crashes.ts';
import { makeProject, runIds, startsOf } from '../support/project.ts';
import { eachOf, expectClosed, hasClaim, manifestOf, processesOf, SLOW_MS, stateOf } from '../support/runs.ts';

vi.setConfig({ testTimeout: 3 * SLOW_MS });

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

test('a supervisor killed at any place leaves a run that ends, and nothing alive', async () => {
  const log = crashLog();
  await autolab(makeProject(), ['launch'], { env: log.env });
  const places = log.of('supervisor.js');
  expect(places).toEqual(
    expect.arrayContaining(['supervisor.before_claim', 'link.claim.linked', 'write.exit.json.temporary']),
  );
  await eachOf(places, async (place) => {
    const root = makeProject();
    const ended = await autolabJson(root, ['launch'], { env: { AUTOLAB_CRASH_AT: place } });
    const [runId = ''] = runIds(root);
    const started = startsOf(root, runId);
    if (place === 'write.exit.json.renamed') {
      expectClosed(root, COMPLETED, place);
      return;
    }
    const code = place === 'supervisor.before_claim' ? 'local.start_failed' : 'local.lost';
    expect([ended.status, ended.json['code']], place).toEqual([10, code]);
    expect(started, place).toBeLessThanOrEqual(1);
    expectClosed(root, { code, stage: 'launch', attempt: 0, starts: started }, place);
    expect((await autolab(root, ['launch'])).status, place).toBe(0);
  });
});

test('a supervisor that dies while nobody drives leaves a lost run, not a second start', async () => {
  await eachOf(['supervisor.claimed', 'supervisor.started', 'supervisor.before_receipt'], async (place) => {
    const root = makeProject();
    // The driver leaves when it has seen the claim; where the supervisor was quicker to die, it tells so itself.
    const driver = await autolab(root, ['launch', '--detach'], { env: { AUTOLAB_CRASH_AT: place } });
    const [runId = ''] = runIds(root);
    const again = await autolabJson(root, ['launch']);
    const code = (driver.status === 0 ? again.json : manifestOf(root, runId))['code'] as string;
    expect(code, place).toBe('local.lost');
    expect(startsOf(root, runId), place).toBeLessThanOrEqual(1);
    expect(processesOf(runId), place).toEqual([]);
    expect(hasClaim(root), place).toBe(false);
    expect(stateOf(root)['history'], place).not.toEqual([]);
  });
});
