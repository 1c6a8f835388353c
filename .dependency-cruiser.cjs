/**
 * Who may import whom. `docs/architecture.md` draws it; `test/tooling/boundaries.test.ts` shows that every rule bites.
 * Type-only imports count: a type that leaks across a boundary is a boundary that is not there.
 */

const MIDDLE = '(project|scripts|schedulers|transports|records|verify)';
// Tests may reach for anything: they arrange worlds.
const NOT_TESTS = '\\.test\\.ts$';

function from(path) {
  return { path, pathNot: NOT_TESTS };
}

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
    {
      name: 'nothing-imports-cli',
      severity: 'error',
      comment: 'The command line is one user of the core among others.',
      from: { path: '^src/(?!cli/)', pathNot: NOT_TESTS },
      to: { path: '^src/cli/' },
    },
    {
      name: 'only-cli-and-index-import-launch',
      severity: 'error',
      comment: 'Imports run one way: cli → launch → the middle → platform.',
      from: { path: '^src/(?!(cli|launch)/|index\\.ts$)', pathNot: NOT_TESTS },
      to: { path: '^src/launch/' },
    },
    {
      name: 'platform-imports-leaves-only',
      severity: 'error',
      comment: 'The doors know nothing of what goes through them.',
      from: from('^src/platform/'),
      to: { path: '^src/', pathNot: '^src/(platform|errors|events)/' },
    },
    {
      name: 'leaves-import-nothing',
      severity: 'error',
      comment: 'errors and events are leaves; the typed events speak of errors.',
      from: from('^src/(errors|events)/'),
      to: { pathNot: '^src/(errors|events)/' },
    },
    {
      name: 'errors-do-not-import-events',
      severity: 'error',
      from: from('^src/errors/'),
      to: { path: '^src/events/' },
    },
    {
      name: 'scripts-import-project-only',
      severity: 'error',
      comment: 'A script is rendered from the design: scripts may see project, and no other neighbour.',
      from: from('^src/scripts/'),
      to: { path: `^src/${MIDDLE}/`, pathNot: '^src/(scripts|project)/' },
    },
    {
      name: 'verify-imports-project-scripts-records',
      severity: 'error',
      comment: 'A verifier looks at documents, scripts and records; never at how the run was carried out.',
      from: from('^src/verify/'),
      to: { path: `^src/${MIDDLE}/`, pathNot: '^src/(verify|project|scripts|records)/' },
    },
    {
      name: 'neighbours-stay-apart',
      severity: 'error',
      comment:
        'project, schedulers, transports and records know nothing of one another (Slurm not of ssh, ssh not of Slurm).',
      from: { path: '^src/(project|schedulers|transports|records)/', pathNot: NOT_TESTS },
      to: { path: `^src/${MIDDLE}/`, pathNot: '^src/$1/' },
    },
    {
      name: 'supervisor-stands-alone',
      severity: 'error',
      comment: 'The supervisor starts in milliseconds and outlives everything: no packages, no neighbours.',
      from: from('^src/schedulers/local/supervisor/'),
      to: { pathNot: '^src/(platform|errors|events|schedulers)/', dependencyTypesNot: ['core'] },
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
