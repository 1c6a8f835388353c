import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { sha256 } from '../platform/ids.ts';
import { type LocalScriptParts, renderLocalScript, scriptOrigin } from './local-script.ts';

/** Unique on this machine: supervisors end processes that carry their run's id. */
const RUN_ID = `script-${process.pid}`;
const parts = (argv: readonly string[], activation = '# nothing to activate\n'): LocalScriptParts => ({
  design: { iteration_id: 'iter1', entrypoint: { kind: 'command', argv } },
  activation,
  python: 'python3',
});

describe('renderLocalScript', () => {
  it('writes the script that is kept as a golden file', async () => {
    const script = renderLocalScript({
      design: {
        iteration_id: 'iter1',
        entrypoint: {
          kind: 'module',
          module: 'package.train',
          args: { epochs: 3, out_dir: '{{run_dir}}/out', note: "it's" },
        },
      },
      activation: 'source venv/bin/activate\nexport OMP_NUM_THREADS=2\n',
      python: 'python3',
    });

    await expect(script).toMatchFileSnapshot('__snapshots__/run_local.sh');
  });

  it('is the same for the same design, and another for another (X3)', () => {
    expect(renderLocalScript(parts(['a']))).toBe(renderLocalScript(parts(['a'])));
    expect(renderLocalScript(parts(['a']))).not.toBe(renderLocalScript(parts(['b'])));
  });

  it('keeps well within the budget of 160 lines (R25)', () => {
    expect(renderLocalScript(parts(['a'])).split('\n').length).toBeLessThan(72);
  });
});

describe('scriptOrigin', () => {
  const script = renderLocalScript(parts(['a']));

  it.each([
    ['rendered', script],
    ['edited', `${script}# mine\n`],
    ['edited', script.replace('#!/usr/bin/env bash', '#!/bin/bash')],
    ['hand_written', '#!/usr/bin/env bash\nset -euo pipefail\n'],
    ['hand_written', ''],
  ] as const)('%s', (origin, text) => {
    expect(scriptOrigin(text)).toBe(origin);
  });
});

