import { growingDelay, grown } from '../../../../platform/growing-delay.ts';
import { familyOf } from '../../../../platform/process-tree.ts';
import { TreeMemory } from '../memory.ts';

const FIRST_DELAY = growingDelay(50, 2_000);

/** The most memory that one task had: its command and the children of it, looked at less and less often. */
export class TaskMemory {
  readonly #tree = new TreeMemory();
  #timer: NodeJS.Timeout | undefined;
  #isSeen = false;

  follow(pid: number): void {
    let delay = FIRST_DELAY;
    const look = (): void => {
      const family = familyOf(pid);
      if (family.length > 0) {
        this.#isSeen = true;
        this.#tree.add(family);
      }
      delay = grown(delay);
      this.#timer = setTimeout(look, delay.ms);
    };
    this.#timer = setTimeout(look, delay.ms);
  }

  /** Bytes; null if the task was too short to be looked at. */
  stop(): number | null {
    clearTimeout(this.#timer);
    return this.#isSeen ? Math.round(this.#tree.peak().bytes) : null;
  }
}
