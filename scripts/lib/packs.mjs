import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Makes packs of a program: a pack is a script that gives its chunks as functions, which src/platform/packs.ts loads, with
 * what V8 made of it at an earlier start. A chunk is what a dynamic import loads, or what several of them share; chunks
 * that are needed together are in one pack, because each file costs time.
 */

/** Loaded by every process, before any code of ours; asking for them late would only cost time at each use. */
const ALWAYS_THERE = ['fs', 'path', 'url', 'util', 'events', 'buffer', 'process', 'timers', 'os', 'vm'];

/**
 * @param {typeof import('esbuild')} esbuild
 * @param {object} options of esbuild
 * @param {Record<string, string>} entries name → source
 * @param {Record<string, string[]>} together name of a pack → sources whose chunks it has, with all that these import at
 *   once; the first one is loaded at every start
 * @returns the name of the first pack, the exports of each entry, and esbuild's result
 */
export async function writePacks(esbuild, options, entries, together) {
  const result = await esbuild.build({
    ...options,
    entryPoints: entries,
    splitting: true,
    format: 'esm',
    write: false,
    define: { 'import.meta.dirname': '__dirname' },
  });
  const outputs = Object.fromEntries(
    Object.entries(result.metafile.outputs).map(([path, output]) => [basename(path), output]),
  );
  const chunks = new Map(
    await Promise.all(
      result.outputFiles.map(async ({ path, text }) => [basename(path), await asFunction(esbuild, text)]),
    ),
  );
  refuseCircles(outputs);
  const packs = packsOf(outputs, together);
  const write = (name, text) => {
    const file = `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase()}.js`;
    writeFileSync(join(options.outdir, file), text);
    return file;
  };
  const [[first, firstNames], ...others] = packs;
  const elsewhere = {};
  for (const [name, names] of others) {
    const file = write(name, packText(names, chunks));
    for (const chunk of names) elsewhere[`./${chunk}`] = file;
  }
  const exported = Object.fromEntries(Object.keys(entries).map((name) => [name, outputs[`${name}.js`].exports]));
  return { first: write(first, packText(firstNames, chunks, elsewhere)), exported, result };
}

/** The chunks that one loads at once. */
function importedBy({ imports }) {
  return imports
    .filter(({ path, kind }) => kind === 'import-statement' && !path.startsWith('node:'))
    .map(({ path }) => basename(path));
}

/** A chunk gives its exports when it has run: one that is loaded by what it loads would get nothing. */
export function refuseCircles(outputs) {
  const done = new Set();
  const visit = (name, path) => {
    if (path.includes(name)) throw new Error(`these chunks load one another: ${[...path, name].join(', ')}`);
    if (done.has(name)) return;
    for (const imported of importedBy(outputs[name])) visit(imported, [...path, name]);
    done.add(name);
  };
  for (const name of Object.keys(outputs)) visit(name, []);
}

/** Every chunk is in one pack: the first that wants it, or one of its own. */
function packsOf(outputs, together) {
  const bySource = new Map(Object.entries(outputs).map(([name, { entryPoint }]) => [entryPoint, name]));
  const left = new Set(Object.keys(outputs));
  const packs = Object.entries(together).map(([pack, sources]) => {
    const names = [];
    const visit = (name) => {
      if (!left.delete(name)) return;
      names.push(name);
      for (const imported of importedBy(outputs[name])) visit(imported);
    };
    for (const source of sources) {
      const name = bySource.get(source);
      if (name === undefined) throw new Error(`${source}, of the pack ${pack}, is loaded by no dynamic import`);
      visit(name);
    }
    return [pack, names];
  });
  return [...packs, ...[...left].map((name) => [name.replace(/(-[A-Z0-9]{8})?\.js$/, ''), [name]])];
}

