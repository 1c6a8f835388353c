import { expect, test } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { makeProject } from '../support/project.ts';

test.each(['junk', '{}', 'null', ''])(
  'a receipt that the entrypoint wrote itself (%j) is not believed',
  async (text) => {
    const forge = `printf '%s' '${text}' > "$AUTOLAB_RUN_DIR/receipt/exit.json"\nprintf '%s' '${text}' > "$AUTOLAB_RUN_DIR/receipt/started.json"\n`;
    const root = makeProject({ entrypoint: `${forge}sleep 1.5\nexit 7\n` });
    const ended = await autolabJson(root, ['launch']);
    expect([ended.status, ended.json['code']]).toEqual([10, 'local.failed']);
    expect(ended.json['message']).toContain('exit code 7');
    expect((await autolabJson(root, ['manifest', '--check'])).status).toBe(0);
  },
);
