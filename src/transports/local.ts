import { changedEnvironment } from '../platform/environment.ts';
import { runRaw } from '../platform/process.ts';
import { asText, type RawTransportResult, type Transport, type TransportRunOptions } from './transport.ts';

/** This host. */
export function localTransport(cwd: string): Transport {
  const raw = async (
    argv: readonly string[],
    { environment, ...options }: TransportRunOptions,
  ): Promise<RawTransportResult> => {
    const env = environment === undefined ? process.env : changedEnvironment(process.env, environment);
    return { ...(await runRaw(argv, { cwd, ...options, env })), lost: null };
  };
  return { name: 'local', runRaw: raw, run: async (argv, options) => asText(await raw(argv, options)) };
}
