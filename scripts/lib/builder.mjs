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
import { ROOT } from './paths.mjs';

const DIST = join(ROOT, 'dist');

/** Entries that share code, in chunks beside them. */
const SHARING = {
  program: 'src/cli/program.ts',
  // What the package exports; the command line has what it uses of it in chunks.
  index: 'src/library.ts',
};
/** Imported by every entry of SHARING, so that it becomes one chunk. */
const TOGETHER = 'scripts/lib/together.mjs';
/** Entries in one file each: they start often and need little, and each further file takes about a millisecond to load. */
const ALONE = {
  main: 'src/cli/main.ts',
  'digest-worker': 'src/records/digest-worker.ts',
  supervisor: 'src/executors/local/supervisor/main.ts',
};
const ENTRIES = { ...SHARING, ...ALONE };

/** `main` loads the entry `program` beside it, and only if it needs it. */
const PROGRAM_APART = {
  name: 'program-apart',
  setup: (bundler) =>
    bundler.onResolve({ filter: /^\.\/program\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './program.js', external: true } : undefined,
    ),
};

/** A chunk that nothing refers to any more is kept this long: a program started before the build may still load it. */
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
  const { build: esbuild } = await import('esbuild');
  const { bundledPackages, licenceTexts } = await import('./licences.mjs');
  const common = {
    absWorkingDir: ROOT,
    outdir,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Beside the entries, not below them: `new URL('./supervisor.js', import.meta.url)` holds in a chunk, too.
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
    // The CommonJS packages among the dependencies ask for Node's own modules with `require`.
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  };
  const outcomes = await Promise.allSettled([
    esbuild({ ...common, entryPoints: SHARING, splitting: true, inject: [TOGETHER] }),
    esbuild({ ...common, entryPoints: ALONE, plugins: [PROGRAM_APART] }),
  ]);
  // Only now does neither write into the folder any more.
  const results = outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  const warnings = results.flatMap((result) => result.warnings);
  if (warnings.length > 0) throw new Error(warnings.map((warning) => warning.text).join('\n'));
  const inputs = results.flatMap((result) => Object.keys(result.metafile.inputs));
  writeFileSync(join(outdir, 'THIRD_PARTY_LICENSES.txt'), licenceTexts(bundledPackages([...new Set(inputs)])));
}

/**
 * Moves the new files into dist/ one by one: chunks first, which have their digest in the name, then the entries. At no
 * instant is there an entry that leads to a missing chunk, so a test or a driver may start while a build ends.
 */
function publish(temporary, digest, { types, clean }) {
  const entries = new Set(Object.keys(ENTRIES).map((name) => `${name}.js`));
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
    const entriesThere = Object.keys(ENTRIES).every((name) => existsSync(join(DIST, `${name}.js`)));
    return entriesThere && stamp.js === digest && (!types || stamp.types === digest);
  } catch {
    return false;
  }
}

/** Digest of everything that decides what the build makes. */
function sourceDigest() {
  const sources = filesBelow(join(ROOT, 'src')).filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
  const tools = ['builder', 'declarations', 'licences', 'together'].map((name) =>
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
