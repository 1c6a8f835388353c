import { packageInfo } from './package.ts';

/** The version of this autolab, from its package.json. */
export const VERSION: string = packageInfo().version;
