import { chmodSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, expectNoStackTrace, problemsOf } from '../support/contract.ts';
import { edit, json, makeProject, read, readJson, write } from '../support/project.ts';
import { fc } from '../support/properties.ts';
import { eachOf, manifestOf } from '../support/runs.ts';

/**
 * Values of a design and of ids are never run by a shell: they reach the entrypoint literally, or are refused. A shell
 * that took one for its own would make the canary. Samples are put into few designs, each launched by the built program.
 */

const DESIGN = 'experiments/iter1/design.yaml';
const CANARY = 'canary';
const TRICKS = [
  `$(touch ${CANARY})`,
  `\`touch ${CANARY}\``,
  `; touch ${CANARY} #`,
  `' ; touch ${CANARY} ; '`,
  `" ; touch ${CANARY} ; "`,
  `\ntouch ${CANARY}\n`,
  `&& touch ${CANARY}`,
  `| touch ${CANARY}`,
  `> ${CANARY}`,
  `$\{IFS}touch ${CANARY}`,
  `$'\\ntouch ${CANARY}'`,
  `<(touch ${CANARY})`,
  `!touch`,
  `-rf`,
  `--help`,
  `-`,
  `~`,
  `~root`,
  `*`,
  `?`,
  `[a-z]`,
  `{a,b}`,
  `$HOME`,
  `$\{AUTOLAB_RUN_ID}`,
  `$0`,
  `$$`,
  `%s%n`,
  `\\`,
  `\\\n`,
  `'`,
  `"`,
  `''`,
  ` `,
  `\t`,
  `a\nb`,
  `\u202Egnp.exe`,
  `\u2066x\u2069`,
  `caf\u00e9`,
  `\u{1F600}`,
  `#no comment`,
  `a #b`,
  `a: b`,
  `- a`,
  `null`,
  `true`,
  `0x10`,
  `1e3`,
  `{{`,
  `}}`,
  `{ {run_id} }`,
];

const piece = fc.constantFrom(...TRICKS, 'a', '9', '=', '/', '\u00a0', '\uFEFF', '\u2028');
const hostile = fc
  .array(piece, { minLength: 1, maxLength: 6 })
  .map((pieces) => pieces.join(''))
  .filter((text) => !text.includes('{{'));

/** The first tricks as they are, then mixtures; the same in every run, so that a failure can be looked at. */
function samples(seed: number, count: number): string[] {
  return [...TRICKS.filter((text) => !text.includes('{{')), ...fc.sample(hostile, { seed, numRuns: count })];
}

const KEEP_ARGV =
  'require("fs").writeFileSync(process.env.AUTOLAB_RUN_DIR + "/metrics.json", JSON.stringify(process.argv.slice(1)))';

function received(root: string): readonly string[] {
  return JSON.parse(read(root, 'experiments/iter1/runs/r1/metrics.json')) as string[];
}

