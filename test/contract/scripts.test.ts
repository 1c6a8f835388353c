import { describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { edit, makeProject, read, readJson, runIds, startsOf, write } from '../support/project.ts';

const SCRIPT = 'experiments/iter1/launch/run_local.sh';

async function handWritten(root: string, body: string): Promise<string> {
  const { stdout: prologue } = await autolab(root, ['lint-script', '--prologue']);
  return `#!/bin/bash\nset -euo pipefail\n${prologue}# nothing to activate\n${body}`;
}

const ENTRYPOINT = 'bash experiments/iter1/main.sh\n';

describe('launch scripts (R16, R25)', () => {
  it('renders the same bytes every time, and makes its own anew after the design changed', async () => {
    const root = makeProject({ state: { max_stage_attempts: 9 } });
    expect((await call(root, ['launch'])).status).toBe(0);
    const first = read(root, SCRIPT);
    expect(first.split('\n')[0]).toMatch(/^#!/);
    edit(root, '.autolab/state.json', (text) => text.replace(/"stage": "extract_results"/, '"stage": "launch"'));
    expect((await call(root, ['launch'])).status).toBe(0);
    expect(read(root, SCRIPT)).toBe(first);
    edit(root, '.autolab/state.json', (text) => text.replace(/"stage": "extract_results"/, '"stage": "launch"'));
    edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('"experiments/iter1/main.sh"', '"experiments/iter1/main.sh", "again"'));
    expect((await call(root, ['launch'])).status).toBe(0);
    expect(read(root, SCRIPT)).toMatch(/exec .*main\.sh again/);
  });

  it('runs a hand-written script that keeps the rules, and leaves it alone', async () => {
    const root = makeProject({ git: true });
    const script = await handWritten(root, `echo by hand\n${ENTRYPOINT}`);
    write(root, SCRIPT, script);
    expect((await call(root, ['lint-script', SCRIPT])).status).toBe(0);
    const ended = await call(root, ['launch']);
    expect(ended.json).toMatchObject({ outcome: 'completed' });
    expect(read(root, SCRIPT)).toBe(script);
    const manifest = readJson(root, `${String(ended.json['run_dir'])}/run_manifest.json`);
    expect(manifest['entrypoint']).toMatchObject({ script_source: 'hand_written' });
    expect(read(root, `${String(ended.json['run_dir'])}/logs/stdout.log`)).toContain('by hand');
    expect(startsOf(root, String(ended.json['run_id']))).toBe(1);
  });

  it.each([
    ['no prologue', () => Promise.resolve(`#!/bin/bash\nset -euo pipefail\n${ENTRYPOINT}`), /prologue/],
    ['no entrypoint', (root: string) => handWritten(root, 'echo hello\n'), /main\.sh/],
    ['a literal placeholder', (root: string) => handWritten(root, `echo "<RUN_ID>"\n${ENTRYPOINT}`), /<RUN_ID>/],
    ['a syntax error', (root: string) => handWritten(root, `${ENTRYPOINT}if true; then\n`), /bash cannot parse/],
    ['too many lines', (root: string) => handWritten(root, `${'# line\n'.repeat(200)}${ENTRYPOINT}`), /160/],
  ] as const)('refuses a script with %s, before anything is run', async (_what, make, message) => {
    const root = makeProject({ git: true });
    write(root, SCRIPT, await make(root));
    const before = read(root, SCRIPT);
    const linted = await callWithoutTrace(root, ['lint-script', SCRIPT]);
    expect(linted.status).toBe(10);
    const said = (linted.json['problems'] as { message: string }[]).map((problem) => problem.message).join('\n');
    expect(said).toMatch(message);
    const ended = await call(root, ['launch']);
    expect(ended.status).toBe(10);
    expect(ended.json['code']).toMatch(/^script\./);
    expect(ended.json['stage_after']).toBe('launch');
    expect(read(root, SCRIPT)).toBe(before);
    expect(runIds(root)).toEqual([]);
  });

  it('takes an edited script of its own for a hand-written one', async () => {
    const root = makeProject({ git: true });
    expect((await call(root, ['launch'])).status).toBe(0);
    edit(root, SCRIPT, (text) => text.replace('exec ', 'echo edited\nexec '));
    edit(root, '.autolab/state.json', (text) => text.replace(/"stage": "extract_results"/, '"stage": "launch"'));
    const ended = await call(root, ['launch']);
    expect(ended.status).toBe(0);
    expect(read(root, SCRIPT)).toContain('echo edited');
    expect(read(root, `${String(ended.json['run_dir'])}/logs/stdout.log`)).toContain('edited');
  });
});
