import { join } from 'node:path';
import type { RunKin } from '../../../../platform/end-processes.ts';
import { signalGroup } from '../../../../platform/process-tree.ts';
import { giveMemory, limitMemoryOfEach, makeCgroup } from '../../../../platform/run-cgroup.ts';
import type { Order } from '../../../../schedulers/local/receipt.ts';
import { type Containment, startWithin } from '../containment.ts';
import { startTaskWorker, type Worker } from './worker.ts';
import type { WorkerNews } from './worker-words.ts';

/** Starts the workers of a run, each in a cgroup of its own within the run's, if it has one: so tasks can be told apart. */
export class Workers {
  readonly #order: Order;
  #contained: Containment;
  #kin: RunKin | null = null;
  #count = 0;

  constructor(order: Order, prepared: Containment) {
    this.#order = order;
    this.#contained = prepared;
    if (prepared.cgroup !== null && prepared.memory) giveMemory(prepared.cgroup);
  }

  /** What holds their processes together, once the first is started. */
  get contained(): Containment {
    return this.#contained;
  }

  /** From now on, those that are started belong to it. */
  follow(kin: RunKin): void {
    this.#kin = kin;
  }

  start(onNews: (news: WorkerNews) => void): Worker | { readonly error: string } {
    const cgroup = this.#newCgroup();
    const { started, contained } = startWithin({ ...this.#contained, cgroup }, () =>
      startTaskWorker(this.#order, onNews),
    );
    if (contained.cgroup === null) this.#contained = contained;
    if ('error' in started) return started;
    this.#kin?.adopt(started);
    const limit = this.#order.memory_limit_bytes;
    // Only now, so that the limit was never the supervisor's, too.
    if (limit !== undefined && !(contained.cgroup !== null && limitMemoryOfEach(contained.cgroup, limit))) {
      signalGroup(started.pid, 'SIGKILL');
      return { error: 'the limit of its memory could not be set' };
    }
    return { ...started, cgroup: contained.cgroup, countsKills: contained.cgroup !== null && contained.memory };
  }

  #newCgroup(): string | null {
    const { cgroup } = this.#contained;
    if (cgroup === null) return null;
    const folder = join(cgroup, `worker-${this.#count}`);
    this.#count += 1;
    return makeCgroup(folder) ? folder : null;
  }
}
