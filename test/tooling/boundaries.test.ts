import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CONFIG = resolve('.dependency-cruiser.cjs');
const CRUISER = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

const { FLOORS } = createRequire(import.meta.url)('../../scripts/lib/floors.cjs') as {
  FLOORS: Readonly<Record<string, readonly string[]>>;
};

function fileOf(floor: string): string {
  return floor.endsWith('.ts') ? `src/${floor}` : `src/${floor}/thing.ts`;
}

/** A source tree in which every floor imports every other one. */
const TOWER = Object.fromEntries(
  Object.keys(FLOORS).map((floor) => [
    fileOf(floor),
    Object.keys(FLOORS)
      .filter((other) => other !== floor)
      .map(
        (other) => `import type {} from '${relative(dirname(fileOf(floor)), fileOf(other)).replace(/^(?=\w)/, './')}';`,
      )
      .join('\n'),
  ]),
);

/** A source tree that breaks every other rule; the comment names the rule that the line is for. */
const WORLD: Readonly<Record<string, string>> = {
  'src/errors/catalog.ts': `import 'node:os'; // leaves-import-no-package`,
  'src/platform/time.ts': `export const time = 1;`,
  'src/platform/ids.ts': `import 'node:crypto'; export const id = 1;`,
  'src/records/helper.ts': `import '../platform/time.ts'; import 'node:os'; // projection-is-pure, projection-reaches-no-builtin`,
  'src/records/projection.ts': `import './helper.ts'; import 'node:crypto'; // projection-hashes-through-ids`,
  'src/project/design.ts': `import './state.ts'; // no-cycles`,
  'src/project/state.ts': `import './design.ts';`,
  'src/executors/local/supervisor/main.ts': `import '../../../project/design.ts'; // supervisor-stands-alone`,
  'src/cli/main.ts': `import '../project/x.test.ts'; import './gone.ts'; // no-tests-in-the-program, nothing-unresolved`,
  'src/project/x.test.ts': `export const test = 1;`,
  'src/executors/slurm/submit.ts': `import '../local/execute.ts'; // executors-stand-apart`,
  'src/engine/driver.ts': `import '../executors/local/execute.ts'; // executors-by-the-table`,
  'src/engine/close.ts': `import '../sites/ssh/send.ts'; // sites-by-the-table`,
  'src/executors/local/execute.ts': `export const execute = 1;`,
  'src/sites/ssh/send.ts': `import '../../schedulers/slurm/words.ts'; // schedulers-for-executors`,
  'src/schedulers/slurm/words.ts': `export const words = 1;`,
  'src/shed/tool.ts': `export const tool = 1;`,
  'src/cli/tool.ts': `import '../shed/tool.ts'; // every-file-has-a-floor`,
};

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
}

function cruise(world: Readonly<Record<string, string>>): readonly Violation[] {
  const root = mkdtempSync(join(tmpdir(), 'autolab-boundaries-'));
  roots.push(root);
  writeFileSync(
    join(root, 'tsconfig.json'),
    '{"compilerOptions":{"module":"NodeNext","allowImportingTsExtensions":true,"noEmit":true}}',
  );
  for (const [path, text] of Object.entries(world)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  const cruised = spawnSync(process.execPath, [CRUISER, 'src', '--config', CONFIG, '--output-type', 'json'], {
    cwd: root,
    encoding: 'utf8',
  });
  const report = JSON.parse(cruised.stdout) as { summary: { violations: Violation[] } };
  return report.summary.violations;
}

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true });
});

describe('import boundaries', () => {
  let violations: readonly Violation[] = [];
  let tower: readonly Violation[] = [];
  beforeAll(() => {
    violations = cruise(WORLD);
    tower = cruise(TOWER);
  });

  it.each([
    ['supervisor-stands-alone', 'src/executors/local/supervisor/main.ts', 'src/project/design.ts'],
    ['executors-stand-apart', 'src/executors/slurm/submit.ts', 'src/executors/local/execute.ts'],
    ['schedulers-for-executors', 'src/sites/ssh/send.ts', 'src/schedulers/slurm/words.ts'],
    ['executors-by-the-table', 'src/engine/driver.ts', 'src/executors/local/execute.ts'],
    ['sites-by-the-table', 'src/engine/close.ts', 'src/sites/ssh/send.ts'],
    ['leaves-import-no-package', 'src/errors/catalog.ts', 'os'],
    ['every-file-has-a-floor', 'src/cli/tool.ts', 'src/shed/tool.ts'],
    ['projection-is-pure', 'src/records/projection.ts', 'src/platform/time.ts'],
    ['projection-reaches-no-builtin', 'src/records/projection.ts', 'os'],
    ['projection-hashes-through-ids', 'src/records/projection.ts', 'crypto'],
    ['no-cycles', 'src/project/design.ts', 'src/project/state.ts'],
    ['no-tests-in-the-program', 'src/cli/main.ts', 'src/project/x.test.ts'],
    ['nothing-unresolved', 'src/cli/main.ts', './gone.ts'],
  ])('%s: %s may not import %s', (rule, from, to) => {
    const found = violations
      .filter((violation) => violation.rule.name === rule)
      .map((violation) => `${violation.from} → ${violation.to}`);
    expect(found).toContain(`${from} → ${to}`);
  });

  it.each(Object.entries(FLOORS))('src/%s may import %j and itself', (floor, below) => {
    const refused = tower
      .filter(({ rule, from }) => rule.name === `floor-${floor}` && from === fileOf(floor))
      .map(({ to }) => to);

    const others = Object.keys(FLOORS).filter((other) => other !== floor && !below.includes(other));
    expect(refused.sort()).toEqual(others.map(fileOf).sort());
  });

  it('has no rule that nothing above breaks', () => {
    const config = createRequire(import.meta.url)(CONFIG) as { forbidden: { name: string }[] };
    const bitten = new Set([...violations, ...tower].map((violation) => violation.rule.name));
    // The command line is above everything.
    const rules = config.forbidden.map(({ name }) => name).filter((name) => name !== 'floor-cli');
    expect(rules.filter((name) => !bitten.has(name))).toEqual([]);
  });

  it('lets through what the architecture allows', () => {
    const allowed = cruise({
      'src/errors/catalog.ts': `export const catalog = 1;`,
      'src/platform/ids.ts': `import 'node:crypto'; export const id = 1;`,
      'src/records/projection.ts': `import '../platform/ids.ts'; import '../errors/catalog.ts'; export const projection = 1;`,
      'src/schedulers/local/receipt.ts': `export const receipt = 1;`,
      'src/executors/local/supervisor/main.ts': `import 'node:fs'; import '../../../schedulers/local/receipt.ts'; import '../../../platform/ids.ts';`,
    });
    expect(allowed).toEqual([]);
  });
});
