import { join } from 'node:path';
import { failureOf } from '../errors/failure.ts';
import { callResult, type VerbResult } from '../index.ts';
import { type BackgroundProgram, startInBackground } from '../platform/background-program.ts';
import { parseObject } from '../platform/json-object.ts';
import { packageInfo } from '../platform/package.ts';
import { sleep } from '../platform/time.ts';
import { resultOfError } from './unexpected.ts';

/** Something that is being done, whoever waits for it. */
export interface Piece {
  /** Of the process that does it; null if this process does. */
  readonly pid: number | null;
  /** Never rejects. */
  readonly result: Promise<VerbResult>;
}

/**
 * Work that can take longer than a client waits. Who asks for the same while it lasts joins it; a result that nobody took
 * is for the next who asks. What drives a run is a process of its own, in a session of its own: it needs neither the client
 * nor this server, and what it prints does not get into their streams.
 */
export class Work {
  private readonly pieces = new Map<string, Piece>();

  /** `autolab VERB WORDS` on a project, in the background. */
  drive(root: string, verb: string, words: readonly string[] = []): Piece {
    return this.join(JSON.stringify([root, verb, ...words]), () => {
      const program = [process.execPath, join(packageInfo().folder, 'bin/autolab.js')];
      const { pid, ended } = startInBackground([...program, verb, '--json', '--quiet', '--directory', root, ...words], {
        cwd: root,
      });
      return { pid, result: ended.then((end) => resultOfProgram(verb, end)) };
    });
  }

  /** A call of the facade. `given` tells it from other calls of the same verb. */
  call(root: string, verb: string, given: unknown, begin: () => Promise<VerbResult>): Piece {
    return this.join(JSON.stringify([root, verb, given]), () => ({
      pid: null,
      result: begin().catch((error: unknown) => resultOfError(verb, error)),
    }));
  }

  /** The result, which is taken with this; null if there is none after so many milliseconds. */
  async take(piece: Piece, ms: number, signal: AbortSignal): Promise<VerbResult | null> {
    const result = await Promise.race([piece.result, sleep(ms, signal).then(() => null)]);
    if (result !== null) this.forget(piece);
    return result;
  }

  forget(piece: Piece): void {
    for (const [key, known] of this.pieces) if (known === piece) this.pieces.delete(key);
  }

  /** What drives a run of this project, or did, and nobody took its result yet. */
  driverOf(root: string): Piece | null {
    for (const [key, piece] of this.pieces) {
      const [at, verb = ''] = JSON.parse(key) as string[];
      if (at === root && ['launch', 'resume', 'cancel'].includes(verb) && piece.pid !== null) return piece;
    }
    return null;
  }

  private join(key: string, begin: () => Piece): Piece {
    const known = this.pieces.get(key);
    if (known !== undefined) return known;
    const piece = begin();
    this.pieces.set(key, piece);
    return piece;
  }
}

function resultOfProgram(verb: string, { exitCode, stdout, stderr }: Awaited<BackgroundProgram['ended']>): VerbResult {
  // A module of NODE_OPTIONS may print before it.
  const text = stdout.slice(stdout.lastIndexOf('\n{') + 1);
  const printed = parseObject(text);
  if (printed !== null && 'code' in printed) return JSON.parse(text) as VerbResult;
  const words = stderr.trim().slice(-2000);
  const how = exitCode === null ? 'was killed, or did not start' : `ended with ${exitCode}`;
  return callResult(
    verb,
    failureOf('run.undetermined', {
      message: `The process that drives the run ${how}${words === '' ? '' : `: ${words}`}.`,
      hint: 'Nothing was repeated. The tool `wait` continues the run.',
    }),
  );
}
