import { join } from 'node:path';
import { readDocument } from '../platform/document.ts';
import { LAUNCH_CONFIG_FILE, parseLaunchConfig } from '../project/launch-config.ts';

const MOST_BYTES = 1024 * 1024;

/** `setup` of `.autolab/launch.yaml`, before or without the other documents; null if it is not set, or the file cannot be used. */
export function projectSetup(root: string): string | null {
  const read = readDocument(join(root, LAUNCH_CONFIG_FILE), MOST_BYTES);
  if (read.kind !== 'text') return null;
  return parseLaunchConfig(read.text, LAUNCH_CONFIG_FILE).value?.setup ?? null;
}
