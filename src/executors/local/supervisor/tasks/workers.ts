import type { RunKin } from '../../../../platform/end-processes.ts';
import type { Order } from '../../../../schedulers/local/receipt.ts';
import { type Containment, startWithin } from '../containment.ts';
import { startTaskWorker, type Worker } from './worker.ts';
import type { WorkerNews } from './worker-words.ts';

/** Starts the workers of a run, in its cgroup if it has one. */
export class Workers {
  readonly #order: Order;
  #contained: Containment;
  #kin: RunKin | null = null;

  constructor(order: Order, prepared: Containment) {
    this.#order = order;
    this.#contained = prepared;
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
    const { started, contained } = startWithin(this.#contained, () => startTaskWorker(this.#order, onNews));
    this.#contained = contained;
    if (!('error' in started)) this.#kin?.adopt(started);
    return started;
  }
}
