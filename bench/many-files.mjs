import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, inSeconds, interleaved, QUICK, secondsOfProgram } from './measure.mjs';
import { AUTOLAB, lastManifest, makeProject, rewind, stateOf } from './project.mjs';

const FILES = QUICK ? 4000 : 40_000;
const FILES_PER_FOLDER = 100;
const ENTRYPOINT = ['bash', '-c', 'echo {} > "$AUTOLAB_RUN_DIR/metrics.json"'];

/** What files that git does not ignore add to a launch, with and without the digests of the launch before. */
export async function manyFiles() {
  const bare = makeProject(ENTRYPOINT);
  const cwd = makeProject(ENTRYPOINT);
  const paths = makePackages(cwd);
  const stdin = { cwd, input: paths.join('\0'), stdio: ['pipe', 'ignore', 'pipe'] };
  const launchBare = launcherOf(bare);
  const launch = launcherOf(cwd);
  const taken = await interleaved(3, {
    git: () => secondsOfProgram(['git', 'status', '--porcelain', '--untracked-files=all'], { cwd }),
    sha256sum: () => secondsOfProgram(['xargs', '-0', 'sha256sum', '--'], stdin),
    bare: launchBare,
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
    ['a launch', 'first', '< 2'],
    ['the next one', 'next', ''],
  ].map(([what, which, aim]) =>
    compare(
      `what ${count} untracked files add to ${what}`,
      { seconds: taken[which] - taken.bare },
      against,
      aim,
      inSeconds,
    ),
  );
}

/** Gives a function that launches and returns the seconds of all but the run, which compares the digests itself. */
function launcherOf(cwd) {
  const state = stateOf(cwd);
  return () => {
    rewind(cwd, state);
    const seconds = secondsOfProgram([...AUTOLAB, 'launch', '--quiet'], { cwd });
    return seconds - lastManifest(cwd).usage.used.wall_seconds;
  };
}

/** Sizes as those of Python's packages. */
function makePackages(root) {
  const sizes = [200, 1000, 3000, 8000, 20_000];
  const paths = Array.from(
    { length: FILES },
    (_, index) => `packages/${Math.floor(index / FILES_PER_FOLDER)}/${index}.py`,
  );
  for (let folder = 0; folder * FILES_PER_FOLDER < FILES; folder += 1)
    mkdirSync(join(root, 'packages', String(folder)), { recursive: true });
  for (const [index, path] of paths.entries()) writeFileSync(join(root, path), textOf(sizes[index % sizes.length]));
  return paths;
}

function textOf(bytes) {
  return randomBytes(bytes / 2)
    .toString('hex')
    .replaceAll(/.{60}/g, '$&\n');
}
