// The house rules that no type or formatter keeps, each with its reason. `test/tooling/restrictions.test.ts` shows that
// every one of them bites. A later entry replaces the rules of an earlier one for the files that both match.

const DOORS = {
  fs: 'Files have one door: src/platform. It knows what must survive a crash.',
  child_process: 'Processes have one door: src/platform. It bounds, reaps and never takes a shell unasked.',
  worker_threads: 'Worker threads are for digests (src/records) only.',
};

/** @param {(keyof typeof DOORS)[]} names */
function doors(...names) {
  return names.flatMap((name) =>
    [name, `node:${name}`, `${name}/promises`, `node:${name}/promises`].map((path) => ({
      name: path,
      message: DOORS[name],
    })),
  );
}

const HABITS = [
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only: one name for a thing, everywhere.' },
  {
    selector: "ExportNamedDeclaration > VariableDeclaration[kind!='const']",
    message: 'What is exported stays as it is: the build gives it to the other files as a value.',
  },
  { selector: 'TSEnumDeclaration', message: 'A union of strings instead of an enum: it is what the files hold.' },
];

// Reading the clock, that is; `Date.parse` of a text is a function like any other.
const CLOCK = [
  "MemberExpression[object.name='Date'][property.name='now']",
  "NewExpression[callee.name='Date'][arguments.length=0]",
  "CallExpression[callee.name='Date']",
  "MemberExpression[object.name='process'][property.name=/^(hrtime|uptime)$/]",
  "Identifier[name='performance']",
].map((selector) => ({ selector, message: 'The clock has one door: src/platform/time.ts.' }));

const CHANCE = [
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'The projection leaves nothing to chance.',
  },
  { selector: "Identifier[name='process']", message: 'The projection reads no environment.' },
  { selector: "Identifier[name='Intl']", message: 'The projection does not depend on the locale.' },
];

const EXIT = {
  object: 'process',
  property: 'exit',
  message: 'Only src/cli ends the process; elsewhere it would cut off what is still being written.',
};

const TESTS = ['**/*.test.ts'];

// A function fits a screen, and has about a dozen branches. ESLint counts `??`, `?.` and default values as branches, which
// are fallbacks and not ways to go: three more are left for them. (`variant: 'modified'` would count a switch once, and our
// functions branch by guard clauses.)
const SIZES = {
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
  complexity: ['error', { max: 15 }],
};

/** The texts and shapes of older records, frozen as they were. */
const FROZEN = ['src/records/format-1/**'];

/** @type {import('eslint').Linter.Config[]} */
export const restrictions = [
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    rules: { 'max-lines': ['error', { max: 400 }], 'no-restricted-syntax': ['error', ...HABITS] },
  },
  {
    files: ['src/**/*.ts'],
    ignores: TESTS,
    rules: {
      'no-console': 'error',
      'no-restricted-imports': ['error', { paths: doors('fs', 'child_process', 'worker_threads') }],
      'no-restricted-syntax': ['error', ...HABITS, ...CLOCK],
      'no-restricted-properties': ['error', EXIT],
    },
  },
  {
    files: ['src/**/*.ts', 'bin/**/*.js', '{scripts,bench}/**/*.{mjs,cjs}', '*.{js,cjs}'],
    ignores: [...TESTS, ...FROZEN],
    rules: SIZES,
  },
  { files: ['src/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  // A second Ctrl-C leaves at once: that is what it is for.
  { files: ['src/cli/main.ts', 'src/cli/interrupts.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['src/platform/time.ts'], rules: { 'no-restricted-syntax': ['error', ...HABITS] } },
  {
    files: ['src/platform/**/*.ts'],
    ignores: TESTS,
    rules: { 'no-restricted-imports': ['error', { paths: doors('worker_threads') }] },
  },
  {
    files: ['src/records/**/*.ts'],
    ignores: TESTS,
    rules: { 'no-restricted-imports': ['error', { paths: doors('fs', 'child_process') }] },
  },
  {
    // The same journal gives the same bytes, anywhere and at any time (X3).
    files: ['src/records/projection*.ts', 'src/records/manifest-schema.ts'],
    ignores: TESTS,
    rules: {
      'no-restricted-syntax': ['error', ...HABITS, ...CLOCK, ...CHANCE],
      'no-restricted-imports': [
        'error',
        {
          paths: doors('fs', 'child_process', 'worker_threads'),
          patterns: [
            {
              group: ['**/platform/ids.ts'],
              importNamePattern: '^new',
              message: 'The projection leaves nothing to chance.',
            },
          ],
        },
      ],
    },
  },
];
