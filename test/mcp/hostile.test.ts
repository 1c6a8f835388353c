import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { approveDocuments } from '../support/approval.ts';
import { connect, type Json } from '../support/mcp-clients.ts';
import { makeProject, temporaryFolder, treeDigest, write } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';

/** Whatever an agent passes: the answer is a code, nothing is touched, and the server goes on. */

vi.setConfig({ testTimeout: SLOW_MS });

const LONG = 'x'.repeat(1_000_000);
const HOSTILE_TEXTS = [
  ...['', ' ', '../../etc/passwd', '/etc/passwd', '..', '.', '-rf', '--help', '--force', 'a\u0000b', 'a\nb', LONG],
  ...['constructor', '__proto__', 'toString', '{{run_id}}', '$(touch x)', '\u202e\ud800', 'iter1/../../x/r'],
];
/** Not of the type that the schema says. */
const WRONG: readonly unknown[] = [null, 7, -1, 1e308, true, [], {}, [[]], { a: { b: LONG } }];

const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  launch: ['approved', 'after'],
  wait: ['run_id', 'seconds'],
  logs: ['run_id', 'stream', 'lines', 'grep'],
  runs: ['all', 'limit'],
  verify: ['run_id'],
  new: ['id', 'command', 'compute', 'metrics', 'from', 'location'],
};

