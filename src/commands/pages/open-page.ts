import { startInBackground } from '../../platform/background-program.ts';
import { findProgram } from '../../platform/find-program.ts';
import { sleep } from '../../platform/time.ts';

/** A program that opens a file and fails does so at once; one that becomes the browser stays. */
const PATIENCE_MS = 2000;

/** Opens a file with the program of the desktop. Returns null, or why a user has to. `path`: absolute. */
export async function openPage(path: string): Promise<string | null> {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open';
  if (program === 'xdg-open' && !hasDisplay()) return 'there is no display here';
  if (findProgram(program, '/') === null) return `there is no ${program} here`;
  const { ended } = startInBackground([program, path], { cwd: '/' });
  const end = await Promise.race([ended, sleep(PATIENCE_MS).then(() => null)]);
  return end === null || end.exitCode === 0 ? null : `${program} failed`;
}

function hasDisplay(): boolean {
  return [process.env['DISPLAY'], process.env['WAYLAND_DISPLAY']].some((name) => name !== undefined && name !== '');
}
