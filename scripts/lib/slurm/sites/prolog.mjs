import { join } from 'node:path';
import { PARTITIONS } from './plain.mjs';

/** Slurm sets a node aside ("drain") on which a prolog failed, so what fails does so on the second node. */
export const PROLOG = {
  about: 'the nodes run a Prolog; it fails in `failing` (second node) and, on the second node, in `half`',
  partitions: {
    ...PARTITIONS,
    failing: { ...PARTITIONS.main, Nodes: 'second' },
    half: PARTITIONS.main,
    // Jobs that must not meet a node which another job had set aside.
    sound: { ...PARTITIONS.main, Nodes: 'first' },
  },
  slurmOf: (folder) => ({ Prolog: join(folder, 'etc/prolog.sh') }),
  files: ({ nodes: [, second] }) => ({ 'prolog.sh': prologFailingOn(second) }),
};

function prologFailingOn(node) {
  return `#!/bin/sh
# Run by slurmd as its user before the first step of a job on a node.
case "$SLURM_JOB_PARTITION" in
  failing|half) [ "$SLURMD_NODENAME" = "${node}" ] && exit 1 ;;
esac
# A prolog that fails on any node, for all jobs: touch this file.
[ -e "\${0%/*}/prolog-fails" ] && exit 1
exit 0
`;
}
