import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { smallCheckout, writeInto } from './small-checkout.ts';

let root = '';

beforeEach(() => {
  root = smallCheckout();
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(path: string, text: string): void {
  writeInto(root, path, text);
}

function node(...words: readonly string[]): Promise<{ status: number | null; output: string }> {
  return run(process.execPath, words);
}

function run(
  command: string,
  words: readonly string[],
  streams: 'both' | 'stdout' = 'both',
): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      if (streams === 'both') output += chunk.toString();
    });
    child.on('close', (status) => {
      resolve({ status, output });
    });
  });
}

const build = (...words: readonly string[]): ReturnType<typeof node> => node('scripts/build.mjs', ...words);

function chunks(): readonly string[] {
  return readdirSync(join(root, 'dist')).filter((name) => /^lazy-.*\.js$/.test(name));
}

/** What `npm pack` takes from dist/, after its own preparation. */
async function packed(): Promise<readonly string[]> {
  const { status, output } = await run('npm', ['pack', '--dry-run', '--json', '--silent'], 'stdout');
  expect({ status, output }).toMatchObject({ status: 0 });
  const [{ files } = { files: [] }] = JSON.parse(output) as { files: { path: string }[] }[];
  return files.filter(({ path }) => path.startsWith('dist/')).map(({ path }) => path.slice('dist/'.length));
}

