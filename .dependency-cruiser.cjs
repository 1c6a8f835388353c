/**
 * Who may import whom. `docs/explanation/architecture.md` draws it; `test/tooling/boundaries.test.ts` shows that every rule bites.
 * Type-only imports count: a type that leaks across a boundary is a boundary that is not there.
 */

const { FLOORS } = require('./scripts/lib/floors.cjs');

// Tests may reach for anything: they arrange worlds.
const NOT_TESTS = '\\.test\\.ts$';

/** @param {string} floor */
function pathOf(floor) {
  return `^src/${floor.replace('.', '\\.')}${floor.includes('.') ? '$' : '/'}`;
}

const floorRules = Object.entries(FLOORS).map(([floor, below]) => ({
  name: `floor-${floor}`,
  severity: 'error',
  comment: `src/${floor} imports ${below.length === 0 ? 'nothing else' : below.join(', ')} and itself only.`,
  from: { path: pathOf(floor), pathNot: NOT_TESTS },
  to: { path: '^src/', pathNot: [floor, ...below].map(pathOf) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Modules that need each other are one module.',
      from: {},
      to: { circular: true },
    },
    ...floorRules,
    {
      name: 'every-file-has-a-floor',
      severity: 'error',
      comment: 'A new folder takes its place in the table above.',
      from: {},
      to: { path: '^src/', pathNot: Object.keys(FLOORS).map(pathOf) },
    },
    {
      name: 'leaves-import-no-package',
      severity: 'error',
      comment: 'errors and events are words and types: no module of Node, and no package.',
      from: { path: '^src/(errors|events)/', pathNot: NOT_TESTS },
      to: { pathNot: '^src/' },
    },
    {
      name: 'executors-stand-apart',
      severity: 'error',
      comment: 'One way to carry a run out knows nothing of another.',
      from: { path: '^src/executors/([^/]+)/', pathNot: NOT_TESTS },
      to: { path: '^src/executors/', pathNot: '^src/executors/($1/|[^/]+\\.ts$)' },
    },
    {
      name: 'executors-by-the-table',
      severity: 'error',
      comment: 'Everybody asks the contract, in executors/executor.ts and executors/table.ts.',
      from: { path: '^src/(?!executors/)', pathNot: NOT_TESTS },
      to: { path: '^src/executors/[^/]+/' },
    },
    {
      name: 'sites-by-the-table',
      severity: 'error',
      comment:
        'Whether a run is here or on another host is asked in sites/table.ts only; who carries it out asks the contracts.',
      from: { path: '^src/(executors|engine)/', pathNot: NOT_TESTS },
      to: { path: '^src/sites/(ssh/|here\\.ts$|submit-here\\.ts$|is-remote\\.ts$)' },
    },
    {
      name: 'schedulers-for-executors',
      severity: 'error',
      comment: 'What a scheduler says is of no interest but to the executor that asks it.',
      from: { path: '^src/(?!executors/|schedulers/)', pathNot: NOT_TESTS },
      to: { path: '^src/schedulers/[^/]+/' },
    },
    {
      name: 'supervisor-stands-alone',
      severity: 'error',
      comment:
        'The supervisor starts in milliseconds and outlives everything: no packages, no neighbours, of the record but the words of its series and of its receipts.',
      from: { path: '^src/executors/local/supervisor/', pathNot: NOT_TESTS },
      to: {
        pathNot:
          '^src/((platform|errors|events|schedulers|executors/local/supervisor)/|records/(usage-series|tasks/task-(files|receipt|exits))\\.ts$)',
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'projection-is-pure',
      severity: 'error',
      comment:
        'The manifest is a function of the journal (X3): no clock, no files, no environment, not even at second hand.',
      from: { path: '^src/records/(projection[^/]*|manifest-schema)\\.ts$', pathNot: NOT_TESTS },
      to: { reachable: true, path: ['^src/platform/'], pathNot: '^src/platform/(ids|quoting)\\.ts$' },
    },
    {
      name: 'projection-reaches-no-builtin',
      severity: 'error',
      comment: 'As above; node:crypto alone, for digests, through platform/ids.',
      from: { path: '^src/records/(projection[^/]*|manifest-schema)\\.ts$', pathNot: NOT_TESTS },
      to: {
        reachable: true,
        path: `^(node:)?(${require('node:module')
          .builtinModules.filter((name) => name !== 'crypto')
          .join('|')})$`,
      },
    },
    {
      name: 'projection-hashes-through-ids',
      severity: 'error',
      from: { path: '^src/records/(projection[^/]*|manifest-schema)\\.ts$', pathNot: NOT_TESTS },
      to: { path: '^(node:)?crypto$' },
    },
    {
      name: 'no-tests-in-the-program',
      severity: 'error',
      from: { path: '^src/', pathNot: NOT_TESTS },
      to: { path: ['\\.test\\.ts$', '^test/'] },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
