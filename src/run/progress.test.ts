import { describe, expect, it } from 'vitest';
import { progressOf } from './progress.ts';

describe('progressOf', () => {
  it.each([
    ['epoch 3/10 loss 0.1', 0.3, 'epoch 3/10'],
    ['Epoch: 1/4\nEpoch: 2/4\n', 0.5, 'Epoch: 2/4'],
    ['Epoch [5/20], Step [100/600]', 0.25, 'Epoch [5/20]'],
    ['epoch 3 of 12', 0.25, 'epoch 3 of 12'],
    ['step 100/1000', 0.1, 'step 100/1000'],
    ['iteration 250/1000', 0.25, 'iteration 250/1000'],
    ['  37%|███▋      | 370/1000 [00:12<00:20]', 0.37, '37%'],
    ['done 12.5 %', 0.125, '12.5 %'],
    // The percentage is that of the epoch.
    ['epoch 2/8\n 99%|####| 99/100', 0.25, 'epoch 2/8'],
    // Nonsense is skipped for what came before it.
    ['epoch 2/8\nepoch 9/8', 0.25, 'epoch 2/8'],
  ])('%j', (log, share, words) => {
    expect(progressOf(log)).toEqual({ share, words });
  });
  it.each(['', 'loss 0.3', 'epoch 0/10', 'accuracy 1000%', '2026/11/24', '0%'])('nothing in %j', (log) => {
    expect(progressOf(log)).toBeNull();
  });
});
