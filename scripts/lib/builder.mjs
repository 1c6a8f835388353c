import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { exclusively } from './lock.mjs';
import { LATE, withLateModules, writePacks } from './packs.mjs';
import { ROOT } from './paths.mjs';
import { TOGETHER } from './together.mjs';

const DIST = join(ROOT, 'dist');

/** Two programs, each in packs: see packs.mjs. */
const PROGRAM = {
  program: 'src/cli/program.ts',
  // What the package exports.
  library: 'src/library.ts',
};
const SUPERVISOR = { supervise: 'src/executors/local/supervisor/supervise.ts' };
/** In one file each. The first three are the beginnings of those programs. */
const ALONE = {
  main: 'src/cli/main.ts',
  index: 'src/platform/packed-library.ts',
  supervisor: 'src/executors/local/supervisor/main.ts',
  'digest-worker': 'src/records/digest-worker.ts',
};
const ENTRIES = [...Object.keys(ALONE).map((name) => `${name}.js`), 'index.mjs'];

/** A pack that nothing refers to any more is kept this long: a program started before the build may still load it. */
const STALE_AFTER_MS = 3_600_000;

/**
 * Brings dist/ up to date. Costs a few hundredths of a second when nothing changed.
 *
 * @param {{types?: boolean, clean?: boolean, log?: (line: string) => void}} [options] `types`: also the declarations of
 *   the public library; `clean`: remove everything else from dist/, for packing.
 */
export async function build({ types = true, clean = false, log = () => {} } = {}) {
  const digest = sourceDigest();
  if (!clean && isFresh(digest, types)) return;
  await exclusively('build', async () => {
    // Whoever held the lock before us has probably built the same.
    if (!clean && isFresh(digest, types)) return;
    const began = performance.now();
    mkdirSync(DIST, { recursive: true });
    const temporary = mkdtempSync(join(DIST, '.building-'));
    try {
      await bundle(temporary);
      if (types) {
        const { writeDeclarations } = await import('./declarations.mjs');
        writeDeclarations(join(temporary, 'types'));
      }
      publish(temporary, digest, { types, clean });
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
    log(`built dist/ in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  });
}

async function bundle(outdir) {
  const esbuild = await import('esbuild');
  const { bundledPackages, licenceTexts } = await import('./licences.mjs');
  const options = {
    absWorkingDir: ROOT,
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    // Beside the entries, not below them: `join(import.meta.dirname, 'digest-worker.js')` holds in a chunk, too.
    chunkNames: '[name]-[hash]',
    // Names stay whole, so that a stack trace can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    // Errors come as an exception, and there are no warnings to get used to.
    logLevel: 'silent',
    // The SDK's own brings a validator of JSON Schema, without the licences of the packages compiled into it.
    alias: { '@modelcontextprotocol/server/_shims': './src/mcp/sdk-shims.ts' },
  };
  const [program, supervisor] = await Promise.all([
    writePacks(esbuild, options, PROGRAM, TOGETHER),
    writePacks(esbuild, options, SUPERVISOR, { supervise: Object.values(SUPERVISOR) }),
  ]);
  const define = {
    AUTOLAB_PROGRAM: JSON.stringify(program.first),
    AUTOLAB_SUPERVISOR: JSON.stringify(supervisor.first),
    'import.meta.dirname': '__dirname',
  };
  const banner = { js: `"use strict";${LATE}` };
  const alone = await esbuild.build({ ...options, format: 'cjs', entryPoints: ALONE, define, banner, write: false });
  for (const { path, text } of alone.outputFiles) writeFileSync(path, withLateModules(text));
  writeFileSync(join(outdir, 'index.mjs'), moduleOf(program.exported['library']));
  // The package is one of ECMAScript modules; what Node starts here loads faster as CommonJS.
  writeFileSync(join(outdir, 'package.json'), '{"type":"commonjs"}\n');
  mkdirSync(join(outdir, 'types'), { recursive: true });
  writeFileSync(join(outdir, 'types/package.json'), '{"type":"module"}\n');
  const results = [program.result, supervisor.result, alone];
  const warnings = results.flatMap((result) => result.warnings);
  if (warnings.length > 0) throw new Error(warnings.map((warning) => warning.text).join('\n'));
  const inputs = results.flatMap((result) => Object.keys(result.metafile.inputs));
  writeFileSync(join(outdir, 'THIRD_PARTY_LICENSES.txt'), licenceTexts(bundledPackages([...new Set(inputs)])));
}

/** The library as other programs import it: each name, so that they can be checked before anything runs. */
function moduleOf(names) {
  const load = "import{createRequire}from'node:module';const{library}=createRequire(import.meta.url)('./index.js');";
  return `${load}export const{${names.toSorted().join(',')}}=library;\n`;
}

/**
 * Moves the new files into dist/ one by one: packs first, which have their digest in the name, then the entries. At no
 * instant is there an entry that leads to a missing pack, so a test or a driver may start while a build ends.
 */
function publish(temporary, digest, { types, clean }) {
  const entries = new Set(ENTRIES);
  const made = filesBelow(temporary).map((path) => relative(temporary, path));
  for (const file of made.toSorted((a, b) => Number(entries.has(a)) - Number(entries.has(b)))) {
    mkdirSync(dirname(join(DIST, file)), { recursive: true });
    renameSync(join(temporary, file), join(DIST, file));
  }
  const stamp = join(DIST, `.stamp.${randomBytes(4).toString('hex')}`);
  writeFileSync(stamp, JSON.stringify({ js: digest, types: types ? digest : null }));
  renameSync(stamp, join(DIST, '.stamp'));
  const wanted = new Set([...made, '.stamp']);
  const horizon = clean ? Infinity : Date.now() - STALE_AFTER_MS;
  for (const path of filesBelow(DIST)) {
    const file = relative(DIST, path);
    if (wanted.has(file) || (!types && file.startsWith('types/'))) continue;
    if (statSync(path).mtimeMs < horizon) rmSync(path);
  }
}

function isFresh(digest, types) {
  try {
    const stamp = JSON.parse(readFileSync(join(DIST, '.stamp'), 'utf8'));
    const entriesThere = ENTRIES.every((name) => existsSync(join(DIST, name)));
    return entriesThere && stamp.js === digest && (!types || stamp.types === digest);
  } catch {
    return false;
  }
}

/** Digest of everything that decides what the build makes. */
function sourceDigest() {
  const sources = filesBelow(join(ROOT, 'src')).filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
  const tools = ['builder', 'declarations', 'licences', 'packs', 'together'].map((name) =>
    join(ROOT, `scripts/lib/${name}.mjs`),
  );
  const settings = ['package.json', 'package-lock.json', 'tsconfig.json'].map((name) => join(ROOT, name));
  const hash = createHash('sha256');
  for (const path of [...sources, ...tools, ...settings].sort()) {
    hash
      .update(`${relative(ROOT, path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
