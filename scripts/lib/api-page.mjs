import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './paths.mjs';

/** The reference of the library, read out of its types: each verb with its options, its result and its events. */
export function apiPage(madeBy) {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const path = join(ROOT, 'src/commands/open-project.ts');
  const program = ts.createProgram([path], options);
  const reader = readerOf(program.getTypeChecker());
  const exports = reader.exportsOf(program.getSourceFile(path));
  const project = exports.get('Project');
  const verbs = reader.verbsOf(project, '');
  const free = ['init', 'checkMachine', 'scriptPrologue'].map((name) => reader.verbOf(exports.get(name), ''));
  return `${madeBy('src/commands/open-project.ts')}

# The library

\`openProject(root)\` has a verb for each [command](commands.md); \`findProject(folder)\` finds the root
([guide](../how-to/use-as-a-library.md)).

A verb takes one object with options (\`=\`: the default, \`!\`: required) and returns a promise of
[the keys of every result](commands.md#the-json-result) and of those after the arrow.

${verbs.map(line).join('\n')}

\`abandon\` is \`autolab cancel --force\`. Where there is \`onEvent\`, events have a \`type\`:

${eventsOf(verbs).join('\n')}

Without a project:

${free.map(line).join('\n')}
- \`slurmJobList\`, as above
`;
}

function readerOf(checker) {
  const docOf = (symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker)).replaceAll(/\s+/g, ' ');
  const typeOf = (symbol) =>
    checker.getTypeOfSymbolAtLocation(symbol, symbol.valueDeclaration ?? symbol.declarations[0]);

  const optionsOf = (parameter) =>
    parameter === undefined
      ? []
      : checker.getPropertiesOfType(checker.getNonNullableType(typeOf(parameter))).map((option) => ({
          name: option.name,
          required: (option.flags & ts.SymbolFlags.Optional) === 0,
          doc: docOf(option),
        }));

  /** `Promise<Result>` or `Call<Result, Event>`. */
  const answerOf = (type) => {
    const [result, event] = type.aliasTypeArguments ?? checker.getTypeArguments(type);
    const own = checker.getPropertiesOfType(result).filter(({ parent }) => parent?.name !== 'VerbResult');
    const events = event === undefined ? [] : event.isUnion() ? event.types : [event];
    return {
      keys: own.map(({ name }) => name),
      event:
        event === undefined
          ? null
          : { name: nameOf(event), types: events.map((each) => typeOf(each.getProperty('type')).value) },
    };
  };

  const nameOf = (type) => (type.aliasSymbol ?? type.symbol).name;

  const verbOf = (symbol, prefix) => {
    const [signature] = typeOf(symbol).getCallSignatures();
    return {
      name: `${prefix}${symbol.name}`,
      options: optionsOf(signature.getParameters()[0]),
      ...answerOf(signature.getReturnType()),
    };
  };

  const verbsOf = (symbol, prefix) =>
    checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).flatMap((member) => {
      const type = typeOf(member);
      if (type.getCallSignatures().length > 0) return [verbOf(member, prefix)];
      return type.symbol === undefined ? [] : verbsOf(type.symbol, `${prefix}${member.name}.`);
    });

  const exportsOf = (source) =>
    new Map(checker.getExportsOfModule(checker.getSymbolAtLocation(source)).map((symbol) => [symbol.name, symbol]));

  return { exportsOf, verbOf, verbsOf };
}

function line({ name, options, keys }) {
  const shown = options.map((option) => `${option.name}${option.required ? '!' : defaultOf(option.doc)}`);
  const result = keys.length === 0 ? '' : ` → ${keys.map((key) => `\`${key}\``).join(', ')}`;
  return `- \`${name}(${shown.length === 0 ? '' : `{ ${shown.join(', ')} }`})\`${result}`;
}

function defaultOf(doc) {
  const [, value] = /Default: ([^,.;]+)/.exec(doc) ?? [];
  return value === undefined || value.includes(' ') ? '' : `=${value.replaceAll('`', '')}`;
}

/** Each kind of event once, with the values of its `type`. */
function eventsOf(verbs) {
  const kinds = new Map(verbs.flatMap(({ event }) => (event === null ? [] : [[event.name, event.types]])));
  return [...kinds].map(([name, types]) => `- \`${name}\`: ${types.map((type) => `\`${type}\``).join(', ')}`);
}
