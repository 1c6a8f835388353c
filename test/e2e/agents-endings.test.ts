import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { agentProject, agentRecord } from '../support/agents.ts';
import { autolabJson, PROGRAM, startAutolab } from '../support/autolab.ts';
import { call } from '../support/contract.ts';
import { commitAll, read, temporaryFolder, until, write } from '../support/project.ts';
import { lives, stateOf } from '../support/runs.ts';

/** How an agent ends, and what remains of it: nothing. */

const LOGS = '.autolab/logs/agent-1-implementation';
const BASH_NOTE_PID = 'mkdir -p src; echo $BASHPID > src/pid\n';

function pidIn(root: string, path: string): number {
  return Number(read(root, path));
}

describe('an agent that', () => {
  it('never ends, and ignores SIGTERM, is ended at its limit', async () => {
    const agent = `${BASH_NOTE_PID}trap '' TERM\nwhile :; do sleep 1; done\n`;
    const root = agentProject({ agent, settings: 'timeout: "0:06"\n' });

    const ended = await call(root, ['run']);

    expect(ended).toMatchObject({
      status: 10,
      json: { code: 'agent.timeout', stage_attempt: 1, attempt_counted: true },
    });
    expect(ended.json['message']).toContain('6 s');
    expect(lives(pidIn(root, 'src/pid'))).toBe(false);
    expect(agentRecord(root)).toMatchObject({ code: 'agent.timeout', end: { timed_out: true, survivors: [] } });
  });

  it('leaves a child in a session of its own leaves none', async () => {
    const agent = `${BASH_NOTE_PID}setsid sleep 1000 > /dev/null 2>&1 &\necho $! > src/child\n`;
    const root = agentProject({ agent });

    const ended = await call(root, ['run']);

    expect(ended).toMatchObject({ status: 0, json: { code: 'ok', stage_after: 'implementation_review' } });
    expect(lives(pidIn(root, 'src/child'))).toBe(false);
    expect(agentRecord(root)['end'].left_running.join()).toContain('sleep');
  });

  it('fails is counted, and after the last attempt a person decides', async () => {
    const root = agentProject({ agent: 'echo no >&2; exit 3\n', state: { stage_attempt: 1 } });

    const first = await call(root, ['run']);
    const second = await call(root, ['run']);
    const third = await call(root, ['run']);

    expect(first).toMatchObject({ status: 10, json: { code: 'agent.failed', stage_attempt: 2 } });
    expect(first.json['message']).toContain('status 3');
    expect(first.json['hint']).toContain(`${LOGS}/stderr.log`);
    expect(second).toMatchObject({ status: 11, json: { code: 'agent.failed', stage_after: 'human_review' } });
    expect(third).toMatchObject({ status: 11, json: { code: 'state.human_review', attempt_counted: false } });
    expect(existsSync(join(root, '.autolab/logs/agent-3-implementation'))).toBe(false);
  });

  it('writes nothing has not done its stage, whatever it says', async () => {
    const root = agentProject({ agent: 'echo done\n', stage: 'design' });
    write(root, 'experiments/iter1/design.yaml', 'id: d1\n');

    const ended = await call(root, ['run']);

    expect(ended).toMatchObject({
      status: 10,
      json: { code: 'agent.not_done', stage_attempt: 1, stage_after: 'design' },
    });
    expect(ended.json['problems']).toContainEqual(
      expect.objectContaining({ file: 'experiments/iter1/design.yaml', pointer: '/entrypoint' }),
    );
  });

  it('prints without an end fills no disk', async () => {
    const agent = "head -c 60000000 /dev/zero | tr '\\0' a; echo; echo the end\n";
    const root = agentProject({ agent });

    const ended = await call(root, ['run']);

    expect(ended.status).toBe(0);
    const log = join(root, LOGS, 'stdout.log');
    expect(statSync(log).size).toBeLessThan(10_000_000);
    expect(readFileSync(log, 'latin1')).toMatch(/\[autolab: \d+ bytes were not kept\]\na+\nthe end\n$/);
    expect(agentRecord(root)['end'].stdout_bytes).toBe(60_000_009);
  });

  it('cannot be started costs no attempt', async () => {
    const root = agentProject({ agent: '' });
    write(root, '.autolab/agent.yaml', 'command: [no-such-agent]\n');

    const ended = await call(root, ['run']);

    expect(ended).toMatchObject({
      status: 10,
      json: { code: 'agent.not_started', stage_attempt: 0, attempt_counted: false },
    });
    expect(ended.json['message']).toContain('ENOENT');
  });

  it('calls autolab to move the workflow is refused, and so is a second run', async () => {
    const agent = `mkdir -p src\n${process.execPath} ${PROGRAM} advance > src/said 2>&1; echo $? > src/status\nuntil [ -e src/go ]; do sleep 0.1; done\n`;
    const root = agentProject({ agent });
    const running = startAutolab(root, ['run', '--json']);
    await until('the agent asked', () => existsSync(join(root, 'src/status')));

    const second = await call(root, ['run']);
    write(root, 'src/go', '');
    const first = await running.ended;

    expect(read(root, 'src/status')).toBe('13\n');
    expect(read(root, 'src/said')).toContain('autolab run');
    expect(second).toMatchObject({ status: 13, json: { code: 'lease.held' } });
    expect(second.json['hint']).toContain('Ctrl-C');
    expect(first.status).toBe(0);
  });
});

