import { readLaunchConfig } from '../project/read-launch-config.ts';

/** `setup` of `.autolab/launch.yaml`; null if it is not set, or the file cannot be used. */
export function projectSetup(root: string): string | null {
  return readLaunchConfig(root)?.setup ?? null;
}
