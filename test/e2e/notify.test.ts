import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { autolab, autolabJson, startAutolab } from '../support/autolab.ts';
import { call } from '../support/contract.ts';
import { edit, makeProject, read, readJson, runIds, temporaryFolder, until, write } from '../support/project.ts';
import { begun, letEnd, SLOW_MS, WAITING } from '../support/runs.ts';

/** `notify` of launch.yaml: once per outcome, never in the way of the run, retried, recorded. */

vi.setConfig({ testTimeout: SLOW_MS });

const SECRET = 'T0-very-secret-token';

interface Receiver {
  readonly url: string;
  readonly host: string;
  readonly got: Record<string, any>[];
}

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Answers with these, the last one for ever; null never answers. */
async function receiver(...answers: readonly (number | null)[]): Promise<Receiver> {
  const got: Record<string, any>[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const status = answers[Math.min(got.length, answers.length - 1)] ?? null;
      got.push({ ...(JSON.parse(text) as Record<string, unknown>), path: request.url });
      if (status !== null) response.writeHead(status, { location: '/elsewhere' }).end('an answer of any length');
    });
  };
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return { host, url: `http://${host}/${SECRET}`, got };
}

function notify(root: string, setting: Readonly<Record<string, unknown>>): void {
  edit(root, '.autolab/launch.yaml', (text) => `${text}notify: ${JSON.stringify(setting)}\n`);
}

/** A script that appends what it gets to `told`, and then does `more`. */
function command(root: string, more = ''): readonly string[] {
  write(root, 'tell.sh', `#!/bin/bash\ntr -d '\\n' >> told\necho >> told\n${more}\n`);
  chmodSync(join(root, 'tell.sh'), 0o755);
  return ['./tell.sh', SECRET];
}

function told(root: string): Record<string, any>[] {
  if (!existsSync(join(root, 'told'))) return [];
  const lines = read(root, 'told').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, any>);
}

const FOLDER = '.autolab/notifications';

function records(root: string): readonly string[] {
  return existsSync(join(root, FOLDER)) ? readdirSync(join(root, FOLDER)).filter((name) => name.endsWith('.json')) : [];
}

function recordOf(root: string): Record<string, any> {
  expect(records(root)).toHaveLength(1);
  return readJson(root, join(FOLDER, records(root)[0] ?? ''));
}

/** Every file that autolab wrote, but the settings: none has the secret. */
function expectNoSecret(root: string): void {
  for (const top of ['.autolab', 'experiments'])
    for (const name of readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })) {
      if (name === 'launch.yaml' || !/\.(?:jsonl?|log|md|sh|sha256)$/.test(name)) continue;
      expect(readFileSync(join(root, top, name), 'utf8'), name).not.toContain(SECRET);
    }
}

