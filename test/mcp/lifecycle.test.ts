import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { approveDocuments } from '../support/approval.ts';
import { autolabJson, cleanEnvironment, PROGRAM } from '../support/autolab.ts';
import { CLIENT_NAMES, connect } from '../support/mcp-clients.ts';
import { edit, makeProject, runIds, startsOf, until, write } from '../support/project.ts';
import { begun, isStopped, kill, letEnd, lives, SLOW_MS, stateOf, WAITING } from '../support/runs.ts';

/** Clients come and go; a run is not theirs. */

vi.setConfig({ testTimeout: SLOW_MS });

function waiting(): { readonly root: string; readonly digest: string } {
  const root = makeProject({ entrypoint: WAITING });
  return { root, digest: approveDocuments(root) };
}

/** Processes that launch or continue a run of this project. */
function driversOf(root: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
        return words.includes(root) && words.some((word) => ['launch', 'resume'].includes(word));
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe('a call that lasts longer than the client waits', () => {
  it.each(CLIENT_NAMES)('ends for client %s, and not for the run', async (client) => {
    const { root, digest } = waiting();
    const agent = await connect(root, { client });
    expect((await agent.call('launch', { approved: digest })).value).toMatchObject({ code: 'run.submitted' });
    const run = await begun(root);

    await expect(agent.call('wait', { seconds: 45 }, { timeout: 1500 })).rejects.toThrow(/timed out/i);
    const stop = new AbortController();
    const cancelled = agent.call('wait', { seconds: 45 }, { signal: stop.signal });
    stop.abort();
    await expect(cancelled).rejects.toThrow();
    expect((await agent.call('status')).value).toMatchObject({ run_id: run, step: 'execute' });
    letEnd(root, run);

    expect((await agent.call('wait')).value).toMatchObject({ code: 'run.completed', run_id: run });
    expect(startsOf(root, run)).toBe(1);
  });

  it('is bounded, says how far it has come, and can be called again', async () => {
    const { root, digest } = waiting();
    const agent = await connect(root);
    await agent.call('launch', { approved: digest });
    const run = await begun(root);

    const said: string[] = [];
    const onprogress = ({ message }: { message?: string | undefined }): void => void said.push(message ?? '');
    const answer = await agent.call('wait', { seconds: 3 }, { onprogress });
    expect(answer).toMatchObject({
      isError: false,
      value: { code: 'run.still_going', run_id: run, next_tool: 'wait' },
    });
    expect(said.join(' ')).toContain(run);
    letEnd(root, run);
    expect((await agent.call('wait', { run_id: run })).value).toMatchObject({ code: 'run.completed' });
  });
});

describe('a client that goes away', () => {
  it.each(['launch.looked', 'claim.made', 'claim.pending_noted'])(
    'in the middle of launch, at %s, and calls again gets the same run',
    async (point) => {
      const { root, digest } = waiting();
      const agent = await connect(root, { env: { AUTOLAB_STOP_AT: point } });
      const lost = agent.call('launch', { approved: digest }).catch(() => null);
      await until('the launch stops there', () => driversOf(root).some(isStopped));
      const [driver = 0] = driversOf(root);
      kill(agent.pid);
      await lost;

      expect(lives(driver)).toBe(true);
      const second = await connect(root);
      const answer = second.call('launch', { approved: digest });
      if (point === 'launch.looked') await begun(root);
      kill(driver, 'SIGCONT');
      const { value } = await answer;
      const run = await begun(root);
      expect(value).toMatchObject({ code: 'run.submitted', run_id: run });
      letEnd(root, run);
      expect((await second.call('wait')).value).toMatchObject({ code: 'run.completed', run_id: run });
      expect(runIds(root)).toEqual([run]);
      expect(startsOf(root, run)).toBe(1);
    },
  );

  it('in the middle of launch, with its driver, gets the run continued', async () => {
    const { root, digest } = waiting();
    const agent = await connect(root);
    await agent.call('launch', { approved: digest });
    const run = await begun(root);
    kill(agent.pid);
    for (const pid of driversOf(root)) kill(pid);

    const second = await connect(root);
    expect((await second.call('launch', { approved: digest })).value).toMatchObject({
      code: 'run.submitted',
      run_id: run,
    });
    for (const pid of driversOf(root)) kill(pid);
    await until('nobody drives', () => driversOf(root).length === 0);
    letEnd(root, run);
    expect((await second.call('wait')).value).toMatchObject({ code: 'run.completed', run_id: run });
    expect(startsOf(root, run)).toBe(1);
  });

  it('ends the server without a kill, and the run goes on to its recorded end', async () => {
    const { root, digest } = waiting();
    const server = rawServer(root);
    server.send({ id: 1, method: 'initialize', params: INITIALIZE });
    server.send({ method: 'notifications/initialized' });
    server.send({ id: 2, method: 'tools/call', params: { name: 'launch', arguments: { approved: digest } } });
    const run = await begun(root);
    server.send({ id: 3, method: 'tools/call', params: { name: 'wait', arguments: {} } });
    await until('the launch is answered', () => server.stdout().includes('"id":2'));
    server.end();

    expect(await server.ended).toEqual({ status: 0, signal: null });
    letEnd(root, run);
    await until('the driver records the end', () => stateOf(root)['stage'] === 'extract_results');
    expect(runIds(root)).toEqual([run]);
  });

  it('after a message of more than 10 MiB finds the server ended', async () => {
    const { root } = waiting();
    const server = rawServer(root);
    server.sendText(`{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(11 * 1024 * 1024)}"}\n`);
    expect(await server.ended).toEqual({ status: 0, signal: null });
  });

  it('that sends SIGTERM ends the server, too', async () => {
    const { root } = waiting();
    const server = rawServer(root);
    server.send({ id: 1, method: 'initialize', params: INITIALIZE });
    await until('it is answered', () => server.stdout().includes('"id":1'));
    kill(server.pid, 'SIGTERM');
    expect(await server.ended).toEqual({ status: 0, signal: null });
  });
});

describe('a launch that is checked for longer than a client waits', () => {
  it('says so, and the same call joins it', async () => {
    const { root, digest } = waiting();
    // Seconds pass 8 times as fast.
    const env = { AUTOLAB_STOP_AT: 'launch.looked', AUTOLAB_TEST_SPEED: '8' };
    const agent = await connect(root, { env });

    const early = await agent.call('launch', { approved: digest });
    expect(early).toMatchObject({
      isError: false,
      value: { code: 'run.still_going', run_id: null, next_tool: 'launch' },
    });
    await until('the launch stands there', () => driversOf(root).some(isStopped));
    const again = agent.call('launch', { approved: digest });
    for (const pid of driversOf(root)) kill(pid, 'SIGCONT');
    const run = await begun(root);
    expect((await again).value).toMatchObject({ code: 'run.submitted', run_id: run });
    letEnd(root, run);
    expect((await agent.call('wait')).value).toMatchObject({ code: 'run.completed', run_id: run });
    expect(runIds(root)).toEqual([run]);
  });
});

describe('two clients at once', () => {
  it('launch one run, and both follow it to its end', async () => {
    const { root, digest } = waiting();
    const agents = await Promise.all([connect(root), connect(root, { client: '1.17' })]);

    const launched = await Promise.all(agents.map((agent) => agent.call('launch', { approved: digest })));
    const run = await begun(root);
    for (const { value } of launched) expect(value).toMatchObject({ code: 'run.submitted', run_id: run });
    const ended = agents.map((agent) => agent.call('wait'));
    letEnd(root, run);
    for (const { value } of await Promise.all(ended))
      expect(value).toMatchObject({ code: 'run.completed', run_id: run });
    expect(runIds(root)).toEqual([run]);
    expect(startsOf(root, run)).toBe(1);
  });

  it('beside a terminal: who holds the run drives, and wait observes; cancel asks the driver', async () => {
    const { root } = waiting();
    const terminal = autolabJson(root, ['launch']);
    const run = await begun(root);
    const agent = await connect(root);

    expect((await agent.call('wait', { seconds: 1 })).value).toMatchObject({ code: 'run.still_going', run_id: run });
    const stopped = await agent.call('cancel');
    expect(stopped).toMatchObject({ isError: false, value: { code: 'run.cancelled', run_id: run } });
    expect((await terminal).json).toMatchObject({ run_id: run, code: 'run.cancelled' });
    expect((await agent.call('wait', { run_id: run })).value).toMatchObject({ code: 'run.cancelled' });
  });
});

describe('many calls at once', () => {
  it('are all answered, and nothing is said on stderr', async () => {
    const server = rawServer(makeProject());
    server.send({ id: 1, method: 'initialize', params: INITIALIZE });
    server.send({ method: 'notifications/initialized' });
    for (let id = 2; id <= 60; id += 1)
      server.send({ id, method: 'tools/call', params: { name: 'next', arguments: {} } });
    await until('all are answered', () => server.stdout().split('\n').length > 60);
    server.end();
    await server.ended;
    expect(server.stderr()).not.toContain('MaxListeners');
  });
});

describe('the reviewer', () => {
  it('lets the approval run again: next says after which run, and that launch is one new run', async () => {
    const root = makeProject({ git: true });
    const digest = approveDocuments(root);
    expect(await autolabJson(root, ['launch', '--approved', digest])).toMatchObject({ status: 0 });
    const [first = ''] = runIds(root);
    const agent = await connect(root);
    expect((await agent.call('next')).value['after']).toBeNull();
    expect(await autolabJson(root, ['rerun', '--by', 'ada'])).toMatchObject({ status: 0 });

    expect((await agent.call('launch', { approved: digest })).value).toMatchObject({
      ...{ run_id: first, next_tool: 'next', hint: expect.stringContaining(`after: "${first}"`) },
    });
    const { value } = await agent.call('next');
    expect(value).toMatchObject({ next_tool: 'launch', approved_digest: digest, after: first });
    const given = { approved: value['approved_digest'] as string, after: value['after'] as string };
    const second = (await agent.call('launch', given)).value['run_id'] as string;
    await agent.call('wait', { run_id: second });

    expect(second).not.toBe(first);
    expect((await agent.call('launch', given)).value['run_id']).toBe(second);
    expect((await agent.call('launch', { approved: digest })).value['run_id']).toBe(second);
    expect(runIds(root)).toHaveLength(2);
  });

  it('decides outside: wait sees the approval, and launch takes it', async () => {
    const root = makeProject({ state: { stage: 'implementation_review' } });
    const agent = await connect(root);
    expect((await agent.call('next')).value).toMatchObject({ who: 'reviewer', next_tool: 'wait' });
    expect((await agent.call('wait', { seconds: 1 })).value).toMatchObject({
      code: 'run.none_active',
      next_tool: 'wait',
    });

    const seen = agent.call('wait');
    const digest = approveDocuments(root);
    edit(root, '.autolab/state.json', (text) => text.replace('implementation_review', 'launch'));
    await seen;
    const { value } = await agent.call('next');
    expect(value).toMatchObject({ who: 'autolab', next_tool: 'launch', approved_digest: digest });
    expect((await agent.call('launch', { approved: digest })).isError).toBe(false);
  });

  it('approves again where the review names no digests, which launch needs', async () => {
    const root = makeProject();
    const agent = await connect(root);
    expect((await agent.call('next')).value).toMatchObject({
      ...{ who: 'reviewer', next_command: 'autolab approve --by WHO', approved_digest: null, next_tool: 'wait' },
    });
    const seen = agent.call('wait');
    const digest = approveDocuments(root);
    expect((await seen).value).toMatchObject({ next_tool: 'next' });
    expect((await agent.call('next')).value).toMatchObject({ next_tool: 'launch', approved_digest: digest });
  });

  it('has changed something since: launch of the older approval is refused, and nothing runs', async () => {
    const { root, digest } = waiting();
    edit(root, 'experiments/iter1/design.yaml', (text) => `${text}# later\n`);
    const agent = await connect(root);
    expect(await agent.call('launch', { approved: digest })).toMatchObject({
      isError: true,
      value: { code: 'review.stale', next_tool: 'next' },
    });
    approveDocuments(root);
    edit(root, '.autolab/state.json', (text) => text.replace('implementation_review', 'launch'));
    expect((await agent.call('launch', { approved: digest })).value).toMatchObject({ code: 'review.stale' });
    expect(runIds(root)).toEqual([]);
  });
});

const INITIALIZE = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };

