import { exists } from '../../platform/files.ts';
import { run } from '../../platform/process.ts';
import { type ActivationProposal, asFailed } from './propose-activation.ts';

const TIMEOUT_MS = 20_000;

/** Runs a proposal as a launch script would, in a shell that ends with it; what fails there is proposed as comments. */
export async function triedActivation(root: string, proposal: ActivationProposal): Promise<ActivationProposal> {
  if (proposal.from.length === 0 || !exists(root)) return proposal;
  const argv = ['bash', '-c', `set -e\n${proposal.activation}`];
  const { exitCode, timedOut, spawnError } = await run(argv, { cwd: root, timeoutMs: TIMEOUT_MS, stdin: '' });
  // Without bash nothing is known about it.
  if (exitCode === 0 || spawnError !== null) return proposal;
  const words = timedOut ? 'it did not end within 20 s' : `exit status ${String(exitCode ?? 'unknown')}`;
  return asFailed(proposal, words);
}
