import { EVERYTHING, mixed, NAMES_ONLY, NOTHING } from './choices.ts';
import { type Choice, Disk, type Tree } from './disk.ts';
import { digestOfTree } from './folder.ts';
import type { Recorded } from './record.ts';

/** What a power failure may leave of a recorded program, at any moment of it. */

export interface State {
  /** Of the last operation before the power failed. */
  readonly at: number;
  /** How much of what was not flushed is there. */
  readonly kept: string;
  readonly tree: Tree;
}

/** Every one once. `mixes`: how many seeded choices for each moment. */
export function statesOf(
  { root, before, operations }: Omit<Recorded, 'ended'>,
  seed: number,
  mixes: number,
): readonly State[] {
  const disk = new Disk(root, before);
  const states = new Map<string, State>();
  for (const [at, operation] of operations.entries()) {
    disk.do(operation);
    for (const [kept, choice] of choicesFor(seed + at * mixes, mixes)) {
      const tree = disk.after(choice);
      const digest = digestOfTree(tree);
      if (!states.has(digest)) states.set(digest, { at, kept, tree });
    }
  }
  return [...states.values()].sort((one, other) => one.at - other.at);
}

function choicesFor(seed: number, mixes: number): readonly (readonly [string, Choice])[] {
  const seeds = Array.from({ length: mixes }, (_, index) => seed + index);
  return [
    ['nothing', NOTHING],
    ['everything', EVERYTHING],
    ['names only', NAMES_ONLY],
    ...seeds.map((one) => [`mix ${one}`, mixed(one)] as const),
  ];
}
