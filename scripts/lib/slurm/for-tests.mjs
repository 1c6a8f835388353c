import { endTemporary, temporaryCluster } from './temporary.mjs';

/**
 * Global set-up of the tests under test/slurm: one cluster for all of their files. vitest calls it only where such a test is
 * selected. Where there can be no cluster the tests are skipped, loudly; in CI, and where AUTOLAB_REQUIRE_SLURM=1, that is a
 * failure.
 */

const required = isTrue(process.env['CI']) || process.env['AUTOLAB_REQUIRE_SLURM'] === '1';
let cluster = null;
let reason = null;

function isTrue(text) {
  return text !== undefined && !['', '0', 'false'].includes(text);
}

/** @param {{provide: (key: 'slurm', value: {folder: string | null, reason: string | null}) => void}} project of vitest */
export async function setup({ provide }) {
  try {
    cluster = await temporaryCluster({ log: (line) => console.log(`slurm: ${line}`) });
  } catch (error) {
    if (required) throw error;
    reason = error.message;
    announce();
  }
  provide('slurm', { folder: cluster?.folder ?? null, reason });
}

export async function teardown() {
  if (cluster !== null) await endTemporary(cluster.folder);
  // Once more, at the end, where people look.
  if (reason !== null) announce();
}

function announce() {
  console.error(`\nSKIPPED: every test under test/slurm, because no Slurm could be started here.\n${reason}\n`);
}
