import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Only the campaign tries these, all of their cases: how long those take depends on Slurm. */
const LONG = process.env['AUTOLAB_CAMPAIGN'] === 'full' ? ['test/campaign/long/**/*.test.ts'] : [];

export default defineConfig({
  test: {
    // The tests run the built program as users do; called without `npm test`, this builds first.
    globalSetup: ['scripts/lib/build-before-tests.mjs'],
    poolOptions: { forks: { minForks: 1, maxForks: 2 }, threads: { minThreads: 1, maxThreads: 6 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'main',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [
            'test/browser/**',
            'test/slurm/**',
            'test/ssh/**',
            'test/campaign/cluster/**',
            'test/campaign/long/**',
          ],
          // Processes of their own: tests change the environment and kill things.
          pool: 'forks',
        },
      },
      {
        extends: true,
        test: {
          // Pages as a person sees them. Beside `main`: only these need a browser.
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['scripts/lib/browser/for-tests.mjs'],
          pool: 'forks',
        },
      },
      {
        extends: true,
        test: {
          name: 'slurm',
          include: ['test/{slurm,ssh,campaign/cluster}/**/*.test.ts', ...LONG],
          globalSetup: ['scripts/lib/ssh/for-tests.mjs', 'scripts/lib/slurm/for-tests.mjs'],
          // These wait for a cluster, most of the time. The two kinds of pool run side by side, each with its own limit:
          // so many wait at once, while as many as there are processors compute.
          pool: 'threads',
        },
      },
    ],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // What V8 makes of the program is kept here, not in the user's own cache.
    env: { NO_COLOR: '1', XDG_CACHE_HOME: join(import.meta.dirname, 'node_modules/.cache') },
  },
});
