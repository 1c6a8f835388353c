import { parentPort } from 'node:worker_threads';
import { type DigestBatch, digestBatch } from './digest-batch.ts';

/** An entry point of its own: the thread that digests files on another core. One message in, one message out. */
const port = parentPort;
if (port === null) throw new Error('digest-worker runs as a worker thread only');
port.on('message', (batch: DigestBatch) => {
  void digestBatch(batch).then((facts) => {
    port.postMessage(facts);
  });
});
