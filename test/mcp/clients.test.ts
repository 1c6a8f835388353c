import { describe, expect, it, vi } from 'vitest';
import { approveDocuments } from '../support/approval.ts';
import { CLIENT_NAMES, connect, type Json } from '../support/mcp-clients.ts';
import { makeProject, read, readJson, runIds, startsOf, treeDigest } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';

/** `autolab mcp` with the protocol's official clients, old and new. */

vi.setConfig({ testTimeout: SLOW_MS });

/** What only a reviewer does. */
const DECISIONS = ['approve', 'reject', 'decide', 'review', 'reopen', 'backlog', 'abandon', 'unlock', 'advance', 'run'];

describe.each(CLIENT_NAMES)('client %s', (client) => {
  it('finds tools with schemas and annotations, and none of a reviewer; looking changes nothing', async () => {
    const root = makeProject();
    const before = treeDigest(root);
    const agent = await connect(root, { client });

    const tools = await agent.tools();
    for (const tool of tools) {
      expect(tool).toMatchObject({ inputSchema: { type: 'object' }, outputSchema: { type: 'object' } });
      expect(Object.keys(tool['annotations'] as Json)).toContain('readOnlyHint');
      expect((tool['description'] as string).length).toBeGreaterThan(40);
    }
    const names = tools.map(({ name }) => name as string);
    expect(names).toEqual(
      expect.arrayContaining([
        'next',
        'check',
        'launch',
        'wait',
        'status',
        'logs',
        'cancel',
        'runs',
        'show',
        'tasks',
        'compare',
        'verify',
        'extract',
        'new',
      ]),
    );
    expect(names.filter((name) => DECISIONS.includes(name))).toEqual([]);
    expect(agent.instructions).toContain('wait for the person');
    await agent.resources();
    const prompts = (await agent.prompts()).map(({ name }) => name as string);
    expect(prompts).toEqual(expect.arrayContaining(['design', 'implementation', 'launch', 'decide_repeat']));
    expect(await agent.prompt('design')).toContain('experiments/iter1/design.yaml');
    await agent.close();
    expect(treeDigest(root)).toBe(before);
  });

  it('checks, launches, waits and reads', async () => {
    const root = makeProject();
    const digest = approveDocuments(root);
    const agent = await connect(root, { client });

    const said = await agent.call('next');
    expect(said.value).toMatchObject({ who: 'autolab', next_tool: 'launch', approved_digest: digest });
    const checked = await agent.call('check');
    expect(checked).toMatchObject({
      isError: false,
      value: { next_tool: 'launch', plan: { approved_digest: digest } },
    });
    const launched = await agent.call('launch', { approved: digest });
    const [run = ''] = runIds(root);
    expect(launched).toMatchObject({ isError: false, value: { run_id: run } });
    const ended = launched.value['code'] === 'run.submitted' ? await agent.call('wait') : launched;

    expect(ended).toMatchObject({ isError: false, value: { code: 'run.completed', run_id: run, next_tool: 'next' } });
    expect(JSON.parse(ended.text)).toMatchObject({ code: 'run.completed', run_id: run });
    expect(startsOf(root, run)).toBe(1);
    expect((await agent.call('launch', { approved: digest })).value).toMatchObject({
      code: 'run.completed',
      run_id: run,
    });
    expect((await agent.call('runs')).value['runs']).toMatchObject([{ run_id: run, status: 'completed' }]);
    expect(await agent.call('verify', { run_id: run })).toMatchObject({ isError: false, value: { code: 'ok' } });
    const shown = await agent.call('show', { run_id: run });
    expect(shown).toMatchObject({
      isError: false,
      value: { run_id: run, run: { verdict: { code: 'run.completed' } } },
    });
    expect(await agent.call('compare', { runs: [run, `iter1/${run}`] })).toMatchObject({
      isError: false,
      value: { same: { inputs: null }, differences: [], compared: [{ run_id: run }, { run_id: run }] },
    });
    expect(await agent.call('compare', { runs: [run] })).toMatchObject({ isError: true, value: { code: 'usage' } });
    expect((await agent.call('runs', { where: ['status=failed'] })).value['runs']).toEqual([]);
    expect((await agent.call('logs')).value['logs']).toHaveProperty('logs/stdout.log');
    expect((await agent.call('status')).value).toMatchObject({
      code: 'run.none_active',
      stage_after: 'extract_results',
    });

    const uris = (await agent.resources()).map(({ uri }) => uri as string);
    const manifest = uris.find((uri) => uri.includes('/manifest')) ?? '';
    const screen = uris.find((uri) => uri.endsWith('/show')) ?? '';
    const journal = uris.find((uri) => uri.includes('/journal')) ?? '';
    const record = `experiments/iter1/runs/${run}`;
    expect(JSON.parse(await agent.read(manifest))).toEqual(readJson(root, `${record}/run_manifest.json`));
    expect(JSON.parse(await agent.read(screen))).toEqual(shown.value['run']);
    expect(await agent.read(journal)).toBe(read(root, `${record}/journal.jsonl`));
    expect(await agent.read('autolab://documents/design')).toBe(read(root, 'experiments/iter1/design.yaml'));
    expect(JSON.parse(await agent.read('autolab://errors'))).toHaveProperty(['review.stale', 'hint']);
  });

  it('gets a failure as a value of the catalogue, in the shape that the tool declares', async () => {
    const root = makeProject({ entrypoint: 'echo no luck >&2; exit 3\n' });
    const digest = approveDocuments(root);
    const agent = await connect(root, { client });
    await agent.tools();

    expect(await agent.call('launch', { approved: '0'.repeat(64) })).toMatchObject({
      isError: true,
      value: { code: 'review.stale', outcome: 'needs_retry' },
    });
    expect(await agent.call('verify', { run_id: 'none' })).toMatchObject({
      isError: true,
      value: { code: 'run.not_found' },
    });
    expect(await agent.call('wait')).toMatchObject({ isError: false, value: { code: 'run.none_active' } });
    await agent.call('launch', { approved: digest });
    const [run = ''] = runIds(root);
    const failed = await agent.call('wait', { run_id: run });
    expect(failed).toMatchObject({ isError: true, value: { code: 'local.failed', run_id: run } });
    const logs = await agent.call('logs', { stream: 'err' });
    expect(Object.values(logs.value['logs'] as Json).join('')).toContain('no luck');

    expect(await agent.call('launch', { approved: digest })).toMatchObject({
      isError: true,
      value: { code: 'local.failed', run_id: run, next_tool: 'logs', hint: expect.stringContaining(`after: "${run}"`) },
    });
    expect((await agent.call('next')).value).toMatchObject({
      next_tool: 'launch',
      approved_digest: digest,
      after: run,
    });
    expect((await agent.call('status')).value).toMatchObject({ approved_digest: digest, after: run });
    expect(await agent.call('launch', { approved: digest, after: 'zzz' })).toMatchObject({
      isError: true,
      value: { code: 'run.not_found', message: expect.stringContaining('"zzz"') },
    });
    const again = await agent.call('launch', { approved: digest, after: run });
    expect(again.value['run_id']).not.toBe(run);
    expect(runIds(root)).toHaveLength(2);
  });
});
