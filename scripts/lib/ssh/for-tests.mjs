import { setUpIfMissing } from '../prerequisites.mjs';

/**
 * Global set-up of the tests under test/ssh: a real sshd, which each of their files starts for itself. Where there can be
 * none the tests are skipped, loudly; in CI, and where AUTOLAB_REQUIRE_SSH=1, that is a failure.
 */

const required =
  ![undefined, '', '0', 'false'].includes(process.env['CI']) || process.env['AUTOLAB_REQUIRE_SSH'] === '1';
let reason = null;

/** @param {{provide: (key: 'ssh', value: {reason: string | null}) => void}} project of vitest */
export async function setup({ provide }) {
  try {
    await setUpIfMissing(['ssh'], (line) => console.log(`ssh: ${line}`));
  } catch (error) {
    if (required) throw error;
    reason = error.message;
    announce();
  }
  provide('ssh', { reason });
}

export function teardown() {
  if (reason !== null) announce();
}

function announce() {
  console.error(`\nSKIPPED: every test under test/ssh, because no sshd can be started here.\n${reason}\n`);
}
