import { run } from '../platform/process.ts';
import type { Transport } from './transport.ts';

/** This host. */
export function localTransport(cwd: string): Transport {
  return { name: 'local', run: (argv, options) => run(argv, { ...options, cwd }) };
}
