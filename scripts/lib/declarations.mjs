import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { ROOT } from './paths.mjs';

/**
 * Writes the declarations of the public library (what src/library.ts reaches) into `outDir`.
 *
 * Modules that speak zod are rewritten to plain types: zod is bundled, so a program that uses the library has no zod to
 * resolve `z.infer<…>` with. Types are not checked here; `npm run check` does that.
 */
export function writeDeclarations(outDir) {
  const entry = join(ROOT, 'src/library.ts');
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const program = ts.createProgram([entry], {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    noCheck: true,
    rootDir: join(ROOT, 'src'),
    outDir,
  });
  const emitted = new Map();
  program.emit(undefined, (path, text) => emitted.set(path, text), undefined, true);
  const plain = new Map();
  for (const source of program.getSourceFiles()) {
    if (source.isDeclarationFile) continue;
    const path = join(outDir, relative(join(ROOT, 'src'), source.fileName)).replace(/\.ts$/, '.d.ts');
    const text = emitted.get(path);
    if (text === undefined) throw new Error(`No declarations were made for ${source.fileName}.`);
    plain.set(
      path,
      /from ['"]zod['"]/.test(text)
        ? plainTypes(program, source)
        : text.replaceAll(/(from ['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2'),
    );
  }
  const written = reachable(join(outDir, 'library.d.ts'), plain);
  for (const path of written) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, plain.get(path));
  }
  complainAbout(outDir, written);
}

/** What a user of the library sees of a schema: enough to check a value with it. */
const SCHEMA = `export interface Schema<T> {
  parse(value: unknown): T;
  safeParse(value: unknown):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] } };
}
`;

/** The exports of a module that speaks zod, spelled out: types as they come out, schemas as \`Schema<…>\`. */
function plainTypes(program, source) {
  const checker = program.getTypeChecker();
  const flags =
    ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias | ts.TypeFormatFlags.UseFullyQualifiedType;
  const spell = (type, node) => checker.typeToString(type, node, flags);
  const lines = checker.getExportsOfModule(checker.getSymbolAtLocation(source)).map((symbol) => {
    const [declaration] = symbol.declarations;
    if (ts.isTypeAliasDeclaration(declaration)) {
      return `export type ${symbol.name} = ${spell(checker.getDeclaredTypeOfSymbol(symbol), declaration)};`;
    }
    if (ts.isInterfaceDeclaration(declaration)) return declaration.getText(source);
    const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
    const output = type.getProperty('_output');
    const shown =
      output === undefined
        ? spell(type, declaration)
        : `Schema<${spell(checker.getTypeOfSymbol(output), declaration)}>`;
    return `export declare const ${symbol.name}: ${shown};`;
  });
  return readable(`${SCHEMA}${named(lines).join('\n')}\n`);
}

/** Shapes that have a name are called by it: `host: HostRecord`, and not its keys once more. */
function named(lines) {
  const types = lines
    .map((line) => /^export type (\w+) = (\{.*\});$/.exec(line))
    .filter((match) => match !== null)
    .map(([, name, shape]) => ({ name, shape }))
    .toSorted((a, b) => b.shape.length - a.shape.length);
  return lines.map((line) =>
    types.reduce(
      (text, { name, shape }) => (text === `export type ${name} = ${shape};` ? text : text.replaceAll(shape, name)),
      line,
    ),
  );
}

/** A line for each key: editors show the text as it is. */
function readable(text) {
  return ts.createPrinter().printFile(ts.createSourceFile('types.d.ts', text, ts.ScriptTarget.ES2022));
}

/** Checks the written declarations as a program that uses them would. */
function complainAbout(outDir, paths) {
  const program = ts.createProgram([join(outDir, 'library.d.ts')], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
  });
  const wrong = [...paths].flatMap((path) => program.getSemanticDiagnostics(program.getSourceFile(path)));
  if (wrong.length === 0) return;
  const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => outDir, getNewLine: () => '\n' };
  throw new Error(`The declarations of the library do not hold together.\n${ts.formatDiagnostics(wrong, host)}`);
}

/** The declarations that library.d.ts leads to; complains about any that would need another package. */
function reachable(entry, files) {
  const seen = new Set();
  const visit = (path) => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = files.get(path);
    if (text === undefined) throw new Error(`${path} is imported by the declarations and was not made.`);
    for (const [, specifier] of text.matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)) {
      if (specifier.startsWith('.')) visit(join(dirname(path), specifier.replace(/\.js$/, '.d.ts')));
      else if (!specifier.startsWith('node:')) {
        throw new Error(
          `The public types need '${specifier}' (by ${relative(dirname(entry), path)}), which is not installed with the package.`,
        );
      }
    }
  };
  visit(entry);
  return seen;
}
