import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { makeProject, read, runIds } from '../support/project.ts';
import { expectClosed, manifestOf, SLOW_MS } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const MARK = 'echo started >> "$AUTOLAB_RUN_DIR/marker"\n';
const DONE = 'echo \'{"accuracy": 1}\' > "$AUTOLAB_RUN_DIR/metrics.json"\n';
const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

/** Launches an entrypoint that leaves `metrics.jsonl` like that; the run, and what the record says of it. */
async function launched(make: string, end = DONE) {
  const root = makeProject({ entrypoint: `${MARK}cd "$AUTOLAB_RUN_DIR"\n${make}\n${end}` });
  const ended = await autolabJson(root, ['launch']);
  const [runId = ''] = runIds(root);
  return { root, runId, code: ended.json['code'], series: manifestOf(root, runId)['series']?.metrics };
}

describe('metrics.jsonl, which the entrypoint writes', () => {
  test('is in the record, and an output like any other', async () => {
    const { root, runId, series } = await launched(
      `printf '%s\\n' '{"step": 1, "loss": 0.5}' 'epoch 2' '{"step": 2, "loss": NaN, "acc": 0.25}' > metrics.jsonl`,
    );
    expectClosed(root, COMPLETED, 'metrics');
    const digest = createHash('sha256')
      .update(readFileSync(inRun(root, 'iter1', runId, 'metrics.jsonl')))
      .digest('hex');
    expect(series).toEqual({ points: 2, bad_lines: 1, names: ['acc', 'loss'], sha256: digest });
    expect(read(root, `experiments/iter1/runs/${runId}/artifacts.sha256`)).toContain(`${digest}  metrics.jsonl\n`);
    expect((await autolabJson(root, ['manifest', '--check'])).json['code']).toBe('ok');
    expect((await autolabJson(root, ['verify'])).json['code']).toBe('ok');
  });

  test('is in the record of a run that failed', async () => {
    const { code, series } = await launched(`echo '{"loss": 1}' > metrics.jsonl`, 'exit 3');
    expect([code, series?.points]).toEqual(['local.failed', 1]);
  });

  test.each([
    ['a fifo', 'mkfifo metrics.jsonl'],
    ['a folder', 'mkdir metrics.jsonl; echo x > metrics.jsonl/x'],
    ['a link out', `ln -s /etc/passwd metrics.jsonl`],
  ])('is not looked at if it is %s', async (_what, make) => {
    const { root, series } = await launched(make, `${DONE}rm -rf metrics.jsonl/x\n`);
    expect(series).toBeUndefined();
    expect(manifestOf(root, runIds(root)[0] ?? '')['series'].usage.points).toBeGreaterThan(0);
  });

  test('may have hostile names: the record has them as they are', async () => {
    const { root, runId, series } = await launched(
      String.raw`printf '%s\n' '{"__proto__": 1, "</script>": 2, "\u001b[31m\n{{x}}": 3, "größe": 4}' > metrics.jsonl`,
    );
    expect(series.names).toEqual(['\u001b[31m\n{{x}}', '</script>', '__proto__', 'größe']);
    expect((await autolab(root, ['show', runId])).stdout).not.toContain('\u001b[31m');
    expect((await autolabJson(root, ['manifest', '--check'])).json['code']).toBe('ok');
  });
});