describe('hostile arguments', () => {
  it.each(Object.entries(ARGUMENTS))('of %s are values with a code, and change nothing', async (tool, names) => {
    const root = makeProject();
    approveDocuments(root);
    const before = treeDigest(root);
    const agent = await connect(root);
    await agent.tools();

    const calls: Json[] = names.flatMap((name) => [...HOSTILE_TEXTS, ...WRONG].map((value) => ({ [name]: value })));
    calls.push({ unknown: 1 }, JSON.parse('{"__proto__": {"a": 1}, "constructor": 1}') as Json, { [LONG]: 1 });
    // These would be names like any other.
    const asked = calls.filter((given) => !['constructor', 'toString'].includes(given['id'] as string));
    for (const given of asked) {
      const answer = await agent.call(tool, tool === 'new' && !('id' in given) ? { id: '../x', ...given } : given);
      const [name = ''] = Object.keys(given);
      expect(typeof answer.value['code'], name).toBe('string');
      expect(answer.value['code'], JSON.stringify(given).slice(0, 200)).not.toBe('internal');
      expect(answer.text.length).toBeLessThan(20_000);
    }
    expect(treeDigest(root)).toBe(before);
    expect((await agent.call('status')).value).toMatchObject({ code: 'run.none_active', stage_after: 'launch' });
  });

  it('of resources and prompts, and names that nobody has, are errors of that request alone', async () => {
    const root = makeProject();
    const secret = temporaryFolder();
    write(secret, 'journal.jsonl', 'secret\n');
    const agent = await connect(root);

    for (const uri of [
      ...[
        'autolab://runs/..%2F..%2F..%2Fx/journal',
        'autolab://runs/__proto__/manifest',
        'autolab://documents/toString',
      ],
      ...[
        `autolab://runs/${encodeURIComponent(`${secret}/`)}/journal`,
        'file:///etc/passwd',
        'autolab://',
        `autolab://${LONG}`,
      ],
      ...['autolab://documents/../../etc/passwd', 'autolab://runs/%E0%A4%A/journal'],
    ])
      await expect(agent.read(uri), uri.slice(0, 100)).rejects.toThrow();
    for (const name of ['nothing', '__proto__', 'constructor', 'approve', 'unlock', LONG]) {
      await expect(agent.call(name), name.slice(0, 100)).rejects.toThrow();
      await expect(agent.prompt(name), name.slice(0, 100)).rejects.toThrow();
    }
    expect((await agent.call('next')).value).toMatchObject({ stage: 'launch' });
  });

  it('in the words of a new experiment are refused as control characters', async () => {
    const root = makeProject();
    const before = treeDigest(root);
    const agent = await connect(root);
    for (const given of [{ note: 'x\u0000' }, { hypothesis: 'a\u001bb' }, { metrics: ['a\u0007:max'] }]) {
      const answer = await agent.call('new', { id: 'e9', command: ['true'], ...given });
      expect(answer).toMatchObject({ isError: true, value: { code: 'usage' } });
      expect(answer.value['message']).toContain('control characters');
    }
    expect(treeDigest(root)).toBe(before);
  });

  it('of tasks: a list outside of the project is not read', async () => {
    const root = makeProject();
    const before = treeDigest(root);
    const agent = await connect(root);
    for (const list of ['/etc/passwd.csv', '../x.csv', 'a/../../x.csv', '~/x.csv']) {
      const answer = await agent.call('new', { id: 'e9', command: ['true', '{{task.a}}'], list });
      expect(answer).toMatchObject({ isError: true, value: { code: 'usage' } });
      expect(answer.value['message']).toContain('takes a path in the project');
    }
    expect(treeDigest(root)).toBe(before);
  });

  it('of logs that a run replaced by links are not followed', async () => {
    const root = makeProject();
    const digest = approveDocuments(root);
    const secret = join(temporaryFolder(), 'logs');
    write(secret, 'stdout.log', 'secret\n');
    write(secret, 'stderr.log', 'secret\n');
    const agent = await connect(root);
    const run = (await agent.call('launch', { approved: digest })).value['run_id'] as string;
    await agent.call('wait', { run_id: run });
    expect((await agent.call('logs')).value['code']).toBe('ok');

    const folder = join(root, 'experiments/iter1/runs', run);
    const refused = async (): Promise<void> => {
      const answer = await agent.call('logs');
      expect(answer).toMatchObject({ isError: true, value: { code: 'path.escapes' } });
      expect(answer.value['message']).toContain('logs/stdout.log');
      expect(answer.text).not.toContain('secret');
    };
    rmSync(join(folder, 'logs/stdout.log'));
    symlinkSync(join(secret, 'stdout.log'), join(folder, 'logs/stdout.log'));
    await refused();
    renameSync(join(folder, 'logs'), join(folder, 'old'));
    symlinkSync(secret, join(folder, 'logs'));
    await refused();
    rmSync(join(folder, 'logs'));
    renameSync(join(folder, 'old'), join(folder, 'logs'));
    rmSync(join(folder, 'logs/stdout.log'));
    renameSync(join(root, 'experiments/iter1'), join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), join(root, 'experiments/iter1'));
    expect((await agent.call('logs')).value['code']).toBe('ok');
    const moved = join(root, 'elsewhere/runs', run);
    renameSync(moved, join(root, 'away'));
    symlinkSync(join(root, 'away'), moved);
    write(root, 'away/logs/stdout.log', 'secret\n');
    await refused();
  });

  it('a state that names another folder leads nowhere', async () => {
    const root = makeProject();
    const other = temporaryFolder();
    write(other, 'design.yaml', 'secret: 1\n');
    write(
      root,
      '.autolab/state.json',
      JSON.stringify({ iteration_id: `../../..${other}`, experiment_id: 'e1', stage: 'launch' }),
    );
    const agent = await connect(root);

    await expect(agent.read('autolab://documents/design')).rejects.toThrow();
    const answer = await agent.call('next');
    expect(answer).toMatchObject({ isError: true });
    expect(answer.text).not.toContain('secret');
  });

  it('without a project every tool says so; the project may be made meanwhile', async () => {
    const root = temporaryFolder();
    const agent = await connect(root);
    for (const { name } of await agent.tools()) {
      const given = name === 'launch' ? { approved: '0'.repeat(64) } : name === 'new' ? { id: 'x' } : {};
      const answer = await agent.call(name as string, given);
      expect(answer, name as string).toMatchObject({ isError: true, value: { code: 'project.not_found' } });
    }
    makeProject({ root });
    expect((await agent.call('next')).value).toMatchObject({ stage: 'launch' });
  });
});
