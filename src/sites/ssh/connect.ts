import type { Code } from '../../errors/catalog.ts';
import type { Profile } from '../../project/profiles.ts';
import type { RemoteOrder } from '../../records/run-data.ts';
import { type SshTransport, sshTransport } from '../../transports/ssh.ts';
import type { Lost } from '../../transports/transport.ts';

/** The connection to a launch host. */
export function sshTransportTo({
  login_host: destination,
  connect_timeout_seconds: connectTimeoutSeconds,
  setup,
}: Pick<Profile | RemoteOrder, 'login_host' | 'connect_timeout_seconds' | 'setup'>): SshTransport {
  if (destination === null) throw new Error('a profile of this host needs no connection');
  return sshTransport({ destination, connectTimeoutSeconds, setup });
}

/** What an unreachable host means for a launch. */
export function codeOfLost({ kind }: Lost): Extract<Code, `remote.${string}`> {
  switch (kind) {
    case 'host_key':
      return 'remote.host_key';
    case 'denied':
      return 'remote.denied';
    case 'unreachable':
    case 'no_shell':
    case 'dropped':
      return 'remote.unreachable';
  }
}
