import { optionalTests } from '../optional-tests.mjs';
import { endTemporary, temporaryCluster } from './temporary.mjs';

let cluster = null;

/**
 * Global set-up of the tests under test/slurm: one cluster for all of their files. vitest calls it only if such a test is
 * selected.
 */
export const { setup, teardown } = optionalTests({
  name: 'SLURM',
  tests: 'test/slurm',
  because: 'no Slurm could be started here',
  otherwise: { folder: null },
  async start() {
    cluster = await temporaryCluster({ log: (line) => console.log(`slurm: ${line}`) });
    return { folder: cluster.folder };
  },
  async end() {
    if (cluster !== null) await endTemporary(cluster.folder);
  },
});
