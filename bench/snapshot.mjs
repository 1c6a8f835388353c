import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, inSeconds, interleaved, median, QUICK } from './measure.mjs';
import { launched, makeProject, rewind, stateOf } from './project.mjs';

const FILES = QUICK ? 1000 : 10_000;
const FILES_PER_FOLDER = 100;

/** A copy of the code beside the listing of the same launch, which reads every file. */
export async function snapshot() {
  const cwd = makeProject(['bash', '-c', 'echo {} > "$AUTOLAB_RUN_DIR/metrics.json"']);
  const paths = makeCode(cwd);
  commit(cwd);
  writeFileSync(join(cwd, '.autolab/launch.yaml'), 'code: {run_from: snapshot}\n');
  const state = stateOf(cwd);
  const listings = [];
  const made = async () => {
    rewind(cwd, state);
    const { seconds: listing, snapshot: copy } = (await launched(cwd, process.env)).manifest.commit;
    listings.push(listing);
    return copy.seconds;
  };
  const taken = await interleaved(QUICK ? 1 : 3, {
    copied: () => {
      execFileSync('chmod', ['-R', 'u+w', join(cwd, '.autolab')]);
      rmSync(join(cwd, '.autolab/snapshots'), { recursive: true, force: true });
      return made();
    },
    linked: () => {
      writeFileSync(join(cwd, paths[0]), randomBytes(100));
      return made();
    },
    found: made,
  });
  const against = { name: 'the listing', seconds: median(listings) };
  const count = FILES.toLocaleString('en');
  return [
    [`a first snapshot of ${count} files, copied`, 'copied', ''],
    [`the next one after an edit, linked`, 'linked', '< 2'],
    [`one that is there, compared`, 'found', ''],
  ].map(([what, which, aim]) => compare(what, { seconds: taken[which] }, against, aim, inSeconds));
}

/** Nearly all of it is clean, so that the listing is the list and no patch. */
function commit(cwd) {
  const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', '-c', 'commit.gpgsign=false'];
  execFileSync('git', ['add', '-A'], { cwd });
  execFileSync('git', [...author, 'commit', '-q', '-m', 'code'], { cwd });
}

/** Sizes as those of source code. */
function makeCode(root) {
  const sizes = [200, 1000, 3000, 8000, 20_000];
  const paths = Array.from({ length: FILES }, (_, at) => `src/${Math.floor(at / FILES_PER_FOLDER)}/${at}.py`);
  for (let at = 0; at * FILES_PER_FOLDER < FILES; at += 1)
    mkdirSync(join(root, 'src', String(at)), { recursive: true });
  for (const [at, path] of paths.entries()) writeFileSync(join(root, path), randomBytes(sizes[at % sizes.length]));
  return paths;
}
