import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { commitAll, makeProject, runIds, temporaryFolder, write } from '../support/project.ts';
import { codeOf } from '../support/random-repository.ts';
import { gitIn } from '../support/rebuilt.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';

/** Work trees that git itself tells only half of: each is recorded and rebuilt as it was. */

vi.setConfig({ testTimeout: SLOW_MS });

interface Case {
  readonly objectFormat?: 'sha256';
  readonly before: (root: string) => void;
  readonly after: (root: string) => void;
}

const CASES: Readonly<Record<string, Case>> = {
  'a new file whose name is none on another system': {
    before: () => undefined,
    after: (root) => {
      write(root, 'git~1', 'new\n');
    },
  },
  'a tracked folder that is a link now': {
    before: (root) => {
      write(root, 'data/a', 'a\n');
      write(root, 'out/b', 'b\n');
    },
    after: (root) => {
      renameSync(join(root, 'data'), join(root, 'moved'));
      symlinkSync('moved', join(root, 'data'));
      rmSync(join(root, 'out'), { recursive: true });
      symlinkSync(temporaryFolder(), join(root, 'out'));
    },
  },
  'a file in the place of a submodule': {
    before: (root) => {
      const library = temporaryFolder();
      write(library, 'lib.py', 'one\n');
      commitAll(library);
      gitIn(root, 'init', '--quiet');
      gitIn(root, 'submodule', 'add', '--quiet', library, 'lib');
    },
    after: (root) => {
      rmSync(join(root, 'lib'), { recursive: true });
      write(root, 'lib', 'a file now\n');
    },
  },
  'files in the place of a submodule': {
    before: (root) => {
      const library = temporaryFolder();
      write(library, 'lib.py', 'one\n');
      commitAll(library);
      gitIn(root, 'init', '--quiet');
      gitIn(root, 'submodule', 'add', '--quiet', library, 'lib');
    },
    after: (root) => {
      rmSync(join(root, 'lib/.git'));
      write(root, 'lib/more/new.py', 'new\n');
    },
  },
  'a pipe and a folder in the place of files': {
    before: (root) => {
      write(root, 'pipe', 'a file\n');
      write(root, 'folder', 'a file\n');
    },
    after: (root) => {
      for (const name of ['pipe', 'folder']) rmSync(join(root, name));
      execFileSync('mkfifo', [join(root, 'pipe')]);
      mkdirSync(join(root, 'folder'));
      write(root, 'folder/file', 'a folder now\n');
    },
  },
  'a large file with another executable bit, and one with other line endings': {
    before: (root) => {
      write(root, 'large.bin', Buffer.alloc(1024 * 1024 + 1, 'x'));
      write(root, 'lines.txt', 'line\n'.repeat(400_000));
      write(root, '.gitattributes', '*.txt text eol=crlf\n');
    },
    after: (root) => {
      rmSync(join(root, 'lines.txt'));
      gitIn(root, 'checkout', '--quiet', '--', 'lines.txt');
      for (const name of ['large.bin', 'lines.txt']) chmodSync(join(root, name), 0o755);
    },
  },
  'deletions in a repository of SHA-256': {
    objectFormat: 'sha256',
    before: (root) => {
      write(root, 'gone', 'gone\n');
    },
    after: (root) => {
      rmSync(join(root, 'gone'));
      write(root, 'new', 'new\n');
    },
  },
};

test.each(Object.entries(CASES))('%s', async (_name, { objectFormat, before, after }) => {
  const root = makeProject();
  gitIn(root, 'init', '--quiet', '--initial-branch=main', `--object-format=${objectFormat ?? 'sha1'}`);
  before(root);
  commitAll(root);
  after(root);
  const launched = await autolab(root, ['launch']);
  expect(launched.status, launched.stderr).toBe(0);
  const world = { top: root, prefix: '', projectOnly: false };
  const then = codeOf(world);
  const { notes } = manifestOf(root, runIds(root)[0] ?? '')['commit'] as { notes: readonly string[] };
  expect(notes.filter((note) => /could not be/.test(note))).toEqual([]);

  const tree = join(temporaryFolder(), 'tree');
  const rebuilt = await autolabJson(root, ['code', '--checkout', tree]);
  expect([rebuilt.status, rebuilt.json['missing']], rebuilt.stdout).toEqual([0, []]);
  expect(codeOf(world, tree)).toEqual(then);
});