describe('notify', () => {
  it('informs a command and a webhook of the same result, once, and keeps addresses and arguments to itself', async () => {
    const root = makeProject({ git: true });
    const { url, host, got } = await receiver(200);
    notify(root, { command: command(root), webhook: url });

    const launched = await autolab(root, ['launch', '--verbose']);
    await Promise.all([autolab(root, ['launch']), autolab(root, ['resume'])]);

    expect(launched.status).toBe(0);
    const [run = ''] = runIds(root);
    expect(got).toHaveLength(1);
    expect(got[0]).toMatchObject({
      command: 'launch',
      outcome: 'completed',
      code: 'run.completed',
      run_id: run,
      stage_after: 'extract_results',
      text: expect.stringContaining(`${run} completed: `) as string,
    });
    expect(got[0]?.['notification_id']).toMatch(new RegExp(`^${run}\\.\\d+$`));
    expect(told(root)).toEqual([{ ...got[0], path: undefined }]);
    expect(launched.stderr).toContain(`Notified webhook ${host} (HTTP 200).`);
    expect(launched.stderr).toContain('Notified command tell.sh (exit status 0).');
    expect(launched.stdout + launched.stderr).not.toContain(SECRET);
    expectNoSecret(root);
    expect(recordOf(root)['deliveries']).toMatchObject({
      command: { status: 'delivered', attempts: [{ result: 'exit status 0' }] },
      webhook: { status: 'delivered', attempts: [{ result: 'HTTP 200' }] },
    });
    const verified = await autolabJson(root, ['verify']);
    expect(verified.json['outcome']).toBe('ok');
  });

  it('informs only of the outcomes that are named', async () => {
    const root = makeProject({ entrypoint: 'exit 3\n', state: { max_stage_attempts: 2 } });
    notify(root, { command: command(root), on: ['human_review'] });

    const first = await autolabJson(root, ['launch']);
    const last = await autolabJson(root, ['launch']);

    expect([first.status, last.status]).toEqual([10, 11]);
    expect(told(root)).toMatchObject([{ outcome: 'human_review', run_id: last.json['run_id'] }]);
  });

  it('tries a receiver again that fails, with the same id', async () => {
    const root = makeProject();
    const { url, got } = await receiver(500, 200);
    notify(root, { webhook: url });

    const launched = await autolabJson(root, ['launch'], { env: { AUTOLAB_TEST_SPEED: '4' } });

    expect(launched.status).toBe(0);
    expect(got.map((one) => one['notification_id'])).toEqual([
      got[0]?.['notification_id'],
      got[0]?.['notification_id'],
    ]);
    const { attempts } = recordOf(root)['deliveries']['webhook'] as { attempts: { result: string }[] };
    expect(attempts.map(({ result }) => result)).toEqual(['HTTP 500', 'HTTP 200']);
  });

  it('is not held up by a receiver that hangs, and the next call tries again', async () => {
    const root = makeProject();
    const hanging = await receiver(null);
    notify(root, { command: command(root, 'exec sleep 1000'), webhook: hanging.url });

    const launched = await autolab(root, ['launch'], { env: { AUTOLAB_TEST_SPEED: '4' } });

    expect(launched.status).toBe(0);
    expect(readJson(root, '.autolab/state.json')['stage']).toBe('extract_results');
    expect(existsSync(join(root, '.autolab/active_run.json'))).toBe(false);
    expect(launched.stderr).toContain(`was not delivered: webhook ${hanging.host}: timeout. The next launch`);
    expect(launched.stderr).toContain('was not delivered: command tell.sh: timeout.');
    expect(records(root)).toEqual([expect.stringMatching(/\.pending\.json$/)]);
    const doctor = await call(root, ['doctor']);
    expect((doctor.json['checks'] as { found: string }[]).map(({ found }) => found)).toContain(
      '1 notification is not delivered yet',
    );
    const { url, got } = await receiver(200);
    edit(root, '.autolab/launch.yaml', (text) => text.replace(hanging.url, url));
    command(root);

    const resumed = await autolabJson(root, ['resume']);

    expect(resumed.json['code']).toBe('run.none_active');
    expect(got).toMatchObject([{ notification_id: hanging.got[0]?.['notification_id'] }]);
    expect(told(root)).toHaveLength(2);
    expect(recordOf(root)['deliveries']).toMatchObject({
      command: { status: 'delivered', attempts: [{ result: 'timeout' }, { result: 'exit status 0' }] },
      webhook: { status: 'delivered', attempts: [{ result: 'timeout' }, { result: 'HTTP 200' }] },
    });
  });

  it.each([
    ['nothing listens', 'ECONNREFUSED'],
    ['it redirects', 'HTTP 302'],
  ])('a webhook, and %s: recorded, without the address', async (what, words) => {
    const root = makeProject();
    const { url } = await receiver(302);
    if (what === 'nothing listens') for (const server of servers.splice(0)) server.close();
    notify(root, { webhook: url });

    const launched = await autolab(root, ['launch'], { env: { AUTOLAB_TEST_SPEED: '4' } });

    expect(launched.status).toBe(0);
    expect(launched.stderr).toContain(words);
    expect(launched.stderr).not.toContain(SECRET);
    expect(recordOf(root)['deliveries']['webhook']['attempts']).toHaveLength(3);
    expectNoSecret(root);
  });

  it.each([
    ['a type error', (text: string) => text.replace('"webhook"', '"webhook": 3, "x"')],
    ['a syntax error', (text: string) => `${text}notify: [\n`],
    ['no content', () => ''],
    ['a misspelled key', (text: string) => text.replace('notify:', 'notifi:')],
  ])('waits while launch.yaml has %s', async (_what, damage) => {
    const root = makeProject();
    const { url, got } = await receiver(500, 500, 500, 200);
    notify(root, { webhook: url });
    await autolab(root, ['launch'], { env: { AUTOLAB_TEST_SPEED: '10' } });
    const whole = read(root, '.autolab/launch.yaml');
    const record = recordOf(root);
    write(root, '.autolab/launch.yaml', damage(whole));

    const damaged = await autolab(root, ['resume']);

    expect(damaged.stderr).toContain('Notifications wait (webhook): .autolab/launch.yaml has errors');
    expect(damaged.stderr).not.toContain('dropped');
    expect(recordOf(root)).toEqual(record);
    write(root, '.autolab/launch.yaml', whole);
    await autolab(root, ['resume']);
    expect(got.map((one) => one['notification_id'])).toHaveLength(4);
    expect(recordOf(root)['deliveries']).toMatchObject({ webhook: { status: 'delivered' } });
  });

  it('drops what a good launch.yaml no longer names', async () => {
    const root = makeProject();
    const { url } = await receiver(500);
    notify(root, { webhook: url });
    await autolab(root, ['launch'], { env: { AUTOLAB_TEST_SPEED: '10' } });
    edit(root, '.autolab/launch.yaml', (text) => text.replace(/^notify:.*$/m, '# nobody'));

    const { stderr } = await autolab(root, ['resume']);

    expect(stderr).toContain('dropped: webhook: notify.webhook is no longer in launch.yaml');
  });

  it('gives up at last, and says so', async () => {
    const root = makeProject();
    notify(root, { command: command(root, 'exit 7') });
    const env = { AUTOLAB_TEST_SPEED: '10' };
    await autolab(root, ['launch'], { env });
    const pending = (): boolean => records(root).some((name) => name.endsWith('.pending.json'));
    for (let calls = 0; calls < 10 && pending(); calls += 1) await autolab(root, ['resume'], { env });

    const { status, attempts } = recordOf(root)['deliveries']['command'] as { status: string; attempts: unknown[] };
    expect([status, attempts.length]).toEqual(['failed', 9]);
  });

  it('says of a command that is not there what is wrong, in doctor before a run', async () => {
    const root = makeProject({ git: true });
    notify(root, { command: ['./nowhere.sh'], webhook: '$LAB_WEBHOOK' });

    const doctor = await call(root, ['doctor']);
    const set = await call(root, ['doctor'], { env: { LAB_WEBHOOK: `https://example.org/${SECRET}` } });
    const launched = await autolab(root, ['launch'], { env: { AUTOLAB_TEST_SPEED: '4' } });

    const found = (ended: typeof doctor): readonly unknown[] =>
      (ended.json['checks'] as { name: string; found: string }[])
        .filter(({ name }) => name === 'notify')
        .map((check) => check.found);
    expect(found(doctor)).toEqual([
      'the command ./nowhere.sh cannot be run',
      'webhook: the variable LAB_WEBHOOK is not set',
    ]);
    expect(found(set)[1]).toBe('webhook: to example.org');
    expect(launched.status).toBe(0);
    expect(launched.stderr).toMatch(/command nowhere\.sh: ENOENT/);
  });

  it.each([
    [{ webhook: `file:///${SECRET}` }, 'value.invalid'],
    [{ webhook: SECRET }, 'value.invalid'],
    [{ command: [] }, 'value.invalid'],
    [{ command: 'mail me' }, 'value.type'],
    [{ webhook: 'https://example.org', on: ['done'] }, 'value.invalid'],
    [{ webhok: 'https://example.org' }, 'value.unknown_key'],
  ])('%j is refused before the launch, without the address', async (setting, code) => {
    const root = makeProject();
    notify(root, setting);

    const ended = await call(root, ['launch']);

    expect((ended.json['problems'] as { code: string }[]).map((problem) => problem.code)).toEqual([code]);
    expect(ended.json['code']).toBe('config.invalid');
    expect(ended.stdout + ended.stderr).not.toContain(SECRET);
  });

  it.each(['notify.noted', 'notify.intent', 'notify.sent', 'close.claim_cleared'])(
    'a driver that is killed at %s: the next call delivers, with the same id',
    async (point) => {
      const root = makeProject();
      const { url, got } = await receiver(200);
      notify(root, { webhook: url });

      const killed = await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: point } });
      const next = await autolabJson(root, ['resume']);

      expect(killed.signal).toBe('SIGKILL');
      expect(next.status).toBe(0);
      expect(new Set(got.map((one) => one['notification_id'])).size).toBe(1);
      expect(got).toHaveLength(point === 'notify.sent' ? 2 : 1);
      expect(recordOf(root)['deliveries']['webhook']['status']).toBe('delivered');
    },
  );

  it('two calls at once deliver once', async () => {
    const root = makeProject();
    const { url, got } = await receiver(200);
    notify(root, { webhook: url });
    await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'notify.noted' } });

    const ended = await Promise.all([1, 2, 3].map(() => autolab(root, ['resume'])));

    expect(ended.map(({ signal }) => signal)).toEqual([null, null, null]);
    await autolab(root, ['resume']);
    expect(got).toHaveLength(1);
    expect(recordOf(root)['deliveries']['webhook']['attempts']).toHaveLength(1);
  });

  it('who finds the end of a run that nobody watched informs of it', async () => {
    // A run that has ended when a detached launch looks is closed by it.
    const root = makeProject({ entrypoint: WAITING });
    notify(root, { command: command(root) });
    await autolab(root, ['launch', '--detach']);
    const run = await begun(root);
    letEnd(root, run);
    const receipt = join(root, 'experiments/iter1/runs', run, 'receipt/exit.json');
    await until('the run has ended', () => existsSync(receipt));
    const before = told(root);

    await autolab(root, ['resume']);

    expect(before).toEqual([]);
    expect(told(root)).toMatchObject([{ outcome: 'completed', run_id: run }]);
  });

  it('a run that is cancelled, and one that is abandoned with a damaged journal', async () => {
    const root = makeProject({ entrypoint: 'echo on >> "$AUTOLAB_RUN_DIR/marker"\nsleep 1000\n' });
    notify(root, { command: command(root) });
    const marker = (run: string): string => join(root, 'experiments/iter1/runs', run, 'marker');
    for (const run of ['one', 'two']) {
      await autolab(root, ['launch', '--detach', '--run-id', run]);
      await until('it runs', () => existsSync(marker(run)));
      if (run === 'one') await autolab(root, ['cancel']);
    }
    write(root, 'experiments/iter1/runs/two/journal.jsonl', 'damaged\n');

    const abandoned = await autolabJson(root, ['cancel', '--force', '--by', 'ada', '--note', 'gone']);

    expect(abandoned.json['code'], abandoned.stderr).toBe('run.abandoned');
    expect(told(root)).toMatchObject([
      { run_id: 'one', outcome: 'cancelled' },
      { run_id: 'two', code: 'run.abandoned', notification_id: 'two.abandoned' },
    ]);
  });

  it('a dry run and a refused launch inform nobody', async () => {
    const root = makeProject({ state: { stage: 'design' } });
    notify(root, { command: command(root) });

    await autolab(root, ['launch', '--dry-run']);
    await autolab(root, ['launch']);

    expect(told(root)).toEqual([]);
    expect(existsSync(join(root, FOLDER))).toBe(false);
  });

  it('a folder that leads out of the project is not written to, and the run completes', async () => {
    const root = makeProject();
    const outside = temporaryFolder();
    notify(root, { command: command(root) });
    const { symlinkSync } = await import('node:fs');
    symlinkSync(outside, join(root, FOLDER));

    const launched = startAutolab(root, ['launch']);

    const ended = await launched.ended;
    expect(ended.status).toBe(0);
    expect(ended.stderr).toContain('leads out of the project');
    expect(readdirSync(outside)).toEqual([]);
  });
});
