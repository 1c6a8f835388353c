import { config } from 'zod';

/**
 * zod compiles a function for each schema at its first use, which pays off if a schema is used hundreds of times. Here
 * each is used once or twice: interpreting the schema takes a fifth of the time. Every module that runs schemas imports
 * this.
 */
config({ jitless: true });
