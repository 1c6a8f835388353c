/** The floors of the house: who may import whom. `docs/explanation/architecture.md` draws it, and a test keeps the two alike. */

const LEAVES = ['platform', 'errors', 'events'];
const MIDDLE = [
  ...LEAVES,
  'documents',
  'project',
  'launch-scripts',
  'schedulers',
  'transports',
  'records',
  'code',
  'verify',
  'workflow',
];

/** Floor → the floors that it may import. A file at the top of `src` is a floor of its own. */
const FLOORS = {
  errors: [],
  events: ['errors'],
  platform: ['errors', 'events'],
  documents: LEAVES,
  schedulers: LEAVES,
  transports: LEAVES,
  records: LEAVES,
  code: [...LEAVES, 'records'],
  project: [...LEAVES, 'documents', 'code'],
  'launch-scripts': [...LEAVES, 'documents', 'project', 'schedulers'],
  workflow: [...LEAVES, 'documents', 'project', 'records'],
  verify: [...LEAVES, 'documents', 'project', 'launch-scripts', 'records', 'code'],
  run: MIDDLE,
  sites: [...MIDDLE, 'run'],
  executors: [...MIDDLE, 'run', 'sites'],
  engine: [...MIDDLE, 'run', 'sites', 'executors'],
  plan: [...MIDDLE, 'run', 'sites', 'executors'],
  report: [...MIDDLE, 'run', 'sites', 'executors'],
  agents: [...MIDDLE, 'run'],
  commands: [...MIDDLE, 'run', 'sites', 'executors', 'engine', 'plan', 'agents', 'report'],
  'index.ts': [...LEAVES, 'records', 'run', 'commands'],
  // What the package gives to other programs: the facade, and what would be too much to load with every command.
  'library.ts': ['records', 'run', 'commands', 'index.ts'],
  mcp: [...LEAVES, 'index.ts'],
  cli: [...LEAVES, 'index.ts', 'mcp'],
};

module.exports = { FLOORS };
