import { join } from 'node:path';
import { hasErrors } from '../documents/located.ts';
import { readDocument } from '../platform/document.ts';
import { LAUNCH_CONFIG_FILE, type LaunchConfig, parseLaunchConfig } from './launch-config.ts';

const MOST_BYTES = 1024 * 1024;

/** What is readable of `.autolab/launch.yaml`, before or without the other documents; null if nothing is. */
export function readLaunchConfig(root: string): LaunchConfig | null {
  const read = readDocument(join(root, LAUNCH_CONFIG_FILE), MOST_BYTES);
  return read.kind === 'text' ? parseLaunchConfig(read.text, LAUNCH_CONFIG_FILE).draft : null;
}

/** Whether what is readable may lack what the file says: it cannot be read, or has errors. */
export function launchConfigIsDamaged(root: string): boolean {
  const read = readDocument(join(root, LAUNCH_CONFIG_FILE), MOST_BYTES);
  if (read.kind !== 'text') return read.kind !== 'missing';
  return hasErrors(parseLaunchConfig(read.text, LAUNCH_CONFIG_FILE).problems);
}
