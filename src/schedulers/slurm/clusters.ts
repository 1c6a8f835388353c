/** Asking one cluster of several. Pure. Source: `--clusters` of sbatch(1), squeue(1), sacct(1), scontrol(1), scancel(1). */

/** A command of Slurm's, for the cluster that the design names; null: the one that answers here. */
export function onCluster(argv: readonly string[], cluster: string | null): readonly string[] {
  const [command = '', ...words] = argv;
  return cluster === null ? argv : [command, `--clusters=${cluster}`, ...words];
}
