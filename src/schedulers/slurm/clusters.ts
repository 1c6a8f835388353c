/** Asking one cluster of several. Pure. Source: `--clusters` of sbatch(1), squeue(1), sacct(1), scontrol(1), scancel(1). */

/** A Slurm command for the cluster that the design names; null means the default cluster of this host. */
export function onCluster(argv: readonly string[], cluster: string | null): readonly string[] {
  const [command = '', ...words] = argv;
  return cluster === null ? argv : [command, `--clusters=${cluster}`, ...words];
}
