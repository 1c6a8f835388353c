import { optionalTests } from '../optional-tests.mjs';
import { setUpIfMissing } from '../prerequisites.mjs';

/** Global set-up of the tests under test/ssh: a real sshd, which each of their files starts for itself. */
export const { setup, teardown } = optionalTests({
  name: 'SSH',
  tests: 'test/ssh',
  because: 'no sshd can be started here',
  async start() {
    await setUpIfMissing(['ssh'], (line) => console.log(`ssh: ${line}`));
    return {};
  },
});