describe('a rendered script, run by bash', () => {
  let root: string;
  let runDir: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "autolab it's a $(script) ")));
    runDir = join(root, 'experiments/iter1/runs/r1');
    mkdirSync(join(runDir, 'receipt'), { recursive: true });
    writeFileSync(join(runDir, 'receipt/claim'), '{}');
    writeFileSync(
      join(root, 'show.mjs'),
      'import { writeFileSync } from "node:fs";\nwriteFileSync(process.env.SHOW, JSON.stringify({ argv: process.argv.slice(2), cwd: process.cwd() }));\n',
    );
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const run = (
    script: string,
    extra: NodeJS.ProcessEnv = {},
  ): { status: number | null; stdout: string; stderr: string } => {
    writeFileSync(join(root, 'run.sh'), script);
    const env = {
      PATH: process.env['PATH'],
      HOME: '/nowhere',
      SHOW: join(root, 'shown.json'),
      AUTOLAB_RUN_ID: RUN_ID,
      AUTOLAB_ITERATION_ID: 'iter1',
      AUTOLAB_RUN_DIR: runDir,
      AUTOLAB_REPO_ROOT: root,
      AUTOLAB_SCRATCH: '/tmp/s',
      ...extra,
    };
    return spawnSync('bash', [join(root, 'run.sh')], { cwd: '/', env, encoding: 'utf8' });
  };
  const shown = (): unknown => JSON.parse(readFileSync(join(root, 'shown.json'), 'utf8'));
  const writeCode = (text: string): void => {
    writeFileSync(join(root, 'code.py'), text);
    writeFileSync(join(runDir, 'code.sha256'), `# approved\n${sha256('approved')}  code.py\n`);
  };

  it('starts the entrypoint in the project root with the placeholders filled in', () => {
    const result = run(
      renderLocalScript(parts(['node', 'show.mjs', '--out={{run_dir}}/x', '{{repo_root}}'], 'cd /tmp\n')),
    );

    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(shown()).toEqual({ argv: [`--out=${runDir}/x`, root], cwd: root });
  });

  it('lets hostile arguments reach the program literally', () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      '`touch pwned`',
      '$(touch pwned)',
      '$HOME',
      '\\',
      '\n',
      ' ',
      '!',
      '-',
      '--',
      '*',
      '\u202e',
      '\u2066',
      ';touch pwned;',
      '#',
      '~',
      '{a,b}',
      '{{',
      '}}',
      'é',
    );
    const argument = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.array(argument, { minLength: 50, maxLength: 50 }), (argv) => {
        const result = run(renderLocalScript(parts(['node', 'show.mjs', '--', ...argv])));

        expect(result).toMatchObject({ status: 0, stderr: '' });
        expect(shown()).toEqual({ argv: ['--', ...argv], cwd: root });
      }),
      { numRuns: 12 },
    );
    expect(spawnSync('ls', [root], { encoding: 'utf8' }).stdout).not.toContain('pwned');
  });

  it('passes 60 KB in one argument', () => {
    const long = 'x y\n'.repeat(15_000);

    expect(run(renderLocalScript(parts(['node', 'show.mjs', long]))).status).toBe(0);
    expect(shown()).toMatchObject({ argv: [long] });
  });

  it('lets the activation read variables that are not set, and forbids it again afterwards', () => {
    const activation = 'export FOUND="x$NOT_SET_ANYWHERE"\n';

    expect(run(renderLocalScript(parts(['bash', '-c', 'echo $FOUND'], activation)))).toMatchObject({
      status: 0,
      stdout: 'x\n',
    });
    expect(run(renderLocalScript(parts(['{{scratch}}'], 'unset AUTOLAB_SCRATCH\n')))).toMatchObject({ status: 1 });
  });

  it('stops where the activation fails', () => {
    const result = run(renderLocalScript(parts(['node', 'show.mjs'], 'false\n')));

    expect(result.status).toBe(1);
    expect(() => shown()).toThrow('ENOENT');
  });

  it('passes on the exit status of the entrypoint', () => {
    expect(run(renderLocalScript(parts(['bash', '-c', 'exit 41']))).status).toBe(41);
  });

  it.each(['AUTOLAB_RUN_ID', 'AUTOLAB_ITERATION_ID', 'AUTOLAB_RUN_DIR', 'AUTOLAB_REPO_ROOT'])(
    'refuses to start without %s',
    (name) => {
      const result = run(renderLocalScript(parts(['node', 'show.mjs'])), { [name]: '' });

      expect(result.status).not.toBe(0);
      expect(result.stderr).toContain(`${name}: start this script with: autolab launch`);
      expect(() => shown()).toThrow('ENOENT');
    },
  );

  it('refuses to start an unclaimed run (X1)', () => {
    rmSync(join(runDir, 'receipt/claim'));

    const result = run(renderLocalScript(parts(['node', 'show.mjs'])));

    expect(result.status).toBe(98);
    expect(result.stderr).toContain(`run ${RUN_ID} is not claimed`);
    expect(() => shown()).toThrow('ENOENT');
  });

  it('starts where the code is what was approved', () => {
    writeCode('approved');

    expect(run(renderLocalScript(parts(['node', 'show.mjs'])))).toMatchObject({ status: 0, stderr: '' });
  });

  it.each([
    ['changed', 'something else'],
    ['missing', null],
  ])('stops before the entrypoint where code is %s (X4)', (_, text) => {
    writeCode(text ?? '');
    if (text === null) rmSync(join(root, 'code.py'));

    const result = run(renderLocalScript(parts(['node', 'show.mjs'])));

    expect(result.status).toBe(97);
    expect(result.stderr).toContain('code.py: FAILED');
    expect(readFileSync(join(runDir, 'receipt/code_changed'), 'utf8')).toContain('code.py: FAILED');
    expect(() => shown()).toThrow('ENOENT');
  });

  it('does not take a list of code without entries for a change', () => {
    writeFileSync(join(runDir, 'code.sha256'), '# nothing but this\n');

    expect(run(renderLocalScript(parts(['node', 'show.mjs'])))).toMatchObject({ status: 0, stderr: '' });
  });

  it('says so if there is no GNU sha256sum, and continues', () => {
    writeCode('something else');
    mkdirSync(join(root, 'bin'));
    writeFileSync(join(root, 'bin/sha256sum'), '#!/bin/sh\necho "unrecognized option" >&2\nexit 1\n', { mode: 0o755 });

    const result = run(renderLocalScript(parts(['node', 'show.mjs'])), {
      PATH: `${root}/bin:${process.env['PATH'] ?? ''}`,
    });

    expect(result.status).toBe(0);
    expect(result.stderr).toContain('the code was not compared');
  });

  it('asks one program about the code that is as it was approved, and none about the time', () => {
    writeCode('approved');
    mkdirSync(join(root, 'bin'));
    for (const name of ['sha256sum', 'grep', 'date'])
      writeFileSync(
        join(root, 'bin', name),
        `#!/bin/sh\necho ${name} >> "$AUTOLAB_REPO_ROOT/asked"\nPATH="$OTHER" exec ${name} "$@"\n`,
        { mode: 0o755 },
      );
    const path = process.env['PATH'] ?? '';

    const result = run(renderLocalScript(parts(['node', 'show.mjs'])), { PATH: `${root}/bin:${path}`, OTHER: path });

    expect(result).toMatchObject({ status: 0, stderr: '' });
    const knowsTime = Number(spawnSync('bash', ['-c', 'echo $BASH_VERSINFO'], { encoding: 'utf8' }).stdout) >= 5;
    expect(readFileSync(join(root, 'asked'), 'utf8')).toBe(`sha256sum\n${knowsTime ? '' : 'date\n'}`);
  });

  it.each([
    ['', ''],
    ['a time zone', 'export TZ=America/New_York\n'],
    ['one that cannot be changed', 'declare -rx TZ=Asia/Tokyo\n'],
    ['a clock that was taken away', 'unset EPOCHREALTIME; EPOCHREALTIME=1\n'],
  ])('writes down when the entrypoint began, in UTC: %s', (_what, activation) => {
    const before = Date.now();

    const result = run(renderLocalScript(parts(['bash', '-c', 'echo "$TZ"'], activation)));

    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout.trim()).toBe(/TZ=([\w/]+)/.exec(activation)?.[1] ?? '');
    const { began_at: at } = JSON.parse(readFileSync(join(runDir, 'receipt/entrypoint.json'), 'utf8')) as {
      began_at: string;
    };
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Date.parse(at)).toBeGreaterThanOrEqual(before - 1);
    expect(Date.parse(at)).toBeLessThanOrEqual(Date.now());
  });

  it('says nothing if what writes down the environment is killed at its bound', () => {
    writeFileSync(join(runDir, 'receipt/environment.sh'), 'touch "${BASH_SOURCE[0]%/*}/began"\nkill -KILL $$\n');

    expect(run(renderLocalScript(parts(['node', 'show.mjs'])))).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(join(runDir, 'receipt/began'), 'utf8')).toBe('');
  });
});
