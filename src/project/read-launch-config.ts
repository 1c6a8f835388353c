import { join } from 'node:path';
import { readDocument } from '../platform/document.ts';
import { LAUNCH_CONFIG_FILE, type LaunchConfig, parseLaunchConfig } from './launch-config.ts';

const MOST_BYTES = 1024 * 1024;

/** What is readable of `.autolab/launch.yaml`, before or without the other documents; null if nothing is. */
export function readLaunchConfig(root: string): LaunchConfig | null {
  const read = readDocument(join(root, LAUNCH_CONFIG_FILE), MOST_BYTES);
  return read.kind === 'text' ? parseLaunchConfig(read.text, LAUNCH_CONFIG_FILE).draft : null;
}
