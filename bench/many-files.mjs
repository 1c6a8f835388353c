import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, inSeconds, interleaved, median, QUICK, secondsOfProgram } from './measure.mjs';
import { AUTOLAB, lastManifest, makeProject, rewind, stateOf } from './project.mjs';

const FILES = QUICK ? 4000 : 40_000;
const FILES_PER_FOLDER = 100;

/** A launch beside an environment that git does not ignore, with and without the digests of the launch before. */
export async function manyFiles() {
  const cwd = makeProject(['bash', '-c', 'echo {} > "$AUTOLAB_RUN_DIR/metrics.json"']);
  const state = stateOf(cwd);
  const paths = makeEnvironment(cwd);
  const stdin = { cwd, input: paths.join('\0'), stdio: ['pipe', 'ignore', 'pipe'] };
  const own = [];
  const launch = () => {
    rewind(cwd, state);
    const seconds = secondsOfProgram([...AUTOLAB, 'launch', '--quiet'], { cwd });
    own.push(lastManifest(cwd).usage.used.wall_seconds);
    return seconds;
  };
  const taken = await interleaved(3, {
    git: () => secondsOfProgram(['git', 'status', '--porcelain', '--untracked-files=all'], { cwd }),
    sha256sum: () => secondsOfProgram(['xargs', '-0', 'sha256sum', '--'], stdin),
    first: () => {
      // Every file has another state, so that nothing is known of it.
      for (const path of paths) appendFileSync(join(cwd, path), '\n');
      return launch();
    },
    next: () => {
      // The launch before this one found the files too young to keep their digests.
      launch();
      return launch();
    },
  });
  const count = FILES.toLocaleString('en');
  const against = { name: '`git status` and `sha256sum`', seconds: taken.git + taken.sha256sum };
  return [
    ['a launch with', 'first', '< 2'],
    ['the next launch with', 'next', ''],
  ].map(([what, which, aim]) =>
    compare(
      `${what} ${count} untracked files, all but the entrypoint`,
      { seconds: taken[which] - median(own) },
      against,
      aim,
      inSeconds,
    ),
  );
}

/** Sizes as those of Python's packages. */
function makeEnvironment(root) {
  const sizes = [200, 1000, 3000, 8000, 20_000];
  const paths = Array.from(
    { length: FILES },
    (_, index) => `.venv/lib/${Math.floor(index / FILES_PER_FOLDER)}/${index}.py`,
  );
  for (let folder = 0; folder * FILES_PER_FOLDER < FILES; folder += 1)
    mkdirSync(join(root, '.venv/lib', String(folder)), { recursive: true });
  for (const [index, path] of paths.entries())
    writeFileSync(join(root, path), randomBytes(sizes[index % sizes.length]));
  return paths;
}