describe('an interrupt', () => {
  it('ends the agent, puts back what it did outside of its scope, and costs no attempt', async () => {
    const agent = `echo mine > README.md\n${BASH_NOTE_PID}sleep 1000\n`;
    const root = agentProject({ agent });
    const running = startAutolab(root, ['run', '--json']);
    await until('the agent works', () => existsSync(join(root, 'src/pid')));

    running.child.kill('SIGINT');
    const ended = await running.ended;

    expect(ended.status).toBe(130);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      code: 'interrupted',
      stage_attempt: 0,
      next_command: 'autolab run',
      stages: [{ who: 'agent', code: 'interrupted', outside: [{ path: 'README.md' }] }],
    });
    expect(read(root, 'README.md')).toBe('# The project\n');
    expect(lives(pidIn(root, 'src/pid'))).toBe(false);
    expect(stateOf(root)).toMatchObject({ stage: 'implementation', stage_attempt: 0 });
  });
});

describe('a second interrupt', () => {
  it('kills the agent and leaves; the next call puts back what it did', async () => {
    const agent = `[ -e src/second ] && exit 0\n${BASH_NOTE_PID}trap 'touch src/asked' TERM\necho mine > README.md; touch src/ready\nwhile :; do sleep 1; done\n`;
    const root = agentProject({ agent });
    const running = startAutolab(root, ['run', '--json']);
    await until('the agent works', () => existsSync(join(root, 'src/ready')));

    running.child.kill('SIGINT');
    await until('the agent was asked to end', () => existsSync(join(root, 'src/asked')));
    running.child.kill('SIGINT');
    const ended = await running.ended;
    write(root, 'src/second', '');
    const next = await call(root, ['run']);

    expect(ended.status).toBe(130);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      code: 'interrupted',
      message: 'Left at once; the agent was killed, and its changes are not put back yet.',
    });
    expect(next.json['stages'][0]).toMatchObject({ code: 'agent.out_of_scope', outside: [{ path: 'README.md' }] });
    expect(read(root, 'README.md')).toBe('# The project\n');
    expect(lives(pidIn(root, 'src/pid'))).toBe(false);
  });
});

describe('a project that its agent moves', () => {
  it('is put back where it is now', async () => {
    const root = join(temporaryFolder(), 'project');
    agentProject({ root, agent: '[ -e src ] && exit 0; mkdir src; echo mine > README.md; cd ..; mv project moved\n' });

    const first = await autolabJson('/', ['run', '-C', root]);
    const next = await call(join(root, '../moved'), ['run']);

    expect(first).toMatchObject({ status: 13, json: { code: 'project.moved' } });
    expect(next).toMatchObject({ status: 10, json: { code: 'agent.out_of_scope' } });
    expect(read(join(root, '../moved'), 'README.md')).toBe('# The project\n');
  });
});

describe('after autolab run was killed', () => {
  it('by its agent, nothing else begins before that agent is ended and its changes are put back', async () => {
    const agent = `echo mine > README.md; echo '{}' > experiments/iter1/review_result.json\n${BASH_NOTE_PID}kill -9 $PPID\nsleep 1000\n`;
    const root = agentProject({ agent });
    commitAll(root);
    const review = read(root, 'experiments/iter1/review_result.json');
    const running = startAutolab(root, ['run']);
    expect((await running.ended).signal).toBe('SIGKILL');
    await until('the agent works on', () => existsSync(join(root, 'src/pid')));

    const refused = await call(root, ['advance']);
    const [next, status] = [await call(root, ['next']), await call(root, ['status'])];
    const command = /autolab (run .*)$/.exec(refused.json['hint'] as string)?.[1] ?? '';
    const again = await call(root, command.split(' '));

    for (const { json: said } of [next, status]) {
      expect(said['message']).toContain('was killed while its agent worked at the stage implementation');
      expect(said['next_command']).toBe('autolab run --until implementation');
    }
    expect(refused).toMatchObject({ status: 13, json: { code: 'agent.left' } });
    expect(again).toMatchObject({
      status: 10,
      json: { code: 'agent.out_of_scope', stage_attempt: 1, stages: [{ code: 'agent.out_of_scope' }] },
    });
    expect(read(root, 'README.md')).toBe('# The project\n');
    expect(read(root, 'experiments/iter1/review_result.json')).toBe(review);
    expect(lives(pidIn(root, 'src/pid'))).toBe(false);
    expect(await call(root, ['advance'])).toMatchObject({ status: 0 });
  });

  it.each(['agent.kept', 'agent.working', 'agent.ended', 'agent.put_back'])(
    'at %s, the next call puts back what there is to put back, and does the stage',
    async (point) => {
      const agent = 'mkdir -p src; date >> src/starts\n[ -e src/second ] || echo mine > README.md\n';
      const root = agentProject({ agent });
      const killed = await startAutolab(root, ['run'], { env: { AUTOLAB_CRASH_AT: point } }).ended;
      expect(killed.signal).toBe('SIGKILL');
      write(root, 'src/second', '');

      const next = await autolabJson(root, ['run']);
      const last = next.status === 0 ? next : await autolabJson(root, ['run']);

      expect(last, last.stderr).toMatchObject({ status: 0, json: { stage_after: 'implementation_review' } });
      expect(read(root, 'README.md')).toBe('# The project\n');
      expect(existsSync(join(root, LOGS, 'before'))).toBe(false);
    },
  );
});
