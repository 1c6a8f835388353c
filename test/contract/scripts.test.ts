import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, problemsOf } from '../support/contract.ts';
import { edit, json, makeProject, read, runIds, startsOf, write } from '../support/project.ts';
import { manifestOf, stateOf } from '../support/runs.ts';

/** R11, R16, R25: the launch script: ours is made anew, a person's is checked and never overwritten. */

const SCRIPT = 'experiments/iter1/launch/run_local.sh';
const LIMITS = '.autolab/experiment_file_line_limits.yaml';

async function prologue(root: string): Promise<string> {
  return (await autolab(root, ['lint-script', '--prologue'])).stdout;
}

async function handWritten(
  root: string,
  parts: { readonly before?: string; readonly after?: string; readonly main?: string } = {},
): Promise<string> {
  const { before = '', after = '', main = 'autolab_run bash experiments/iter1/main.sh\n' } = parts;
  const script = `#!/bin/bash\n# mine\nset -euo pipefail\n${before}${await prologue(root)}${after}${main}`;
  write(root, SCRIPT, script);
  return script;
}

function launchAgain(root: string): void {
  write(root, '.autolab/state.json', json({ ...stateOf(root), stage: 'launch' }));
}

describe('the script that is made', () => {
  it('keeps the rules, is the same for every run, and may be executed', async () => {
    const root = makeProject({ activation: 'export GREETING=hello\n' });

    await call(root, ['launch', '--run-id', 'first-run']);
    const first = read(root, SCRIPT);
    launchAgain(root);
    await call(root, ['launch', '--run-id', 'second-run']);

    expect(read(root, SCRIPT)).toBe(first);
    expect(first).not.toMatch(/first-run|second-run/);
    expect(first).toContain(`\nset -euo pipefail\n`);
    expect(first).toContain('\nexport GREETING=hello\n');
    expect(first).toContain(await prologue(root));
    expect(statSync(join(root, SCRIPT)).mode & 0o111).not.toBe(0);
    expect(await call(root, ['lint-script', SCRIPT])).toMatchObject({ status: 0, json: { problems: [] } });
    expect(manifestOf(root, 'second-run')['entrypoint']).toMatchObject({ script: SCRIPT, script_source: 'rendered' });
    expect(manifestOf(root, 'second-run')['fingerprint']).toBe(manifestOf(root, 'first-run')['fingerprint']);
  });

  it('is made anew when the design changes', async () => {
    const root = makeProject();
    await call(root, ['launch', '--run-id', 'r1']);
    launchAgain(root);
    edit(root, 'experiments/iter1/design.yaml', (text) =>
      text.replace('"experiments/iter1/main.sh"', '"experiments/iter1/main.sh", "--more"'),
    );

    await call(root, ['launch', '--run-id', 'r2']);

    expect(read(root, SCRIPT)).toMatch(/main\.sh --more\n$/);
    expect(manifestOf(root, 'r2')['fingerprint']).not.toBe(manifestOf(root, 'r1')['fingerprint']);
  });

  it('activates the environment as the document says, also where that reads variables that are not set', async () => {
    const root = makeProject({
      activation: 'cd /\nexport GREETING="hello $NOT_SET_AT_ALL"\n',
      entrypoint: 'pwd > "$AUTOLAB_RUN_DIR/metrics.json"; echo "$GREETING" >> "$AUTOLAB_RUN_DIR/metrics.json"\n',
    });

    const launched = await call(root, ['launch', '--run-id', 'r1']);

    expect(launched.status).toBe(0);
    expect(read(root, 'experiments/iter1/runs/r1/metrics.json')).toBe(`${root}\nhello \n`);
  });
});

