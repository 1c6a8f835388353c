import { describe, expect, it } from 'vitest';
import { placeFor } from './collect-script.ts';

describe('placeFor', () => {
  it.each([
    ['model.bin', '/scratch/out.bin', false, 'model.bin'],
    ['model', '/scratch/model', true, 'model'],
    ['checkpoints/**', '/scratch/ckpt', true, 'checkpoints'],
    ['checkpoints/*.pt', '/scratch/last.pt', false, 'checkpoints/last.pt'],
    ['*.json', '/scratch/out', true, '.'],
    ['a/b/{c,d}/e', '/scratch/x', true, 'a/b'],
  ])('%s from %s', (pattern, from, isFolder, place) => {
    expect(placeFor(pattern, from, isFolder)).toBe(place);
  });
});