// Each builds several times, while the checks run beside it.
describe('the build', { timeout: 180_000 }, () => {
  it('makes a program that runs without node_modules, chunks beside the entries', async () => {
    expect(await build()).toMatchObject({ status: 0 });
    rmSync(join(root, 'node_modules'));
    expect(await node('dist/main.js', 'hello')).toEqual({ status: 0, output: '1 hello\n' });
    expect(chunks()).toHaveLength(1);
    // As values: without a getter for each export.
    expect(chunks().map((name) => readFileSync(join(root, 'dist', name), 'utf8'))).not.toContainEqual(
      expect.stringContaining('__export(stdin_exports'),
    );
  });

  it('refuses what a script does not have', async () => {
    write('src/cli/lazy.ts', `export const parse = () => ({ a: import.meta.url });`);
    const { status, output } = await build('--no-types');
    expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining('"import.meta"') as unknown });
  });

  it('makes the supervisor one pack: it starts with every run', async () => {
    write(
      'src/executors/local/supervisor/supervise.ts',
      `import { thing } from '../../../records/make.ts'; export const superviseRun = async () => { console.log(thing().id); return 0; };`,
    );
    await build('--no-types');
    expect(await node('dist/supervisor.js')).toEqual({ status: 0, output: 'x\n' });
    expect(readdirSync(join(root, 'dist')).filter((name) => name.startsWith('supervise-'))).toHaveLength(1);
  });

  it('gives the library to other programs, with every name', async () => {
    await build('--no-types');
    const words = "import { schema, thing } from './dist/index.mjs'; console.log(schema.parse(thing()).id)";
    expect(await node('--input-type=module', '-e', words)).toEqual({ status: 0, output: 'x\n' });
  });

  it('is no success if nothing is left to do before a call is answered', async () => {
    for (const path of ['cli/main', 'platform/version', 'platform/package', 'platform/write-at-once'])
      write(`src/${path}.ts`, readFileSync(`src/${path}.ts`, 'utf8'));
    const never = `async () => { console.log('begun'); await new Promise(() => {}); };`;
    write(
      'src/cli/program.ts',
      `export const main = ${never} export const isVerb = () => true, leaveUnread = () => {};`,
    );
    write('src/executors/local/supervisor/supervise.ts', `export const superviseRun = ${never}`);
    await build('--no-types');
    const notOver = { status: 13, output: 'begun\n' };
    expect([await node('dist/main.js'), await node('dist/supervisor.js')]).toEqual([notOver, notOver]);
  });

  it('leaves names and files in a stack trace', async () => {
    write(
      'src/cli/lazy.ts',
      `function inThere(): never { throw new Error('seen'); } export const parse = () => ({ a: inThere() });`,
    );
    await build('--no-types');
    for (const words of [[], ['--enable-source-maps']]) {
      const { status, output } = await node(...words, 'dist/main.js');
      expect(status).toBe(1);
      const [, file = ''] = /^    at inThere \((.*\/dist\/lazy-[A-Z0-9]+\.js):2:\d+\)$/m.exec(output) ?? [];
      expect(readFileSync(file, 'utf8'), output).toContain('seen');
    }
  });

  it('gives the licences of what it bundles', async () => {
    await build('--no-types');
    expect(readFileSync(join(root, 'dist/THIRD_PARTY_LICENSES.txt'), 'utf8')).toMatch(/^yaml \d+\.\d+\.\d+ \(ISC\)$/m);
  });

  it('spells out types that come from zod, which is not installed with the package', async () => {
    await build();
    const declarations = readFileSync(join(root, 'dist/types/records/thing.d.ts'), 'utf8');
    expect(declarations).toContain('export type Thing = {\n    id: string;\n};\n');
    expect(declarations).toContain('export declare const schema: Schema<Thing>;\n');
    expect(declarations).not.toContain('zod');
  });

  it('refuses public types that need a package', async () => {
    write(
      'src/records/make.ts',
      `import type { Document } from 'yaml'; export function thing(): Document { throw new Error(); }`,
    );
    const { status, output } = await build();
    expect(status).toBe(1);
    expect(output).toContain(`The public types need 'yaml' (by records/make.d.ts)`);
  });

  it('does nothing when nothing changed, and builds again when a source did', async () => {
    await build('--no-types');
    const before = statSync(join(root, 'dist/main.js')).mtimeMs;
    expect(await build('--no-types')).toEqual({ status: 0, output: '' });
    expect(statSync(join(root, 'dist/main.js')).mtimeMs).toBe(before);
    write('src/cli/main.ts', `console.log('new');`);
    await build('--no-types');
    expect((await node('dist/main.js')).output).toBe('new\n');
  });

  it('builds once when two ask at once', async () => {
    const both = await Promise.all([build('--no-types'), build('--no-types')]);
    expect(both.map((result) => result.status)).toEqual([0, 0]);
    expect(both.filter((result) => result.output.includes('built dist/'))).toHaveLength(1);
    expect((await node('dist/main.js')).output).toBe('1 \n');
  });

  it('keeps chunks that a running program may still load for an hour, and none when packing', async () => {
    await build('--no-types');
    const [old = ''] = chunks();
    write('src/cli/lazy.ts', `export const parse = () => ({ a: 2 });`);
    await build('--no-types');
    expect(chunks()).toContain(old);
    const twoHoursAgo = Date.now() / 1000 - 7200;
    utimesSync(join(root, 'dist', old), twoHoursAgo, twoHoursAgo);
    write('src/cli/lazy.ts', `export const parse = () => ({ a: 3 });`);
    await build('--no-types');
    expect(chunks()).not.toContain(old);
    expect(chunks()).toHaveLength(2);
    await build('--clean', '--no-types');
    expect(chunks()).toHaveLength(1);
  });

  it('packs what the sources make, and nothing that an earlier build left in dist/', async () => {
    await build();
    for (const path of ['lazy-OLDCHUNK.js', 'types/gone.d.ts', '.building-dead/main.js'])
      write(`dist/${path}`, 'old\n');
    const files = await packed();
    const made = chunks();
    expect(made).toHaveLength(1);
    expect(files).toEqual(expect.arrayContaining([...made, 'main.js', 'supervisor.js', 'types/library.d.ts']));
    expect(files.filter((file) => /OLDCHUNK|gone|\.building|\.stamp/.test(file))).toEqual([]);
  });

  it('leaves dist/ as it was when the sources cannot be built', async () => {
    await build('--no-types');
    write('src/cli/main.ts', `import { gone } from './gone.ts'; console.log(gone);`);
    expect(await build('--no-types')).toMatchObject({ status: 1 });
    expect((await node('dist/main.js')).output).toBe('1 \n');
    expect(readdirSync(join(root, 'dist')).filter((name) => name.startsWith('.building'))).toEqual([]);
  });
});
