import { join } from 'node:path';
import { type Failure, failureOf } from '../../errors/failure.ts';
import { END_OF_FILE } from '../../launch-scripts/activation.ts';
import type { Look } from '../../plan/look.ts';
import { exists } from '../../platform/files.ts';
import { activationFor } from '../../project/environment.ts';
import type { Profile } from '../../project/profiles.ts';
import { codeOfLost, sshTransportTo } from '../../sites/ssh/connect.ts';
import { localTransport } from '../../transports/local.ts';
import { type ApprovalCheck, endOfOutput, wordsOfEnd } from './check-outcome.ts';

/** `env_smoke`: the activation of docs/environment.md in a fresh shell on the launch host. */

const SECONDS = 120;
/** The activation came to its end: one that leaves with 0 did not. */
const AT_THE_END = 97;

/** As in a launch script; the activation is an argument, so that it may return, and reads no input of ours. */
const SHELL = `cd -- "$AUTOLAB_REPO_ROOT" || exit
set -eo pipefail
. <(printf '%s\\n' "$1")
exit ${AT_THE_END}`;

/** A host that does not answer is a failure of its own: it says nothing about the activation. */
export async function smokeTest(root: string, look: Look): Promise<ApprovalCheck | Failure> {
  const { project, remote, wanted } = look;
  const { environment } = project;
  const activation = environment === null || wanted === null ? null : activationFor(environment, wanted.kind);
  if (activation === null) return check('skip', 'there is no activation to run');
  const transport = remote === null ? localTransport(root) : sshTransportTo(remote);
  const host = remote?.login_host ?? 'this host';
  const folder = remote?.remote_repo_root ?? root;
  const argv = ['bash', '--noprofile', '--norc', '-c', SHELL, 'bash', `${activation.text}\n${END_OF_FILE}`];
  const named = filesNamed(root, remote, activation.text);
  if (named !== null) return check('skip', `the activation uses ${named}, which is on ${host} from the launch on`);
  const ended = await transport.run(argv, {
    timeoutMs: SECONDS * 1000,
    environment: { drop: [], keep: [], set: { AUTOLAB_REPO_ROOT: folder } },
    bare: true,
  });
  if (ended.lost !== null)
    return failureOf(codeOfLost(ended.lost), { message: `${transport.name} cannot be used: ${ended.lost.words}.` });
  if (ended.exitCode === AT_THE_END) return check('pass', `the activation works on ${host}`);
  const how = ended.exitCode === 0 ? 'leaves the shell before its end' : wordsOfEnd(ended, SECONDS);
  const end = endOfOutput(ended);
  return check(
    'fail',
    `the activation (docs/environment.md, line ${activation.line}) ${how} on ${host}${end === '' ? '' : `: ${end}`}`,
  );
}

function check(result: ApprovalCheck['result'], words: string): ApprovalCheck {
  return { name: 'env_smoke', result, words };
}

/** What of the project an activation needs that is not on the launch host before the launch; null if it is, or nothing is needed. */
function filesNamed(root: string, remote: Profile | null, text: string): string | null {
  if (remote === null || remote.mode === 'shared_fs') return null;
  const words = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .flatMap((line) => line.split(/[\s"'`;&|()<>=]+/));
  if (words.some((word) => /AUTOLAB_|\$\{?PWD/.test(word))) return "the run's folder";
  const isOfProject = (word: string): boolean =>
    /^[\w.][^$*?]*$/.test(word) && !['.', '..'].includes(word) && exists(join(root, word));
  return words.find(isOfProject) ?? null;
}
