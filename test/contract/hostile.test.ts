import fc from 'fast-check';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { edit, makeProject, read, readJson, write } from '../support/project.ts';

/** Prints its arguments as JSON, so that what arrived can be compared with what was meant. */
const ARGUMENTS = `import { writeFileSync } from 'node:fs';
writeFileSync(process.env.AUTOLAB_RUN_DIR + '/metrics.json', JSON.stringify(process.argv.slice(2)));
`;

const NASTY = [
  '$(touch HACKED)', '`touch HACKED`', '; touch HACKED', '&& touch HACKED', '| tee HACKED', '> HACKED', "' touch HACKED '", '" touch HACKED "',
  '${IFS}', '$HOME', '-rf', '--', '-', '*', '?', '~', '!!', '\\', '\\n', 'two\nlines', '\ttab', ' lead', 'trail ', '', '#', '%s', '\u202Egnp.exe',
  '\u2066x\u2069', 'é', '日本語', '😀', '{a,b}', '[a-z]', '=', "'", '"', 'a b',
];

describe('hostile values', () => {
  it('reach the entrypoint literally and are run by no shell', async () => {
    const root = makeProject({ git: true });
    write(root, 'experiments/iter1/show.mjs', ARGUMENTS);
    const piece = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'grapheme', maxLength: 12 }));
    const word = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
    // Control characters but tab and newline are refused, and placeholders mean something: both have their own tests.
    const literal = word.filter((text) => !/[^\P{Cc}\t\n]/u.test(text) && !text.includes('{{') && !/<[A-Z_]+>/.test(text));
    const samples = fc.sample(literal, { numRuns: 160, seed: Number(process.env['AUTOLAB_TEST_SEED'] ?? 20261124) });
    const argv = [...NASTY, ...samples];
    edit(root, 'experiments/iter1/design.yaml', (text) =>
      text.replace(/command: .*/, () => `command: ${JSON.stringify(['node', 'experiments/iter1/show.mjs', ...argv])}`),
    );
    const ended = await call(root, ['launch']);
    expect(ended.json).toMatchObject({ outcome: 'completed', problems: [] });
    expect(readJson(root, `${String(ended.json['run_dir'])}/metrics.json`)).toEqual(argv);
    expect(existsSync(join(root, 'HACKED'))).toBe(false);
  });

  it.each(['..', '../x', 'a/b', '-rf', 'a\nb', '$(touch HACKED)', 'x'.repeat(200), '\u202Ex', ''])('the run id %j is refused without a trace', async (id) => {
    const root = makeProject({ git: true });
    const ended = await callWithoutTrace(root, ['launch', `--run-id=${id}`]);
    expect(ended.status).toBe(12);
    expect(ended.json['code']).toBe('path.unsafe_id');
  });

  it('a megabyte where a name belongs is refused, with a message that a person can read', async () => {
    const root = makeProject({ git: true });
    edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('hypothesis_id: h1', `hypothesis_id: ${'x'.repeat(900_000)}`));
    edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('location: local', `location: ${'y'.repeat(100_000)}`));
    const ended = await call(root, ['launch']);
    expect(ended.status).toBe(10);
    expect(ended.stdout.length).toBeLessThan(20_000);
  });

  it('text of a document cannot steer a terminal', async () => {
    const root = makeProject({ git: true });
    edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('location: local', 'location: "\\e[2Jlocal"'));
    const ended = await autolab(root, ['launch']);
    expect(ended.status).toBe(10);
    expect(ended.stdout + ended.stderr).not.toContain('\u001b');
    expect(read(root, '.autolab/state.json')).toContain('"stage": "design"');
  });
});
