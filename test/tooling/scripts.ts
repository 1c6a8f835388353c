import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A module of scripts/lib; plain JavaScript, so the caller says what is in it. */
export async function loadScript<Module>(name: string): Promise<Module> {
  return (await import(pathToFileURL(resolve('scripts/lib', name)).href)) as Module;
}
