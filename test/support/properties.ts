import fc from 'fast-check';
import { FULL, SEED } from './campaign.ts';

/** fast-check, with the seed of all tests; the campaign tries more. */
fc.configureGlobal({ seed: SEED, ...(FULL ? { numRuns: 500 } : {}) });

export { fc };
