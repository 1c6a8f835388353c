import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { sha256 } from '../platform/ids.ts';
import { formatInputList, inputDigest, inputLines } from '../records/input-list.ts';
import { INPUTS_CHANGED_STATUS } from '../schedulers/script-statuses.ts';
import { inputsCheckScript } from './inputs-check.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const LARGE = Buffer.alloc(700_000, 'large');

/** A project with two inputs, of which one is large, and an `openssl` that writes down what it is asked. */
function project(openssl: string, names: readonly string[] = ['a', 'b c', 'star *x']) {
  const root = mkdtempSync(join(tmpdir(), 'autolab-inputs-'));
  folders.push(root);
  for (const folder of ['bin', 'run/receipt', 'data', 'more']) mkdirSync(join(root, folder), { recursive: true });
  for (const name of names) writeFileSync(join(root, 'data', name), LARGE);
  writeFileSync(join(root, 'more/x'), 'x');
  const digest = sha256(LARGE);
  const data = inputLines(names.map((name) => ({ path: `data/${name}`, bytes: LARGE.length, sha256: digest })));
  const more = inputLines([{ path: 'more/x', bytes: 1, sha256: sha256('x') }]);
  const list = [
    { path: 'data', lines: data },
    { path: 'more', lines: more },
  ];
  writeFileSync(join(root, 'run/inputs.sha256'), formatInputList(list));
  const real = execFileSync('bash', ['-c', 'type -P openssl'], { encoding: 'utf8' }).trim();
  const text = `#!/bin/bash\nprintf '%s\\n' "$@" >> '${root}/asked'\n${openssl.replace('REAL', `exec '${real}' "$@"`)}\n`;
  writeFileSync(join(root, 'bin/openssl'), text, { mode: 0o755 });
  const bytes = names.length * LARGE.length;
  const script = inputsCheckScript([
    { path: 'data', check: 'digest', bytes, sha256: inputDigest(data) },
    { path: 'more', check: 'digest', bytes: 1, sha256: inputDigest(more) },
  ]);
  const run = (): { readonly status: number | null; readonly changed: string } => {
    const env = { PATH: `${root}/bin:/usr/bin:/bin`, AUTOLAB_REPO_ROOT: root, AUTOLAB_RUN_DIR: join(root, 'run') };
    const { status } = spawnSync('bash', ['-c', script], { env });
    const said = join(root, 'run/receipt/inputs_changed');
    return { status, changed: existsSync(said) ? readFileSync(said, 'utf8') : '' };
  };
  const asked = (): string => (existsSync(join(root, 'asked')) ? readFileSync(join(root, 'asked'), 'utf8') : '');
  return { root, run, asked };
}

it('asks openssl about large data, and sha256sum only about the rest', () => {
  const { root, run, asked } = project('REAL');
  const read = join(root, 'read');
  writeFileSync(join(root, 'bin/sha256sum'), `#!/bin/bash\ntee -a '${read}' | /usr/bin/sha256sum "$@"\n`, {
    mode: 0o755,
  });

  expect(run()).toEqual({ status: 0, changed: '' });

  expect(asked().trim().split('\n').slice(-3)).toEqual(['data/a', 'data/b c', 'data/star *x']);
  // The lists themselves, and the small file.
  const digested = readFileSync(read, 'utf8').split('\n');
  expect(digested.filter((line) => line.endsWith('data/a'))).toHaveLength(1);
  expect(digested.filter((line) => line.endsWith('more/x'))).toHaveLength(2);
});

const CHANGED = Buffer.alloc(LARGE.length, 'lager');

it.each([
  ['openssl sees it', 'REAL'],
  ['openssl fails', 'exit 1'],
  ['openssl says that all is well', `for name in data/a 'data/b c' 'data/star *x'; do echo "SUM *$name"; done`],
])('names a file whose content is another one, where %s', (_what, openssl) => {
  const { root, run } = project(openssl.replace('SUM', sha256(CHANGED)));
  writeFileSync(join(root, 'data/b c'), CHANGED);

  expect(run()).toEqual({ status: INPUTS_CHANGED_STATUS, changed: 'data/b c: FAILED\n' });
});

it('leaves names that sha256sum escapes to sha256sum', () => {
  const { run, asked } = project('REAL', ['a', 'back\\slash']);

  expect([run(), asked()]).toEqual([{ status: 0, changed: '' }, '']);
});
