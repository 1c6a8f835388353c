import type { Manifest, Usage } from './manifest-schema.ts';
import { resultOf, type RunView } from './run-view.ts';

/** How the entrypoint ran, and what it used. Pure. */

/** The manifest's `local` section: null before a supervisor was seen, and for a run that has none. */
export function projectLocal(view: RunView): Manifest['local'] {
  const ended = resultOf(view, 'execute');
  if (ended === null) return projectRunning(view.started?.supervisor_pid ?? null);
  const { pid, supervisor_pid, exit_code, signal, ended_by, evidence, leftovers_ended } = ended;
  const { survivors, contained_by, memory_limit_bytes } = ended;
  return {
    pid,
    supervisor_pid: supervisor_pid ?? view.started?.supervisor_pid ?? null,
    exit_code,
    signal,
    ended_by,
    evidence: [...evidence],
    leftovers_ended: [...leftovers_ended],
    ...(survivors === undefined ? {} : { survivors: [...survivors] }),
    ...(contained_by === undefined ? {} : { contained_by }),
    ...(memory_limit_bytes === undefined ? {} : { memory_limit_bytes }),
  };
}

function projectRunning(supervisor_pid: number | null): Manifest['local'] {
  if (supervisor_pid === null) return null;
  const unknown = { pid: null, exit_code: null, signal: null, ended_by: null };
  return { ...unknown, supervisor_pid, evidence: [], leftovers_ended: [] };
}

/** Left out if the run left no count. */
export function projectStarts(view: RunView): Pick<Manifest, 'starts'> {
  const starts = ended(view)?.starts;
  return starts === undefined ? {} : { starts };
}

const UNUSED: Usage['used'] = {
  wall_seconds: null,
  cpu_seconds: null,
  max_rss_bytes: null,
  source: 'none',
  samples: null,
};

export function projectUsage(view: RunView): Usage {
  const { time_seconds, memory_mb, cpus } = view.opened.resource_request;
  return {
    // 0 is all the memory of a node, whatever that is.
    requested: { time_seconds, memory_mb: memory_mb === 0 ? null : memory_mb, cpus },
    used: ended(view)?.used ?? UNUSED,
  };
}

/** What is known of the end of the entrypoint, whoever saw it. */
export function ended(view: RunView) {
  return resultOf(view, 'execute') ?? resultOf(view, 'confirm');
}
