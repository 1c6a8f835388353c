import { changedEnvironment } from '../platform/environment.ts';
import { noResult, runRaw } from '../platform/process.ts';
import { environmentAfter } from './setup-shell.ts';
import { asText, type RawTransportResult, type Transport, type TransportRunOptions } from './transport.ts';

/** This host. `setup`: shell commands that make its commands available; null if none are needed. */
export function localTransport(cwd: string, setup: string | null = null): Transport {
  const raw = async (
    argv: readonly string[],
    { environment, bare, ...options }: TransportRunOptions,
  ): Promise<RawTransportResult> => {
    const prepared = setup === null || bare === true ? null : await environmentAfter(setup, cwd);
    if (prepared?.kind === 'failed') return notReady(argv, prepared.words);
    const base = prepared?.env ?? process.env;
    const env = environment === undefined ? base : changedEnvironment(base, environment);
    return { ...(await runRaw(argv, { cwd, ...options, env })), lost: null };
  };
  const run: Transport['run'] = async (argv, options) => asText(await raw(argv, options));
  const runEach: Transport['runEach'] = (commands, signal) =>
    Promise.all(
      commands.map(({ argv, ...options }) => run(argv, { ...options, ...(signal === undefined ? {} : { signal }) })),
    );
  return { name: 'local', runRaw: raw, run, runEach };
}

function notReady(argv: readonly string[], why: string): RawTransportResult {
  const words = `the setup of this host failed: ${why}`;
  return {
    ...noResult(argv, words, 0),
    stdout: Buffer.alloc(0),
    lost: { kind: 'no_shell', words, began: false },
  };
}
