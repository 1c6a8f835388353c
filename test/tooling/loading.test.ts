import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { autolab, autolabJson, PROGRAM, startProgram } from '../support/autolab.ts';
import { edit, makeProject, temporaryFolder } from '../support/project.ts';

/** The files of dist/ that a call loads, as Node's coverage lists them. */
async function loadedBy(words: readonly string[], root = makeProject()): Promise<readonly string[]> {
  const folder = temporaryFolder();
  expect((await autolab(root, words, { env: { NODE_V8_COVERAGE: folder } })).status).toBe(0);
  const urls = readdirSync(folder).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: { url: string }[] };
    return result.map(({ url }) => url).filter((url) => url.includes('/dist/'));
  });
  return [...new Set(urls)].map((url) => readFileSync(fileURLToPath(url), 'utf8'));
}

it('a command loads the code of its own verb: no schemas and no parser for status', async () => {
  const schemas = /\$ZodError/;
  const parser = /CommanderError/;
  const protocol = /StdioServerTransport/;

  const version = await loadedBy(['--version']);
  const status = await loadedBy(['status']);
  const help = await loadedBy(['verify', '--help']);

  expect(version.filter((text) => schemas.test(text) || parser.test(text))).toEqual([]);
  expect(status.filter((text) => schemas.test(text) || parser.test(text))).toEqual([]);
  // Each file takes about a millisecond to load.
  expect(version).toHaveLength(1);
  expect(status.length).toBeLessThan(4);
  expect(help.filter((text) => schemas.test(text))).toEqual([]);
  expect([...status, ...help].filter((text) => protocol.test(text))).toEqual([]);
  // The patterns find what they are about.
  expect((await loadedBy(['mcp'])).some((text) => protocol.test(text))).toBe(true);
  expect(help.some((text) => parser.test(text))).toBe(true);
  expect((await loadedBy(['todo', 'list'])).some((text) => schemas.test(text))).toBe(true);
});

/** With this environment, a process writes down which modules of Node it has loaded: the last one to end counts. */
function listing(folder: string): { readonly list: string; readonly env: Record<string, string> } {
  const [list, hook] = [join(folder, 'list'), join(folder, 'hook.cjs')];
  const words =
    "process.on('exit', () => require('fs').writeFileSync(process.env.LIST, process.moduleLoadList.join('\\n')))";
  writeFileSync(hook, words);
  return { list, env: { LIST: list, NODE_OPTIONS: `--require=${hook}` } };
}

it('a launch loads of Node nothing to measure itself with', async () => {
  const { list, env } = listing(temporaryFolder());

  expect((await autolab(makeProject(), ['launch'], { env })).status).toBe(0);

  const loaded = readFileSync(list, 'utf8').split('\n');
  expect(loaded).toContain('NativeModule child_process');
  expect(loaded.filter((name) => /perf_hooks|timers\/promises/.test(name))).toEqual([]);
});

it('status loads of Node neither streams nor digests, into a file or a pipe', async () => {
  const [root, folder] = [makeProject(), temporaryFolder()];
  const output = join(folder, 'output');
  const { list, env: listed } = listing(folder);
  const env = { ...listed, OUTPUT: output };
  for (const line of ['"$@" > "$OUTPUT" 2>&1', '"$@" 2>&1 | cat > "$OUTPUT"']) {
    // The second call finds what the first one kept.
    for (let call = 0; call < 2; call += 1)
      await startProgram(['bash', '-c', line, 'bash', process.execPath, PROGRAM, 'status'], root, { env }).ended;
    expect(readFileSync(output, 'utf8')).toMatch(/^ok: No run is active/);
    const loaded = readFileSync(list, 'utf8').split('\n');
    expect(loaded.filter((name) => /^NativeModule (stream|net|tty|crypto|child_process)$/.test(name))).toEqual([]);
  }
});

it('status reads no backlog whose only words about closing are the comment that init leaves', async () => {
  const root = makeProject();
  const comment = readFileSync('templates/project/backlog.yaml', 'utf8').replaceAll(/^[^#\n].*\n/gm, '');
  expect(comment).toContain('completed');
  edit(root, '.autolab/backlog.yaml', (text) => comment + text);

  expect((await loadedBy(['status'], root)).filter((text) => /\$ZodError/.test(text))).toEqual([]);

  edit(root, '.autolab/backlog.yaml', (text) =>
    text.replaceAll(/^    status: open.*$/gm, '    status: open # or done'),
  );
  expect((await loadedBy(['status'], root)).filter((text) => /\$ZodError/.test(text))).toEqual([]);

  edit(root, '.autolab/backlog.yaml', (text) => text.replaceAll(/^    status: open/gm, '    status: done # open'));
  expect((await autolabJson(root, ['status'])).json['closed_experiment']).toBe(true);
});
