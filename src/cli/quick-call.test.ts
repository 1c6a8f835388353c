import { CommanderError } from 'commander';
import { expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { makeProgram } from './make-program.ts';
import { type Call, quickCall } from './quick-call.ts';
import { GLOBAL_OPTIONS, type Verb, type VerbOption } from './verb.ts';
import { VERBS } from './verbs.ts';

/** What the parser makes of it; null if it has something to say instead. */
async function parsed(words: readonly string[]): Promise<Call | null> {
  let found: Call | null = null;
  const program = makeProgram(VERBS, (call) => {
    found = call;
    return Promise.resolve();
  });
  program.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return null;
  }
  return found;
}

interface Named {
  readonly path: readonly string[];
  readonly verb: Verb;
}

function named(verbs: readonly Verb[], before: readonly string[] = []): readonly Named[] {
  return verbs.flatMap((verb) => {
    const path = [...before, verb.name];
    return verb.sub === undefined ? [{ path, verb }] : named(verb.sub, path);
  });
}

const ALL = named(VERBS);
const WORD = fc.stringMatching(/^[a-z0-9./=@ äö"'#]{1,8}$/);

/** Every way to write an option. */
function formsOf({ flags }: VerbOption): fc.Arbitrary<readonly string[]> {
  const names = flags.split(/[ ,]+/).filter((name) => name.startsWith('-'));
  const name = fc.constantFrom(...names);
  if (!flags.includes('<')) return name.map((flag) => [flag]);
  return fc.tuple(name, WORD, fc.boolean()).map(([flag, value, joined]) => {
    if (!joined) return [flag, value];
    return flag.startsWith('--') ? [`${flag}=${value}`] : [`${flag}${value}`];
  });
}

function operandsOf({ operands = [] }: Verb): fc.Arbitrary<readonly (readonly string[])[]> {
  const least = operands.filter(({ usage }) => usage.startsWith('<')).length;
  const most = operands.some(({ usage }) => usage.includes('...')) ? operands.length + 2 : operands.length;
  return fc.array(
    WORD.map((word) => [word]),
    { minLength: least, maxLength: most },
  );
}

const PARTS = { numRuns: 60, seed: 18 };

it.each(ALL.map(({ path, verb }) => [path.join(' '), path, verb] as const))(
  '%s: plain words mean what the parser makes of them',
  async (_name, path, verb) => {
    const option = fc.oneof(...[...(verb.options ?? []), ...GLOBAL_OPTIONS].map(formsOf));
    const call = fc
      .tuple(operandsOf(verb), fc.array(option, { maxLength: 5 }))
      .chain(([operands, options]) =>
        fc.shuffledSubarray([...operands, ...options], { minLength: operands.length + options.length }),
      )
      .map((parts) => [...path, ...parts.flat()]);
    let quick = 0;
    await fc.assert(
      fc.asyncProperty(call, async (words) => {
        const found = quickCall(VERBS, words);
        if (found === null) return;
        quick += 1;
        expect(found).toEqual(await parsed(words));
      }),
      PARTS,
    );
    // The rest, such as `-Cdir`, is left to the parser.
    expect(quick).toBeGreaterThan(PARTS.numRuns / 3);
  },
);

it('any words: it agrees with the parser, or leaves them to it', async () => {
  const flags = [
    ...new Set(ALL.flatMap(({ verb }) => verb.options ?? []).flatMap(({ flags }) => flags.split(/[ ,]+/))),
  ];
  const odd = [
    '',
    '-',
    '--',
    '-1',
    '--help',
    '-h',
    '-V',
    '--version',
    '-qv',
    '-qC',
    '--js',
    '--json=1',
    '--no-json',
    '-C=x',
  ];
  const word = fc.oneof(
    WORD,
    fc.constantFrom(...odd),
    fc.constantFrom(...flags),
    fc.constantFrom(...VERBS.map(({ name }) => name)),
  );
  const verb = fc.constantFrom(...ALL.map(({ path }) => path));
  await fc.assert(
    fc.asyncProperty(verb, fc.array(word, { maxLength: 6 }), async (path, words) => {
      const found = quickCall(VERBS, [...path, ...words]);
      if (found !== null) expect(found).toEqual(await parsed([...path, ...words]));
    }),
    { numRuns: 3000, seed: 18 },
  );
});

it('leaves help, versions, slips and what is missing to the parser', () => {
  const calls = [
    '',
    'statu',
    'status extra',
    'status --hlp',
    'status --help',
    '--json status',
    'status -V',
    'todo',
    'launch --run-id',
    'launch --run-id -x',
    'status --json=1',
    'launch --run-id=',
  ];
  expect(calls.filter((call) => quickCall(VERBS, call.split(' ')) !== null)).toEqual([]);
});