describe('a script written by hand', () => {
  it('that keeps the rules is run as it is, and never overwritten', async () => {
    const root = makeProject();
    const script = await handWritten(root, { after: 'echo by hand\n' });

    const launched = await call(root, ['launch', '--run-id', 'r1']);

    expect(launched).toMatchObject({ status: 0, json: { code: 'run.completed', problems: [] } });
    expect(read(root, SCRIPT)).toBe(script);
    expect(read(root, 'experiments/iter1/runs/r1/logs/stdout.log')).toBe('by hand\n');
    expect(manifestOf(root, 'r1')['entrypoint']).toMatchObject({ script_source: 'hand_written' });
  });

  it('made from ours by an edit is theirs from then on', async () => {
    const root = makeProject();
    await call(root, ['launch', '--run-id', 'r1']);
    edit(root, SCRIPT, (text) => text.replace(/^autolab_run /m, 'echo edited\nautolab_run '));
    const edited = read(root, SCRIPT);
    launchAgain(root);

    const launched = await call(root, ['launch', '--run-id', 'r2']);

    expect(launched.status).toBe(0);
    expect(read(root, SCRIPT)).toBe(edited);
    expect(read(root, 'experiments/iter1/runs/r2/logs/stdout.log')).toBe('edited\n');
  });

  interface Broken {
    readonly what: string;
    readonly make: (root: string) => Promise<unknown>;
    readonly line: number;
    readonly said: RegExp;
  }

  const BROKEN: readonly Broken[] = [
    {
      what: 'does not start bash',
      make: async (root) => {
        await handWritten(root);
        edit(root, SCRIPT, (text) => text.replace('#!/bin/bash', '#!/bin/sh'));
      },
      line: 1,
      said: /#!\/usr\/bin\/env bash/,
    },
    {
      what: 'goes on after errors',
      make: async (root) => {
        await handWritten(root);
        edit(root, SCRIPT, (text) => text.replace('set -euo pipefail', 'set -eu'));
      },
      line: 3,
      said: /set -euo pipefail/,
    },
    {
      what: 'does something before the prologue',
      make: (root) => handWritten(root, { before: 'touch "early"\n' }),
      line: 4,
      said: /touch/,
    },
    {
      what: 'leaves the prologue out',
      make: (root) => {
        write(root, SCRIPT, '#!/bin/bash\nset -euo pipefail\nexec bash experiments/iter1/main.sh\n');
        return Promise.resolve();
      },
      line: 3,
      said: /lint-script --prologue/,
    },
    {
      what: 'runs something else',
      make: (root) => handWritten(root, { main: 'autolab_run bash other.sh\n' }),
      line: 0,
      said: /bash experiments\/iter1\/main\.sh/,
    },
    {
      what: 'names a placeholder',
      make: (root) => handWritten(root, { after: 'mkdir -p runs/<RUN_ID>\n' }),
      line: 0,
      said: /<RUN_ID>/,
    },
    {
      what: 'bash cannot parse',
      make: (root) => handWritten(root, { after: 'if true; then\n' }),
      line: 0,
      said: /bash cannot parse/,
    },
    {
      what: 'ends its lines in CRLF',
      make: async (root) => {
        await handWritten(root);
        edit(root, SCRIPT, (text) => text.replaceAll('\n', '\r\n'));
      },
      line: 1,
      said: /CR LF/,
    },
    {
      what: 'begins with a byte order mark',
      make: async (root) => {
        await handWritten(root);
        edit(root, SCRIPT, (text) => `\uFEFF${text}`);
      },
      line: 1,
      said: /byte order mark/,
    },
  ];

  it.each(BROKEN)('that $what is not run: the place is told, and it stays as it is', async ({ make, line, said }) => {
    const root = makeProject();
    await make(root);
    const before = read(root, SCRIPT);

    const refused = await call(root, ['launch', '--run-id', 'r1']);
    const linted = await call(root, ['lint-script', SCRIPT]);

    expect(refused).toMatchObject({ status: 10, json: { code: 'script.invalid', stage_after: 'launch' } });
    const fitting = problemsOf(refused.json).find((problem) => said.test(problem.message));
    expect(fitting, JSON.stringify(refused.json['problems'])).toMatchObject({ file: SCRIPT });
    if (line > 0) expect(fitting?.line).toBe(line);
    else expect(fitting?.line).toBeGreaterThan(3);
    expect(linted).toMatchObject({ status: 10, json: { code: 'script.invalid', problems: refused.json['problems'] } });
    expect(read(root, SCRIPT)).toBe(before);
    expect(runIds(root)).toEqual([]);
  });

  it('must activate the environment as the document says', async () => {
    const root = makeProject({ activation: 'export GREETING=hello\n' });
    await handWritten(root);

    const without = await call(root, ['launch', '--dry-run']);
    await handWritten(root, { after: 'export GREETING=hello\n' });
    const withIt = await call(root, ['launch', '--dry-run']);

    expect(without.json).toMatchObject({ code: 'script.invalid' });
    expect(without.json['message']).toContain('GREETING');
    expect(withIt.status).toBe(0);
  });

  it('that is changed while the launch is prepared is not run', async () => {
    const root = makeProject({ activation: 'true\n' });
    await handWritten(root, { after: 'true\n' });
    // A git that edits the script: it is asked after the check and before the script is used.
    write(
      root,
      'fake/git',
      `#!/bin/bash\n[ -d '${root}/experiments/iter1/runs/r1' ] && echo 'touch "$AUTOLAB_RUN_DIR/late"' >> '${root}/${SCRIPT}'\nexit 128\n`,
    );
    chmodSync(join(root, 'fake/git'), 0o755);

    const ended = await call(root, ['launch', '--run-id', 'r1'], {
      env: { PATH: `${join(root, 'fake')}:${process.env['PATH'] ?? ''}` },
    });

    expect(ended).toMatchObject({ status: 10, json: { code: 'script.invalid' } });
    expect(ended.json['message']).toContain('changed');
    expect(startsOf(root, 'r1')).toBe(0);
  });
});

