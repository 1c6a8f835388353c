import { expect, test } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { makeProject, read, runIds } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';

test(
  'an entrypoint that takes longer than usual to save has the grace that the design gives it',
  async () => {
    const root = makeProject({
      compute: { time: '"00:00:05"', grace: 60 },
      entrypoint:
        'trap \'sleep 12; echo saved > "$AUTOLAB_RUN_DIR/saved"; exit 0\' TERM\nwhile :; do sleep 0.1; done\n',
    });

    const end = await autolabJson(root, ['launch']);

    expect([end.status, end.json['code']], end.stderr).toEqual([10, 'local.timeout']);
    expect(read(root, `experiments/iter1/runs/${runIds(root)[0] ?? ''}/saved`)).toBe('saved\n');
  },
  SLOW_MS,
);

test(
  'an entrypoint that was stopped continues, to save within its grace',
  async () => {
    const root = makeProject({
      compute: { time: '"00:00:05"', grace: 200 },
      entrypoint: 'trap \'echo saved > "$AUTOLAB_RUN_DIR/saved"; exit 0\' TERM\nkill -STOP $$\nsleep 0.1\n',
    });

    const end = await autolabJson(root, ['launch']);

    expect([end.status, end.json['code']], end.stderr).toEqual([10, 'local.timeout']);
    expect(read(root, `experiments/iter1/runs/${runIds(root)[0] ?? ''}/saved`)).toBe('saved\n');
  },
  SLOW_MS,
);
