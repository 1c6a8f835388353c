import { describe, expect, it } from 'vitest';
import { isWithoutGpus, parseGpus } from './gpu-answer.ts';

const MIB = 1024 * 1024;
const ANSWER = '0, GPU-aa11-1, 93, 1024\n1, GPU-ab22-2, 5, 80\n2, GPU-cc33-3, 0, 1\n';
const [FIRST, SECOND, THIRD] = [
  { util: 93, memory_bytes: 1024 * MIB },
  { util: 5, memory_bytes: 80 * MIB },
  { util: 0, memory_bytes: MIB },
];

describe('an answer of nvidia-smi', () => {
  it.each([
    ['is of all GPUs', undefined, [FIRST, SECOND, THIRD]],
    ['is cut to the indices that the run sees', '2,0', [FIRST, THIRD]],
    ['is cut to UUIDs, whole or shortened', 'GPU-ab22-2,GPU-cc', [SECOND, THIRD]],
    ['ends at the first index that there is not', '1,7,0', [SECOND]],
    ['is of all where a part of a card is meant', 'MIG-5c89852c-d268-c3f3', [FIRST, SECOND, THIRD]],
    ['is of all where the words mean nothing', 'all,$(id)', [FIRST, SECOND, THIRD]],
    ['is none where no GPU is left', '9', null],
  ])('%s', (_what, visible, seen) => {
    expect(parseGpus(ANSWER, visible)).toEqual(seen);
  });

  it('has null for what a card does not say', () => {
    expect(parseGpus('0, GPU-1, [N/A], [Not Supported]\n', undefined)).toEqual([{ util: null, memory_bytes: null }]);
  });

  it.each([
    ['nothing', ''],
    ['a message', 'NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.\n'],
    ['a message beside GPUs', `${ANSWER}Unable to determine the device handle for GPU 0000:01:00.0: GPU is lost.\n`],
    ['other columns', '0, GPU-1, 93\n'],
  ])('is none if it is %s', (_what, text) => {
    expect(parseGpus(text, undefined)).toBe(null);
  });
});

it.each([
  [undefined, false],
  ['0', false],
  ['', true],
  [' ', true],
  ['-1', true],
  ['NoDevFiles', true],
])('CUDA_VISIBLE_DEVICES=%s hides all GPUs: %s', (visible, hides) => {
  expect(isWithoutGpus(visible)).toBe(hides);
});
