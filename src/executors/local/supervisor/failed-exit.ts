import { now } from '../../../platform/time.ts';
import type { EndedBy, Exit } from '../../../schedulers/local/receipt.ts';

/** The exit of an entrypoint that was not started: for this reason, or because `endedBy` came first. */
export function failedExit(reason: string, endedBy: EndedBy = null): Exit {
  return {
    pid: null,
    exit_code: null,
    signal: null,
    ended_by: endedBy,
    start_error: endedBy === null ? reason : null,
    started_at: null,
    ended_at: now(),
    wall_seconds: 0,
    cpu_seconds: 0,
    max_rss_bytes: 0,
    samples: 0,
    usage_source: 'none',
    oom_kills: null,
    oom_in_run: false,
    contained_by: 'session and environment',
    memory_limit_bytes: null,
    leftovers_ended: [],
    survivors: [],
    others_hidden: false,
  };
}
