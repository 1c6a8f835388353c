import { readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab, startAutolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { makeProject } from '../support/project.ts';
import { begun, letEnd, stateOf, WAITING } from '../support/runs.ts';

/** `autolab unlock`: a lease changes hands only where its holder gave no sign of life for a while. */

const ALPHA = { AUTOLAB_TEST_HOST: 'alpha' };
const BETA = { env: { AUTOLAB_TEST_HOST: 'beta' } };

/** The run r1, whose driver on the host alpha died at once: the lease is still in its name. */
async function abandoned(): Promise<string> {
  const root = makeProject();
  const env = { ...ALPHA, AUTOLAB_CRASH_AT: 'claim.pending_noted' };
  expect((await autolab(root, ['launch', '--run-id', 'r1'], { env })).signal).toBe('SIGKILL');
  return root;
}

function leaseFile(root: string): string {
  const names = readdirSync(join(root, '.autolab')).filter((name) => name.startsWith('driver.lock.'));
  expect(names).toHaveLength(1);
  return join(root, '.autolab', names[0] ?? '');
}

function lease(root: string): Record<string, unknown> {
  return JSON.parse(readFileSync(leaseFile(root), 'utf8')) as Record<string, unknown>;
}

function ageHeartbeat(root: string, seconds: number): void {
  const past = new Date(Date.now() - seconds * 1000);
  utimesSync(leaseFile(root), past, past);
}

describe('autolab unlock', () => {
  it.each([0, 30])('refuses while the heartbeat is fresh (%i s), and tells whose it is and how old', async (age) => {
    const root = await abandoned();
    ageHeartbeat(root, age);

    const refused = await callWithoutTrace(root, ['unlock', '--run', 'r1'], BETA);

    expect(refused).toMatchObject({ status: 13, json: { outcome: 'conflict', code: 'lease.fresh', run_id: 'r1' } });
    expect(refused.json['message']).toMatch(/`autolab launch` \(process \d+ on alpha, since .*Z\) holds run r1/);
    const [, told = ''] = /heartbeat is (\d+) s old/.exec(String(refused.json['message'])) ?? [];
    expect(Number(told)).toBeGreaterThanOrEqual(age);
    expect(Number(told)).toBeLessThan(60);
    expect(lease(root)).toMatchObject({ host: 'alpha', epoch: 1, released: false });
  });

  it.each(['lease.taken', 'close.claim_cleared'])(
    'takes the lease of a driver that died at %s, where no run is active any more',
    async (place) => {
      const root = makeProject();
      const env = { ...ALPHA, AUTOLAB_CRASH_AT: place };
      expect((await autolab(root, ['launch', '--run-id', 'r1'], { env })).signal).toBe('SIGKILL');
      ageHeartbeat(root, 300);
      const refused = await call(root, ['launch'], BETA);
      const said = place === 'lease.taken' ? ['lease.other_host', 'unlock --run none'] : ['state.wrong_stage', ''];
      expect([refused.json['code'], String(refused.json['hint'])]).toEqual([
        said[0],
        expect.stringContaining(said[1] ?? ''),
      ]);
      expect((await call(root, ['unlock', '--run', 'r1'], BETA)).json['code']).toBe('run.not_found');
      const unlocked = await call(root, ['unlock', '--run', 'none'], BETA);
      expect([unlocked.status, unlocked.json['code']], unlocked.stdout).toEqual([0, 'ok']);
      if (place === 'lease.taken') expect((await call(root, ['launch'], BETA)).json['code']).toBe('run.completed');
    },
  );

  it('takes the lease of a driver that has been silent, says what it knew, and the run goes on here', async () => {
    const root = await abandoned();
    ageHeartbeat(root, 300);

    const unlocked = await call(root, ['unlock', '--run', 'r1'], BETA);

    expect(unlocked).toMatchObject({ status: 0, json: { command: 'unlock', outcome: 'ok', code: 'ok', run_id: 'r1' } });
    expect(unlocked.json['message']).toMatch(/on alpha.*heartbeat is 3\d\d s old.*lease was removed/);
    expect(unlocked.json['hint']).toContain('autolab resume');
    expect(lease(root)).toMatchObject({ host: 'beta', epoch: 2, released: true });
    expect(await call(root, ['resume'], BETA)).toMatchObject({ status: 0, json: { code: 'run.completed' } });
    expect(stateOf(root)['stage']).toBe('extract_results');
  });

  it('takes the lease of a driver that is known to be dead at once', async () => {
    const root = await abandoned();

    expect(await call(root, ['unlock', '--run', 'r1'], { env: ALPHA })).toMatchObject({ status: 0 });
    expect(lease(root)).toMatchObject({ epoch: 2, released: true });
  });

  it('takes nothing from a driver that lives, however old its heartbeat looks', async () => {
    const root = makeProject({ entrypoint: WAITING });
    const driver = startAutolab(root, ['launch', '--run-id', 'r1']);
    await begun(root);
    ageHeartbeat(root, 300);

    const refused = await call(root, ['unlock', '--run', 'r1']);

    expect(refused).toMatchObject({ status: 13, json: { outcome: 'conflict', code: 'lease.held' } });
    expect(refused.json['message']).toContain('It is alive.');
    letEnd(root, 'r1');
    expect((await driver.ended).status).toBe(0);
  });

  it('wants the id of the active run, and names it', async () => {
    const root = await abandoned();
    ageHeartbeat(root, 300);

    const refused = await callWithoutTrace(root, ['unlock', '--run', 'r9'], BETA);

    expect(refused).toMatchObject({ status: 12, json: { outcome: 'refused', code: 'run.not_found' } });
    expect(refused.json['message']).toMatch(/r9 is not the active run.*r1/);
    expect(lease(root)).toMatchObject({ host: 'alpha', epoch: 1 });
  });

  it('has nothing to do where no run is active, or where nobody holds the lease', async () => {
    const none = makeProject();
    const free = await abandoned();
    await call(free, ['unlock', '--run', 'r1'], { env: ALPHA });

    const refused = await callWithoutTrace(none, ['unlock', '--run', 'r1']);
    const idle = await callWithoutTrace(free, ['unlock', '--run', 'r1'], BETA);

    expect(refused).toMatchObject({ status: 12, json: { code: 'run.not_found' } });
    expect(refused.json['message']).toContain('no run is active');
    expect(idle).toMatchObject({ status: 0, json: { code: 'ok', message: 'No process holds the project.' } });
  });

  it('tells people the same in words', async () => {
    const root = await abandoned();

    const fresh = await autolab(root, ['unlock', '--run', 'r1'], BETA);
    ageHeartbeat(root, 300);
    const taken = await autolab(root, ['unlock', '--run', 'r1'], BETA);

    expect([fresh.status, fresh.stdout]).toEqual([13, '']);
    expect(fresh.stderr).toMatch(/^conflict: .*on alpha.*\[lease\.fresh\]\n {2}next: /);
    expect([taken.status, taken.stderr]).toEqual([0, '']);
    expect(taken.stdout).toMatch(/^ok: .*lease was removed\.\n {2}next: .*autolab resume/);
  });
});
