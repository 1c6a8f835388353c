import { config } from 'zod';

/**
 * zod writes a function for each schema at its first use, which pays when a schema is used hundreds of times. Here each
 * is used once or twice: walking the schema takes a fifth of the time. Imported by whoever runs schemas.
 */
config({ jitless: true });