/** esbuild's own helpers at the beginning, which many chunks share, and the body of the function. */
async function asFunction(esbuild, code) {
  const { code: text, warnings } = await esbuild.transform(code, {
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    minifySyntax: true,
    minifyWhitespace: true,
    // `import()` would need Node's loader.
    supported: { 'dynamic-import': false },
  });
  // Such as `import.meta.url`, which a script does not have.
  for (const { text: words } of warnings) throw new Error(words);
  const at = Math.max(0, text.indexOf('var stdin_exports={}'));
  return { helpers: text.slice(0, at), body: withLateModules(withValues(asOurs(text.slice(at).trimEnd()))) };
}

const EXPORTS = /^var stdin_exports=\{\};__export\(stdin_exports,\{([^{}]*)\}\);module\.exports=stdin_exports;/;

/**
 * The exports of a chunk as values of one object, when it has run: to define a getter for each takes longer than most chunks
 * take to run. A name that may change later keeps its getter.
 */
export function withValues(body) {
  const [declared, list] = EXPORTS.exec(body) ?? [];
  if (declared === undefined) return body;
  const rest = body.slice(declared.length);
  const exported = list.split(',').map((one) => {
    const [, name, value] = /^([\w$]+):\(\)=>([\w$.]+)$/.exec(one) ?? [];
    if (name === undefined) throw new Error(`scripts/lib/packs.mjs does not know such an export: ${one}`);
    return mayChange(value, rest) ? `get ${name}(){return ${value}}` : `${name}:${value}`;
  });
  return `${rest};module.exports={${exported.join(',')}};`;
}

/** Whether there is more than one thing that looks like an assignment; a parameter of that name with a default counts. */
function mayChange(value, text) {
  const name = value.replaceAll(/[$.]/g, '\\$&');
  const assignment = `(?:\\+\\+|--)${name}(?![\\w$])|(?<![\\w$.])${name}(?:\\+\\+|--|[-+*/%&|^?<>]*=(?![=>]))`;
  return (text.match(new RegExp(assignment, 'g')) ?? []).length > 1;
}

/** What is between two chunks needs no copy of all exports. */
function asOurs(body) {
  return body
    .replace('module.exports=__toCommonJS(stdin_exports)', 'module.exports=stdin_exports')
    .replaceAll(/__toESM\((require\("\.\/[^"]+"\))\)/g, '$1');
}

/** Node's own modules are asked for when they are first used: some take longer to load than all of a command. */
export function withLateModules(text) {
  const late = [...text.matchAll(/\b(import_node_\w+)=((?:__toESM\d*\()?require\("node:([^"]+)"\)\)?)/g)].filter(
    ([, , , module]) => !ALWAYS_THERE.includes(module),
  );
  return late.reduce((changed, [, name, value]) => {
    const [before, after, ...more] = changed.split(`${name}=${value}`);
    const used = (part) => part.replaceAll(new RegExp(`\\b${name}\\.`, 'g'), `(${name}()).`);
    if (more.length > 0 || new RegExp(`\\b${name}\\b(?!\\.)`).test(before + after))
      throw new Error(`${name} is used in a way that scripts/lib/packs.mjs does not know`);
    return `${used(before)}${name}=__late(()=>${value})${used(after)}`;
  }, text);
}

export const LATE = 'const __late=get=>{let got;return()=>got??=get()};';

function packText(names, chunks, elsewhere) {
  const byHelpers = byHelpersOf(names, chunks);
  const groups = [...byHelpers].map(([helpers, some]) => {
    const functions = some.map(
      (name) => `${JSON.stringify(`./${name}`)}:function(exports,module,require,__dirname){${chunks.get(name).body}\n}`,
    );
    return `...(()=>{${helpers}return{\n${functions.join(',\n')}}})()`;
  });
  const table = elsewhere === undefined ? '' : `,elsewhere:${JSON.stringify(elsewhere)}`;
  return `(()=>{"use strict";${LATE}return{chunks:{${groups.join(',\n')}}${table}}})()\n`;
}

function byHelpersOf(names, chunks) {
  const groups = new Map();
  for (const name of names) {
    const { helpers } = chunks.get(name);
    groups.set(helpers, [...(groups.get(helpers) ?? []), name]);
  }
  return groups;
}
