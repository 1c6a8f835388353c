import { describe, expect, it, vi } from 'vitest';
import { approveDocuments } from '../support/approval.ts';
import { autolabJson } from '../support/autolab.ts';
import { connect } from '../support/mcp-clients.ts';
import { edit, makeProject, runIds } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';

/** What the tools say between two runs, and before the first. */

vi.setConfig({ testTimeout: SLOW_MS });

describe('wait without an active run', () => {
  it.each([
    ['exit 3', 'local.failed', 'autolab launch'],
    [`echo '{"accuracy": 1}' > "$AUTOLAB_RUN_DIR/metrics.json"`, 'run.completed', 'autolab extract'],
  ])('says what came of the last one: %s', async (entrypoint, code, command) => {
    const root = makeProject({ entrypoint: `${entrypoint}\n` });
    approveDocuments(root);
    await autolabJson(root, ['launch']);
    const agent = await connect(root);
    const { value, isError } = await agent.call('wait');
    expect(value).toMatchObject({ code, run_id: runIds(root)[0], next_tool: 'next' });
    expect(value['hint']).toContain(command);
    expect(isError).toBe(code === 'local.failed');
  });
});

describe('check before the approval', () => {
  it('lists what is wrong, or says that nothing is', async () => {
    const root = makeProject({ state: { stage: 'implementation_review' } });
    const agent = await connect(root);
    expect(await agent.call('check')).toMatchObject({ isError: false, value: { code: 'ok', next_tool: 'next' } });
    edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('location: local', 'location: moon'));
    const { isError, value } = await agent.call('check');
    expect({ isError, value }).toMatchObject({ isError: true, value: { code: 'stage.incomplete' } });
    expect(value['problems']).toMatchObject([
      { file: 'experiments/iter1/design.yaml', line: expect.any(Number) as number },
    ]);
  });
});
