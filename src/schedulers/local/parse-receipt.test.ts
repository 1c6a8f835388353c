import { describe, expect, it } from 'vitest';
import { parseExit, parseOrder, parseRunClaim, parseStarted } from './parse-receipt.ts';
import type { Exit, RunClaim } from './receipt.ts';

const EXIT: Exit = {
  pid: 7,
  exit_code: 0,
  signal: null,
  ended_by: 'request',
  start_error: null,
  started_at: '2026-11-24T10:00:00.000Z',
  ended_at: '2026-11-24T10:00:01.000Z',
  wall_seconds: 1,
  cpu_seconds: 0.5,
  max_rss_bytes: 1024,
  samples: 3,
  usage_source: 'sampled /proc',
  oom_kills: null,
  oom_in_run: true,
  contained_by: 'cgroup',
  memory_limit_bytes: 1024,
  leftovers_ended: ['sleep 60'],
  survivors: ['sleep (9), which did not end'],
  others_hidden: true,
};
const CLAIM: RunClaim = {
  kind: 'supervisor',
  host: 'here',
  boot_id: 'b',
  machine_id: 'm',
  pid_namespace: 'n',
  pid: 7,
  start_time: '12',
  claimed_at: '2026-11-24T10:00:00.000Z',
  token: 't',
};

const text = (value: object, changes: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ ...value, ...changes });

describe('a receipt of the supervisor', () => {
  it('is read as it was written', () => {
    expect(parseExit(text(EXIT))).toEqual(EXIT);
    expect(parseRunClaim(text(CLAIM))).toEqual(CLAIM);
    expect(parseRunClaim(text(CLAIM, { cgroup: '/c' }))).toEqual({ ...CLAIM, cgroup: '/c' });
    expect(parseRunClaim(text(CLAIM, { machine_id: undefined }))).not.toHaveProperty('machine_id');
    expect(parseStarted(text({ pid: 7, start_time: '12', started_at: 'then' }))).toEqual({
      pid: 7,
      start_time: '12',
      started_at: 'then',
    });
    expect(parseOrder(text({ run_dir: '/p', grace_seconds: 3, other: 1 }))).toEqual({
      run_dir: '/p',
      grace_seconds: 3,
    });
  });
});

describe('what the entrypoint wrote over a receipt', () => {
  it.each([null, '', 'no JSON', 'null', '7', '"text"', '{}', '[]'])('is no receipt: %s', (written) => {
    for (const parse of [parseExit, parseRunClaim, parseStarted, parseOrder]) expect(parse(written)).toBeNull();
  });

  it.each(['ended_at', 'wall_seconds', 'cpu_seconds', 'max_rss_bytes', 'samples'])('is no end without %s', (name) => {
    expect(parseExit(text(EXIT, { [name]: undefined }))).toBeNull();
    expect(parseExit(text(EXIT, { [name]: {} }))).toBeNull();
  });

  it.each(['kind', 'host', 'boot_id', 'pid_namespace', 'pid', 'start_time', 'claimed_at'])(
    'is no claim without %s',
    (name) => {
      expect(parseRunClaim(text(CLAIM, { [name]: undefined }))).toBeNull();
      expect(parseRunClaim(text(CLAIM, { [name]: {} }))).toBeNull();
    },
  );

  it('keeps no field of another type', () => {
    const odd = {
      pid: '7',
      exit_code: [],
      signal: 9,
      ended_by: 'nobody',
      oom_kills: 'many',
      oom_in_run: 1,
      contained_by: 'nobody',
      memory_limit_bytes: '1',
      leftovers_ended: [1, 'x'],
      survivors: 'x',
      others_hidden: 1,
    };
    expect(parseExit(text(EXIT, odd))).toEqual({
      ...EXIT,
      pid: null,
      exit_code: null,
      ended_by: null,
      oom_in_run: false,
      contained_by: 'session and environment',
      memory_limit_bytes: null,
      leftovers_ended: ['x'],
      survivors: [],
      others_hidden: false,
    });
  });
});
