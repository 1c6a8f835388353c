import { optionalTests } from '../optional-tests.mjs';
import { setUpIfMissing } from '../prerequisites.mjs';
import { findBrowser } from './find.mjs';

/** Global set-up of the tests under test/browser: a Chromium, which each of their files starts for itself. */
export const { setup, teardown } = optionalTests({
  name: 'BROWSER',
  tests: 'test/browser',
  because: 'there is no Chromium here',
  async start() {
    if (findBrowser() === null) await setUpIfMissing(['browser'], (line) => console.log(`browser: ${line}`));
    return {};
  },
});
