import { existsSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { autolab, startAutolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { edit, keepUntilEnd, read, readJson, treeDigest, write } from '../support/project.ts';
import { ranProject, WHO } from '../support/results.ts';
import { SLOW_MS, stateOf } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

/** `autolab document`: the table of results, and nothing else of the page. */

const PAGE = 'docs/results.md';
const UPDATE = 'experiments/iter1/docs_update.md';
const ROW =
  '| e1 | r1 | - | accuracy | 0.75 | +0.25 (published) | target met | [summary](../experiments/iter1/summary.md) |';

async function extracted(): Promise<string> {
  const root = await ranProject();
  expect((await autolab(root, ['extract'])).status).toBe(0);
  return root;
}

const setStage = (root: string, stage: string): void => {
  write(root, '.autolab/state.json', JSON.stringify({ ...stateOf(root), stage }));
};

describe('autolab document', () => {
  it('makes the page, moves on, and changes nothing the second time', async () => {
    const root = await extracted();

    const ended = await call(root, ['document']);

    expect(ended).toMatchObject({
      status: 0,
      json: {
        stage_before: 'update_docs',
        stage_after: 'decide_repeat',
        results_file: PAGE,
        update_file: UPDATE,
        rows: 1,
        changed: true,
      },
    });
    expect(read(root, PAGE)).toMatch(/^# Results\n\n<!-- autolab:results:begin .*-->\n\| experiment \|/);
    expect(read(root, PAGE)).toContain(`${ROW}\n<!-- autolab:results:end -->\n`);
    expect(read(root, UPDATE)).toContain('| e1 | r1 |');
    expect(existsSync(join(root, 'docs', '../experiments/iter1/summary.md'))).toBe(true);

    const before = [treeDigest(join(root, 'experiments')), treeDigest(join(root, 'docs')), stateOf(root)];
    expect(await call(root, ['document'])).toMatchObject({ status: 0, json: { changed: false } });
    expect([treeDigest(join(root, 'experiments')), treeDigest(join(root, 'docs')), stateOf(root)]).toEqual(before);
  });

  it('leaves the text around its marks byte for byte, line ends and byte order mark included', async () => {
    const root = await extracted();
    const around = ['\uFEFF# Ours\r\n\r\nText \t\r\n', '\r\nMore\u2028text, no last line end'];
    const begin = '  <!-- autolab:results:begin -->\r\n';
    const end = '<!-- autolab:results:end; ours -->\r\n';
    write(root, PAGE, `${around[0] ?? ''}${begin}an old table\r\n${end}${around[1] ?? ''}`);

    await autolab(root, ['document']);

    const text = read(root, PAGE);
    expect(text.startsWith(`${around[0] ?? ''}${begin}| experiment`)).toBe(true);
    expect(text.endsWith(`${ROW}\r\n${end}${around[1] ?? ''}`)).toBe(true);
    expect(text.replaceAll('\r\n', '')).not.toContain('\n');
  });

  it('has a row for every run that was analysed, in the order of their starts', async () => {
    const root = await extracted();
    setStage(root, 'launch');
    await call(root, ['launch', '--run-id', 'a-later-one']);
    await call(root, ['extract']);

    const ended = await call(root, ['document']);

    expect(ended.json['rows']).toBe(2);
    const runs = [...read(root, PAGE).matchAll(/^\| e1 \| (\S+) \|/gm)].map(([, run]) => run);
    expect(runs).toEqual(['r1', 'a-later-one']);
    expect(read(root, 'experiments/iter1/summary.md')).toMatch(/## Run r1\n[^#]*\n## Run a-later-one\n/);
  });

  it('says that design or target are not those of the launch', async () => {
    const root = await extracted();
    edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('value: 0.5', 'value: 0.6'));
    await call(root, ['extract', 'r1']);
    await call(root, ['document']);
    expect(read(root, PAGE)).toContain('| target met (design changed after the run) |');

    edit(root, '.autolab/backlog.yaml', (text) => text.replace('target_delta: 0.1', 'target_delta: 0.01'));
    const again = await call(root, ['extract', 'r1']);
    await call(root, ['document']);

    const words = 'target met (design changed after the run; target as of now)';
    expect(again.json['message']).toContain(words);
    expect(read(root, PAGE)).toContain(`| ${words} |`);
    expect(read(root, 'experiments/iter1/summary.md')).toContain(`**${words}**`);
  });

  it('names the completed runs that were not extracted, and no others', async () => {
    const root = await ranProject({ state: { max_stage_attempts: 9 } });
    setStage(root, 'launch');
    await call(root, ['launch', '--run-id', 'r2']);
    setStage(root, 'launch');
    edit(root, 'experiments/iter1/main.sh', (text) => `${text}exit 3\n`);
    expect((await call(root, ['launch', '--run-id', 'r3'])).status).not.toBe(0);
    write(
      root,
      '.autolab/state.json',
      JSON.stringify({ ...stateOf(root), stage: 'extract_results', last_run_id: 'r2' }),
    );
    await call(root, ['extract']);

    const ended = await call(root, ['document']);

    const line = 'Completed, but not extracted: r1 (autolab extract RUN).';
    expect(ended.json).toMatchObject({ not_extracted: ['r1'], rows: 1 });
    expect(ended.json['message']).toBe(`${PAGE} has a row for 1 run. ${line}`);
    expect(read(root, PAGE)).toContain(`|\n\n${line}\n<!-- autolab:results:end`);
    expect(read(root, UPDATE)).toContain(line);

    await call(root, ['extract', 'r1']);
    expect((await call(root, ['document'])).json).toMatchObject({ not_extracted: [], rows: 2 });
    expect(read(root, PAGE)).not.toContain('not extracted');
  });

  it.each([
    ['1700000123', '+1700000122.5'],
    ['0.8000000001', '+0.3000000001'],
    ['1.23456789012345678901', '+0.73456789012345678901'],
  ])('shows every digit of %s', async (value, delta) => {
    const root = await ranProject({ metrics: `{"accuracy": ${value}, "loss": 0.5}` });

    const ended = await call(root, ['extract']);
    await autolab(root, ['document']);

    expect(ended.json['message']).toContain(`accuracy is ${value}, target met (${delta.slice(1)} better than`);
    expect(read(root, 'experiments/iter1/summary.md')).toContain(
      `| accuracy | ${value} | maximize | ${delta.slice(1)} `,
    );
    expect(read(root, PAGE)).toContain(`| accuracy | ${value} | ${delta} (published) |`);
  });

  it.each([
    ['has one mark', '# Ours\n\n<!-- autolab:results:begin -->\n', 3],
    ['has a second pair', '<!-- autolab:results:begin -->\n<!-- autolab:results:end -->\n'.repeat(2), 3],
  ])('says where the page is damaged if it %s, and writes nothing', async (_, text, line) => {
    const root = await extracted();
    write(root, PAGE, text);

    expect(await call(root, ['document'])).toMatchObject({
      status: 10,
      json: {
        code: 'results.invalid',
        stage_after: 'update_docs',
        problems: [{ file: PAGE, line, column: 1, code: 'file.syntax' }],
      },
    });
    expect(read(root, PAGE)).toBe(text);
    expect(existsSync(join(root, UPDATE))).toBe(false);
  });

  it('refuses to drop an analysis that cannot be read', async () => {
    const root = await extracted();
    write(root, 'experiments/iter1/analysis/r0.json', '{"schema_version": "1.0"}\n');

    const ended = await call(root, ['document']);

    expect(ended).toMatchObject({ status: 10, json: { code: 'results.invalid' } });
    expect(ended.json['problems'][0]).toMatchObject({ file: 'experiments/iter1/analysis/r0.json' });
  });

  it('wants the analysis of the last run, and says how to get it', async () => {
    const root = await extracted();
    renameSync(join(root, 'experiments/iter1/analysis/r1.json'), join(root, 'kept.json'));

    const ended = await call(root, ['document']);

    expect(ended).toMatchObject({
      status: 10,
      json: { code: 'stage.incomplete', hint: 'Write it again: autolab extract' },
    });
    expect(await call(root, ['extract'])).toMatchObject({ status: 0 });
    expect(await call(root, ['document'])).toMatchObject({ status: 0 });
  });

  it('writes through a link within the project, and not out of it', async () => {
    const root = await extracted();
    mkdirSync(join(root, 'wiki'));
    write(root, 'wiki/ours.md', 'Ours\n');
    symlinkSync('../wiki/ours.md', join(root, PAGE));

    await autolab(root, ['document']);

    expect(read(root, 'wiki/ours.md')).toMatch(/^Ours\n\n<!-- autolab/);

    renameSync(join(root, PAGE), join(root, 'docs/old'));
    symlinkSync('/tmp/autolab-nowhere.md', join(root, PAGE));
    expect(await callWithoutTrace(root, ['document'])).toMatchObject({ status: 12, json: { code: 'path.escapes' } });
  });

  it('continues after a kill between any two of its writes', async () => {
    const whole = await extracted();
    await autolab(whole, ['document']);
    for (const point of [
      'write.results.md.renamed',
      'write.docs_update.md.renamed',
      'move.written',
      'move.state_written',
    ]) {
      const root = await extracted();
      expect((await autolab(root, ['document'], { env: { AUTOLAB_CRASH_AT: point } })).signal, point).toBe('SIGKILL');

      expect(await call(root, ['document']), point).toMatchObject({ status: 0 });

      expect(stateOf(root)['stage'], point).toBe('decide_repeat');
      expect(read(root, PAGE), point).toBe(read(whole, PAGE));
      expect(read(root, UPDATE), point).toBe(read(whole, UPDATE));
    }
  });

  it('may be called twice at once', async () => {
    const root = await extracted();

    const both = await Promise.all([0, 1].map(() => startAutolab(root, ['document', '--json']).ended));

    expect(both.map(({ status }) => status).toSorted((a, b) => Number(a) - Number(b))[0]).toBe(0);
    for (const { status } of both) expect([0, 13]).toContain(status);
    expect(read(root, PAGE).match(/autolab:results:begin/g)).toHaveLength(1);
    expect(stateOf(root)['stage']).toBe('decide_repeat');
  });

  it('refuses another stage and a closed experiment', async () => {
    const root = keepUntilEnd(await ranProject());

    const early = await callWithoutTrace(root, ['document']);
    expect(early).toMatchObject({ status: 12, json: { code: 'state.wrong_stage' } });
    expect(early.json['hint']).toContain('autolab extract');

    await autolab(root, ['extract']);
    edit(root, '.autolab/backlog.yaml', (text) => text.replace('    status: open', '    status: done'));
    expect(await callWithoutTrace(root, ['document'])).toMatchObject({ status: 12, json: { code: 'backlog.closed' } });
    await call(root, ['backlog', 'reopen', 'e1', ...WHO]);
    expect(await call(root, ['document'])).toMatchObject({ status: 0 });
    expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({ stage: 'update_docs', status: 'complete' });
  });
});

describe('what autolab writes about results', () => {
  it('makes no approval stale and no tree dirty', async () => {
    const root = await ranProject({ git: true, state: { max_stage_attempts: 9 } });
    write(root, '.autolab/launch.yaml', 'host_mode: local\nrequire_clean_tree: true\n');
    const code = (): unknown => readJson(root, 'experiments/iter1/runs/r1/run_manifest.json')['commit'];
    const first = code() as Record<string, unknown>;
    for (const words of [['extract'], ['document']]) expect((await autolab(root, words)).status).toBe(0);
    write(root, 'experiments/iter1/decision_result.json', '{}\n');
    setStage(root, 'launch');
    edit(root, 'experiments/iter1/review_result.json', (text) =>
      text.replace('{', `{ "approved": { "code": ${JSON.stringify(first['code_digest'])} },`),
    );

    const again = await call(root, ['launch', '--run-id', 'r2']);

    expect(again, again.stderr).toMatchObject({ status: 0, json: { code: 'run.completed' } });
    expect(readJson(root, 'experiments/iter1/runs/r2/run_manifest.json')['commit']).toMatchObject({
      code_digest: first['code_digest'],
      dirty: first['dirty'],
    });
  });
});