interface RawServer {
  readonly pid: number;
  readonly send: (message: Record<string, unknown>) => void;
  readonly sendText: (text: string) => void;
  readonly end: () => void;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<{ status: number | null; signal: string | null }>;
}

/** Without a client: what is sent, and every byte that comes back. */
function rawServer(root: string, env: Readonly<Record<string, string>> = {}): RawServer {
  const child = spawn(process.execPath, [PROGRAM, '-C', root, 'mcp'], {
    cwd: root,
    env: cleanEnvironment(env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stdin.on('error', () => undefined);
  const sendText = (text: string): void => void child.stdin.write(text);
  return {
    pid: child.pid ?? 0,
    sendText,
    send: (message) => {
      sendText(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    },
    end: () => child.stdin.end(),
    stdout: () => stdout,
    stderr: () => stderr,
    ended: new Promise((resolve) => {
      child.on('close', (status, signal) => {
        resolve({ status, signal });
      });
    }),
  };
}

describe('stdout', () => {
  it('has nothing but the protocol, whatever is printed and sent', async () => {
    const noisy =
      'echo started >> "$AUTOLAB_RUN_DIR/marker"; echo half a line; printf noise; echo "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n';
    const root = makeProject({ entrypoint: noisy, activation: 'printf activation; echo more >&2\n' });
    const digest = approveDocuments(root);
    write(
      root,
      'preload.cjs',
      'console.log("from a preload");\nsetInterval(() => console.log("tick"), 200).unref();\n',
    );
    const server = rawServer(root, { NODE_OPTIONS: '', NODE_DEBUG: 'timer' });
    server.sendText('no json\n{"half":\n\n[]\n{"jsonrpc":"2.0","id":"x"}\n{"jsonrpc":"1.0","id":9,"method":"ping"}\n');
    server.send({ id: 1, method: 'initialize', params: INITIALIZE });
    server.send({ method: 'notifications/initialized' });
    const call = (id: number, name: string, given: Record<string, unknown> = {}): void => {
      server.send({ id, method: 'tools/call', params: { name, arguments: given } });
    };
    call(2, 'check');
    call(3, 'launch', { approved: digest });
    call(4, 'nothing');
    server.send({ id: 5, method: 'no/such' });
    server.send({ method: 'notifications/cancelled', params: { requestId: 99 } });
    await until('the launch is answered', () => server.stdout().includes('"id":3'));
    call(6, 'wait');
    await until('the run has ended', () => server.stdout().includes('"id":6'));
    call(7, 'verify');
    await until('it is verified', () => server.stdout().includes('"id":7'));
    server.end();
    await server.ended;

    const lines = server.stdout().trimEnd().split('\n');
    const messages = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const message of messages) expect(message).toMatchObject({ jsonrpc: '2.0' });
    const answers = messages.map(({ id }) => id).filter((id) => typeof id === 'number');
    expect(answers.toSorted()).toEqual(expect.arrayContaining([1, 2, 3, 4, 5, 6, 7]));
    expect(startsOf(root, runIds(root)[0] ?? '')).toBe(1);
  });

  it('is asked for in no other form', async () => {
    const root = makeProject();
    expect(await autolabJson(root, ['mcp'])).toMatchObject({ status: 2, json: { code: 'usage' } });
  });
});