describe('the line budget', () => {
  it('stops a script before anything is run, also ours where the limit is that low', async () => {
    const root = makeProject();
    write(root, LIMITS, 'version: 1\nline_limits:\n  fixed_max_lines:\n    launch/run_local.sh: 20\n');

    const refused = await call(root, ['launch', '--run-id', 'r1']);

    expect(refused).toMatchObject({
      status: 10,
      json: { code: 'script.too_long', stage_after: 'launch', problems: [{ file: SCRIPT, line: 21 }] },
    });
    expect(runIds(root)).toEqual([]);
  });

  it('can be raised in the file', async () => {
    const root = makeProject();
    await handWritten(root, { after: '# a long story\n'.repeat(200) });

    const short = await call(root, ['launch', '--dry-run']);
    write(root, LIMITS, 'version: 1\nline_limits:\n  fixed_max_lines:\n    launch/run_local.sh: 400\n');
    const long = await call(root, ['launch', '--dry-run']);

    expect(short.json).toMatchObject({ code: 'script.too_long' });
    expect(long.status).toBe(0);
  });

  it.each([
    [
      'of the manifest grows with the results',
      'run_manifest_dynamic: {target: runs/<RUN_ID>/run_manifest.json, min_lines: 1, max_lines: 5000, base_lines: 10, per_k_result_lines: 1}',
    ],
    ['of a file of the run', 'fixed_max_lines: {runs/<RUN_ID>/metrics.json: 2}'],
  ])('%s is checked after the run, which stays open', async (_, limit) => {
    const root = makeProject({
      entrypoint:
        'echo started >> "$AUTOLAB_RUN_DIR/marker"; printf "1\\n2\\n3\\n" > "$AUTOLAB_RUN_DIR/metrics.json"\n',
    });
    write(root, LIMITS, `version: 1\nline_limits:\n  ${limit}\n`);

    const failed = await call(root, ['launch', '--run-id', 'r1']);
    write(root, LIMITS, 'version: 1\nline_limits: {}\n');
    const resumed = await call(root, ['resume']);

    expect(failed).toMatchObject({
      status: 10,
      json: { code: 'verify.failed', stage_after: 'launch', stage_attempt: 1, status: 'synced' },
    });
    expect(failed.json['message']).toContain('line_budgets');
    expect(resumed).toMatchObject({ status: 0, json: { code: 'run.completed', run_id: 'r1' } });
    expect(startsOf(root, 'r1')).toBe(1);
  });
});