describe('words of the design', () => {
  it('of `command` reach the entrypoint literally', async () => {
    const values = samples(1, 150);
    const root = makeProject({ command: [process.execPath, '-e', KEEP_ARGV, '--', ...values] });

    const launched = await call(root, ['launch', '--run-id', 'r1']);

    expect(launched.json).toMatchObject({ code: 'run.completed' });
    expect(received(root)).toEqual(values);
    expect(manifestOf(root, 'r1')['entrypoint'].argv.slice(4)).toEqual(values);
    expect(existsSync(join(root, CANARY))).toBe(false);
  });

  it('of `cli` are split as a POSIX shell splits words, and nothing else is done to them', async () => {
    const values = samples(2, 150);
    const line = values.map((value) => `'${value.replaceAll("'", `'\\''`)}'`).join(' ');
    const root = makeProject();
    edit(root, DESIGN, (text) =>
      text.replace(
        / {2}command: .*/,
        () => `  cli: ${JSON.stringify(`'${process.execPath}' -e '${KEEP_ARGV}' -- ${line}`)}`,
      ),
    );

    const launched = await call(root, ['launch', '--run-id', 'r1']);

    expect(launched.json).toMatchObject({ code: 'run.completed' });
    expect(received(root)).toEqual(values);
    expect(existsSync(join(root, CANARY))).toBe(false);
  });

  it('of `args` become flags of a module, with their values literally', async () => {
    const values = samples(3, 150);
    const root = makeProject();
    const args = JSON.stringify({
      use_amp: true,
      dropped: false,
      nested: { b: values[0], a: [1, null] },
      value: values,
    });
    edit(root, DESIGN, (text) => text.replace(/ {2}command: .*/, () => `  module: package.train\n  args: ${args}`));
    // The profile's python: it keeps what it is given.
    write(root, 'keep-argv', `#!/bin/bash\nexec '${process.execPath}' -e '${KEEP_ARGV}' -- "$@"\n`);
    chmodSync(join(root, 'keep-argv'), 0o755);
    write(
      root,
      '.autolab/remote_profiles.yaml',
      `profiles:\n  here: {mode: shared_fs, python: ${JSON.stringify(join(root, 'keep-argv'))}}\n`,
    );

    const launched = await call(root, ['launch', '--run-id', 'r1', '--profile', 'here']);

    expect(launched.json).toMatchObject({ code: 'run.completed' });
    const flags = values.flatMap((value) => (value.startsWith('-') ? [`--value=${value}`] : ['--value', value]));
    expect(received(root)).toEqual([
      '-m',
      'package.train',
      '--nested',
      JSON.stringify({ a: [1, null], b: values[0] }),
      '--use-amp',
      ...flags,
    ]);
    expect(existsSync(join(root, CANARY))).toBe(false);
  });

  it('that no program could be given are refused with their place: 1 MB, control characters', async () => {
    const root = makeProject({ command: ['true', 'x'.repeat(1_000_000), 'a\u0000b', 'a\u001b[2Jb'] });

    const refused = await call(root, ['launch', '--run-id', 'r1']);

    expect(refused).toMatchObject({ status: 10, json: { outcome: 'needs_retry', code: 'design.invalid' } });
    expect(refused.stdout.length).toBeLessThan(20_000);
    for (const problem of problemsOf(refused.json)) expect(problem).toMatchObject({ file: DESIGN, severity: 'error' });
  });
});

describe('the same in other places', () => {
  it('an iteration and a project folder with a strange name are names and nothing else', async () => {
    const iteration = `it $(touch ${CANARY}) 'x' "y" \`touch ${CANARY}\` ;&#*`;
    const root = makeProject({
      command: [
        'bash',
        '-c',
        'pwd > "$AUTOLAB_RUN_DIR/metrics.json"; printf "%s\\n" "$AUTOLAB_ITERATION_ID" "$1" >> "$AUTOLAB_RUN_DIR/metrics.json"',
        '--',
        '{{iteration_id}}',
      ],
      state: { iteration_id: iteration },
    });
    renameSync(join(root, 'experiments/iter1'), join(root, 'experiments', iteration));
    edit(root, `experiments/${iteration}/design.yaml`, (text) =>
      text.replace('iteration_id: iter1', () => `iteration_id: ${JSON.stringify(iteration)}`),
    );
    edit(root, '.autolab/backlog.yaml', (text) =>
      text.replace('iteration_id: iter1', () => `iteration_id: ${JSON.stringify(iteration)}`),
    );
    const moved = join(root, `$(touch ${CANARY}) a'b"c`);
    write(moved, 'outer', '');
    for (const name of ['.autolab', 'docs', 'experiments']) renameSync(join(root, name), join(moved, name));

    const launched = await call(moved, ['launch', '--run-id', 'r1']);

    expect(launched.json).toMatchObject({ code: 'run.completed', iteration_id: iteration });
    expect(read(moved, `experiments/${iteration}/runs/r1/metrics.json`)).toBe(`${moved}\n${iteration}\n${iteration}\n`);
    for (const folder of [root, moved, join(moved, 'experiments', iteration)])
      expect(existsSync(join(folder, CANARY)), folder).toBe(false);
    expect(await call(moved, ['verify', 'r1'])).toMatchObject({ status: 0 });
  });

  it('ids are taken as names or refused; either way nothing is run, and no inside of the program is shown', async () => {
    await eachOf(fc.sample(hostile, { seed: 4, numRuns: 16 }), async (id) => {
      const root = makeProject({ state: { iteration_id: id, experiment_id: id } });
      edit(root, '.autolab/backlog.yaml', (text) =>
        text
          .replace('id: e1', () => `id: ${JSON.stringify(id)}`)
          .replace('iteration_id: iter1', () => `iteration_id: ${JSON.stringify(id)}`),
      );

      const [launched, named] = [await call(root, ['launch']), await call(root, ['launch', `--run-id=${id}`])];

      // As a name it leads to a folder that is not there.
      expect([10, 12], JSON.stringify(id)).toContain(launched.status);
      expect([10, 12], JSON.stringify(id)).toContain(named.status);
      expect(existsSync(join(root, CANARY)), JSON.stringify(id)).toBe(false);
    });
  });

  it('reasons and names of people are kept as they are', async () => {
    const note = samples(5, 20).join(' ');
    const root = makeProject({ state: { stage: 'human_review', sync_status: 'ok' } });

    await call(root, ['review', 'pass', `--by=${TRICKS[0] ?? ''}`, `--note=${note}`]);

    expect(readJson(root, '.autolab/state.json')['history']).toMatchObject([{ by: TRICKS[0], note }]);
    expect(existsSync(join(root, CANARY))).toBe(false);
  });

  it('text of a file does not steer the terminal', async () => {
    const root = makeProject();
    write(
      root,
      '.autolab/todo_focus.json',
      json({ focus_tasks: [{ task_id: 't1', stage: 'launch', text: 'a\u001b[2J\u202Eb\r\nfake: done' }] }),
    );
    edit(root, DESIGN, (text) => text.replace('location: local', 'location: "\\e[31m\\u202Ered"'));

    const ended = await autolab(root, ['launch']);

    expectNoStackTrace(ended);
    expect(ended.stdout + ended.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202A-\u202E\u2066-\u2069]/);
    expect(ended.stderr).not.toMatch(/^fake: done/m);
    expect(ended.stderr).toContain('t1: a');
  });
});
