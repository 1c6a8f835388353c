import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { exists } from '../platform/files.ts';
import { type BatchFact, type DigestBatch, digestBatch } from './digest-batch.ts';

/** Digests batches somewhere. Rejects only when the place itself broke down; the batch can then be given to another. */
export interface Digester {
  readonly digest: (batch: DigestBatch, signal?: AbortSignal) => Promise<BatchFact[]>;
  readonly close: () => Promise<void>;
  /** Small files per batch: few here, so that the event loop and the other digesters get their turn. */
  readonly batchSize: number;
}

/** This thread. */
export const HERE: Digester = {
  batchSize: 32,
  digest: async (batch, signal) => {
    const facts = await digestBatch(batch, signal);
    await new Promise(setImmediate);
    return facts;
  },
  close: () => Promise.resolve(),
};

/** The worker in the build; missing if run from source, and then this thread does everything. */
export const WORKER = join(import.meta.dirname, 'digest-worker.js');

/** How many digesters pay: this thread is one of them. */
export function defaultConcurrency(): number {
  return Math.max(1, availableParallelism());
}

/** Returns a digester on another core; null if the worker's file is missing or no thread can be started. */
export function startWorker(path: string): Digester | null {
  if (!exists(path)) return null;
  let worker: Worker;
  try {
    worker = new Worker(path);
  } catch {
    return null;
  }
  let waiting: { resolve: (facts: BatchFact[]) => void; reject: (error: Error) => void } | null = null;
  let broken: Error | null = null;
  const breakDown = (error: Error): void => {
    broken ??= error;
    waiting?.reject(broken);
    waiting = null;
  };
  worker.on('message', (facts: BatchFact[]) => {
    waiting?.resolve(facts);
    waiting = null;
  });
  worker.on('error', breakDown);
  worker.on('exit', (status) => {
    breakDown(new Error(`the digest worker ended with status ${status}`));
  });
  return {
    batchSize: 256,
    digest: (batch) =>
      new Promise((resolve, reject) => {
        if (broken !== null) {
          reject(broken);
          return;
        }
        waiting = { resolve, reject };
        worker.postMessage(batch);
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}
