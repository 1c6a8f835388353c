import { expect, test } from 'vitest';
import {
  type Division,
  elementsFor,
  hasMore,
  isReissued,
  neverSubmitted,
  nextShare,
  plannedChunks,
  tasksInArray,
} from './chunks.ts';

/** What a run looks like of which `planned` elements are in arrays. */
function viewWith(planned: number, workers: number | null) {
  const tasks = { count: 20, workers, max_parallel: null };
  const chunks: Division['chunks'] = [
    { givenUp: null, hopeless: null, plan: { chunk: 0, offset: 0, elements: planned, at_once: null, most: 20 } },
  ];
  return { opened: { tasks }, stopped: null, cancel: null, chunks };
}

const TO_RUN = [1, 3, 4, 5, 9, 12];

test.each([
  ['those that are next to each other', 0, null, [1, 2, 3], 20, { offset: 1, elements: 3 }],
  ['those between which some are taken over', 0, null, TO_RUN, 20, { offset: 1, elements: 6, numbers: '0,2-4,8,11' }],
  ['as many as fit', 0, null, TO_RUN, 3, { offset: 1, elements: 2, numbers: '0,2' }],
  ['those after the ones that are planned', 4, null, TO_RUN, 20, { offset: 9, elements: 2, numbers: '0,3' }],
  ['one alone', 5, null, TO_RUN, 20, { offset: 12, elements: 1 }],
  ['no more workers than tasks', 0, 9, TO_RUN, 20, { offset: 0, elements: 6 }],
  ['workers after others', 2, 4, TO_RUN, 20, { offset: 2, elements: 2 }],
] as const)('an array has %s', (_, planned, workers, toRun, most, plan) => {
  expect(elementsFor(nextShare(viewWith(planned, workers), toRun, most))).toEqual(plan);
});

test.each([
  ['all in one', [], Infinity, Infinity, null, [{ first: 0, count: 20 }]],
  [
    'by what the site takes',
    [],
    8,
    Infinity,
    null,
    [
      { first: 0, count: 8 },
      { first: 8, count: 8 },
      { first: 16, count: 4 },
    ],
  ],
  [
    'by what the settings say',
    [],
    50,
    12,
    null,
    [
      { first: 0, count: 12 },
      { first: 12, count: 8 },
    ],
  ],
  [
    'without what is taken over',
    [0, 1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
    10,
    9,
    null,
    [
      { first: 2, count: 3 },
      { first: 19, count: 1 },
    ],
  ],
  ['unless workers take what nobody has', [], 8, Infinity, 4, null],
  ['unless the site takes no arrays', [], 0, Infinity, null, null],
] as const)('arrays are planned %s', (_, taken, most, chunkTasks, workers, chunks) => {
  const tasks = { count: 20, workers, max_parallel: null };
  expect(plannedChunks(tasks, new Set(taken), { most, chunkTasks })).toEqual(chunks);
});

test('what is taken over is not waited for', () => {
  expect([hasMore(viewWith(5, null), 6), hasMore(viewWith(6, null), 6)]).toEqual([true, false]);
});

test('an array has the tasks that were submitted, and no others', () => {
  const plan = { chunk: 0, offset: 1, elements: 3, numbers: '0,2-3', at_once: null, most: 20 };
  expect([...tasksInArray(plan)]).toEqual([1, 3, 4]);
  expect([...tasksInArray({ chunk: 0, offset: 1, elements: 3, at_once: null, most: 20 })]).toEqual([1, 2, 3]);
});

const GIVEN_UP = { code: 'slurm.refused', message: 'no' } as const;

test.each([
  [
    'its array can never start',
    null,
    [{ hopeless: 'PartitionDown' }],
    1,
    'Its job can never start on this cluster: PartitionDown.',
  ],
  ['it is in no array, and one was given up', null, [{}, { givenUp: GIVEN_UP }], 7, 'no'],
  ['its array runs', null, [{}, { givenUp: GIVEN_UP }], 1, undefined],
  [
    'workers can never start',
    2,
    [{ hopeless: 'PartitionDown' }],
    7,
    'Its job can never start on this cluster: PartitionDown.',
  ],
  ['no array of workers is left', 2, [{ givenUp: GIVEN_UP }, { hopeless: 'PartitionDown' }], 7, 'no'],
  ['some workers run', 2, [{}, { givenUp: GIVEN_UP }], 7, undefined],
] as const)('why nobody took a task: %s', (_, workers, arrays, task, message) => {
  const chunks = arrays.map((more, index) => ({
    ...{ hopeless: null, givenUp: null, ...more },
    plan: { chunk: index, offset: 2 * index, elements: 2, at_once: null, most: 20 },
  }));
  expect(neverSubmitted({ ...viewWith(2, workers), chunks }, task)?.message).toBe(message);
});

test('an id that a later array has is not that of the earlier one any more', () => {
  const chunks = ['19', '20', '19', null].map((id, index) => ({ index, job: id === null ? null : { job_id: id } }));
  expect(chunks.map(({ index }) => isReissued({ chunks }, index))).toEqual([true, false, false, false]);
});
