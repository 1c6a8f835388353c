import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { CLIENT_NAMES, connect, type Json } from '../support/mcp-clients.ts';
import { commitAll, read, readJson, temporaryFolder, write } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';

/**
 * An agent that knows nothing of autolab: it begins with the tool that the instructions name, then calls what `next_tool` says,
 * with the arguments that the input schema requires, taken from earlier answers.
 */

vi.setConfig({ testTimeout: SLOW_MS });

/** What its user told it. */
const GOAL: Json = {
  id: 'lr-sweep',
  command: ['bash', 'train.sh', '{{run_dir}}'],
  location: 'local',
  compute: { time: '00:05:00', memory: '1G' },
  metrics: ['accuracy:max'],
  baselines: ['majority=0.5'],
  artifacts: ['metrics.json'],
};
const MOST_CALLS = 60;

it.each(CLIENT_NAMES)(
  'client %s designs, waits for an approval that is given outside, launches, waits and extracts',
  async (client) => {
    const root = temporaryFolder();
    write(root, 'train.sh', 'echo training; echo \'{"accuracy": 0.75}\' > "$1/metrics.json"\n');
    commitAll(root);
    expect((await autolab(root, ['init'])).status).toBe(0);
    const agent = await connect(root, { client });
    const schemas = new Map(
      (await agent.tools()).map(({ name, inputSchema }) => [name as string, inputSchema as Json]),
    );
    const [, first = ''] = /call `(\w+)`/.exec(agent.instructions) ?? [];

    const called: string[] = [];
    const known: Json = {};
    let approval: Promise<Json> | null = null;
    let name: string | null = first;
    while (name !== null && called.length < MOST_CALLS) {
      const required = (schemas.get(name)?.['required'] ?? []) as string[];
      const needed = required.map((key) => [key, known[key] ?? known[`${key}_digest`]] as const);
      const answer = agent.call(name, name === 'new' ? GOAL : Object.fromEntries(needed));
      called.push(name);
      if (name === 'wait') approval ??= approve(root, known['next_command'] as string);
      const { isError, value, text } = await answer;
      expect(isError, `${name}: ${text}`).toBe(false);
      Object.assign(known, value);
      name = value['next_tool'] as string | null;
      if (called.includes('extract') && called.at(-1) === 'next') break;
    }

    expect([...new Set(called)]).toEqual(['next', 'new', 'wait', 'launch', 'extract']);
    expect(called.filter((one) => one === 'launch')).toHaveLength(1);
    expect(await approval).toMatchObject({ code: 'review.approved' });
    const [run = ''] = readdirSync(join(root, 'experiments/lr-sweep/runs'));
    expect(known).toMatchObject({ stage: 'update_docs', next_command: 'autolab document' });
    expect(readJson(root, `experiments/lr-sweep/analysis/${run}.json`)).toMatchObject({
      run: { run_id: run },
      verdict: 'better',
    });
    expect(read(root, `experiments/lr-sweep/review_result.json`)).toContain('"ada"');
  },
);

/** The user does in a terminal what the agent showed. */
async function approve(root: string, command: string): Promise<Json> {
  expect(command).toBe('autolab approve --by WHO');
  const words = command.replace('WHO', 'ada').split(' ').slice(1);
  return (await autolabJson(root, [...words, '--yes'])).json;
}
