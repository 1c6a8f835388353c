import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { cleanEnvironment, inRun, startAutolab } from '../support/autolab.ts';
import { killedAt } from '../support/crashes.ts';
import { makeProject, temporaryFolder, write } from '../support/project.ts';
import { begun, letEnd, SLOW_MS, supervisorOf, WAITING } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const HELD_BACK = 'NODE_EXTRA_CA_CERTS';
const ENTRYPOINT = `env -0 > "$AUTOLAB_RUN_DIR/environment"\n${WAITING}`;

/** Without what autolab and bash set, and what vitest adds to its workers while they run. */
function variablesOf(entries: readonly string[]): readonly string[] {
  return entries.filter((entry) => !/^(AUTOLAB_\w+|PWD|OLDPWD|SHLVL|_|TMPDIR)=/.test(entry) && entry !== '').sort();
}

function environmentOf(path: string): readonly string[] {
  return readFileSync(path, 'utf8').split('\0');
}

/** A file that can be read, so that Node says nothing about it; its name is one of those that are easily lost. */
function certificates(): string {
  const folder = temporaryFolder();
  write(folder, 'a b="c".pem', '');
  return `${folder}/a b="c".pem`;
}

test.each([
  ['unset', () => undefined],
  ['empty', () => ''],
  ['set', certificates],
])('the entrypoint sees the environment of the caller: %s', async (_what, value) => {
  const env = { [HELD_BACK]: value(), EMPTY: '', ODD: 'a=b\nc' };
  const caller = Object.entries(cleanEnvironment(env)).flatMap(([name, text]) =>
    text === undefined ? [] : [`${name}=${text}`],
  );
  // The first launch starts its supervisor while it is prepared, the second one starts another when it continues.
  for (const place of [null, 'execute.ordered']) {
    const root = makeProject({ entrypoint: ENTRYPOINT });
    if (place !== null) await killedAt(root, place, ['launch']);
    const driver = startAutolab(root, ['launch'], { env });
    const runId = await begun(root);
    const own = environmentOf(`/proc/${await supervisorOf(root, runId)}/environ`);
    expect(own.filter((entry) => entry.startsWith(`${HELD_BACK}=/`))).toEqual([]);
    letEnd(root, runId);
    expect((await driver.ended).status).toBe(0);
    const seen = environmentOf(inRun(root, 'iter1', runId, 'environment'));
    expect(variablesOf(seen)).toEqual(variablesOf(caller));
  }
});
