import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CONFIG = resolve('.dependency-cruiser.cjs');
const CRUISER = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/** A source tree that breaks every rule; the comment names the rule that the line is for. */
const WORLD: Readonly<Record<string, string>> = {
  'src/errors/catalog.ts': `import '../events/bus.ts'; // errors-do-not-import-events`,
  'src/events/bus.ts': `import '../platform/files.ts'; // leaves-import-nothing`,
  'src/platform/files.ts': `import 'node:fs'; import '../records/journal.ts'; // platform-imports-leaves-only`,
  'src/platform/time.ts': `export const time = 1;`,
  'src/platform/ids.ts': `import 'node:crypto'; export const id = 1;`,
  'src/records/journal.ts': `export const journal = 1;`,
  'src/records/helper.ts': `import '../platform/time.ts'; import 'node:os'; // projection-is-pure, projection-reaches-no-builtin`,
  'src/records/projection.ts': `import './helper.ts'; import 'node:crypto'; // projection-hashes-through-ids`,
  'src/project/design.ts': `import '../scripts/render.ts'; // neighbours-stay-apart, no-cycles`,
  'src/scripts/render.ts': `import '../project/design.ts'; import '../records/journal.ts'; // scripts-import-project-only`,
  'src/verify/one.ts': `import '../schedulers/slurm/parse.ts'; // verify-imports-project-scripts-records`,
  'src/schedulers/slurm/parse.ts': `import '../../transports/ssh.ts'; // neighbours-stay-apart`,
  'src/schedulers/local/supervisor/main.ts': `import '../../../project/design.ts'; // supervisor-stands-alone`,
  'src/transports/ssh.ts': `import type { Slurm } from '../schedulers/slurm/other.ts'; // neighbours-stay-apart, as a type`,
  'src/schedulers/slurm/other.ts': `export type Slurm = 1; import '../../launch/driver.ts'; // only-cli-and-index-import-launch`,
  'src/launch/driver.ts': `import '../cli/main.ts'; // nothing-imports-cli`,
  'src/cli/main.ts': `import '../launch/x.test.ts'; import './gone.ts'; // no-tests-in-the-program, nothing-unresolved`,
  'src/launch/x.test.ts': `export const test = 1;`,
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
  beforeAll(() => {
    violations = cruise(WORLD);
  });

  it.each([
    ['nothing-imports-cli', 'src/launch/driver.ts', 'src/cli/main.ts'],
    ['only-cli-and-index-import-launch', 'src/schedulers/slurm/other.ts', 'src/launch/driver.ts'],
    ['platform-imports-leaves-only', 'src/platform/files.ts', 'src/records/journal.ts'],
    ['leaves-import-nothing', 'src/events/bus.ts', 'src/platform/files.ts'],
    ['errors-do-not-import-events', 'src/errors/catalog.ts', 'src/events/bus.ts'],
    ['scripts-import-project-only', 'src/scripts/render.ts', 'src/records/journal.ts'],
    ['verify-imports-project-scripts-records', 'src/verify/one.ts', 'src/schedulers/slurm/parse.ts'],
    ['neighbours-stay-apart', 'src/schedulers/slurm/parse.ts', 'src/transports/ssh.ts'],
    ['neighbours-stay-apart', 'src/transports/ssh.ts', 'src/schedulers/slurm/other.ts'],
    ['neighbours-stay-apart', 'src/project/design.ts', 'src/scripts/render.ts'],
    ['supervisor-stands-alone', 'src/schedulers/local/supervisor/main.ts', 'src/project/design.ts'],
    ['projection-is-pure', 'src/records/projection.ts', 'src/platform/time.ts'],
    ['projection-reaches-no-builtin', 'src/records/projection.ts', 'os'],
    ['projection-hashes-through-ids', 'src/records/projection.ts', 'crypto'],
    ['no-cycles', 'src/project/design.ts', 'src/scripts/render.ts'],
    ['no-tests-in-the-program', 'src/cli/main.ts', 'src/launch/x.test.ts'],
    ['nothing-unresolved', 'src/cli/main.ts', './gone.ts'],
  ])('%s: %s may not import %s', (rule, from, to) => {
    const found = violations
      .filter((violation) => violation.rule.name === rule)
      .map((violation) => `${violation.from} → ${violation.to}`);
    expect(found).toContain(`${from} → ${to}`);
  });

  it('has no rule that nothing above breaks', () => {
    const config = createRequire(import.meta.url)(CONFIG) as { forbidden: { name: string }[] };
    const bitten = new Set(violations.map((violation) => violation.rule.name));
    expect(config.forbidden.map((rule) => rule.name).filter((name) => !bitten.has(name))).toEqual([]);
  });

  it('lets through what the architecture allows', () => {
    const allowed = cruise({
      'src/errors/catalog.ts': `export const catalog = 1;`,
      'src/platform/ids.ts': `import 'node:crypto'; export const id = 1;`,
      'src/records/projection.ts': `import '../platform/ids.ts'; import '../errors/catalog.ts'; export const projection = 1;`,
      'src/project/design.ts': `export const design = 1;`,
      'src/scripts/render.ts': `import '../project/design.ts'; export const script = 1;`,
      'src/verify/one.ts': `import '../scripts/render.ts'; import '../records/projection.ts'; export const verifier = 1;`,
      'src/schedulers/local/receipt.ts': `export const receipt = 1;`,
      'src/schedulers/local/supervisor/main.ts': `import 'node:fs'; import '../receipt.ts'; import '../../../platform/ids.ts';`,
      'src/launch/driver.ts': `import '../verify/one.ts'; import '../schedulers/local/receipt.ts'; export const driver = 1;`,
      'src/cli/main.ts': `import '../launch/driver.ts';`,
      'src/index.ts': `export * from './launch/driver.ts';`,
    });
    expect(allowed).toEqual([]);
  });
});
