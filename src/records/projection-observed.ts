import type { Manifest } from './manifest-schema.ts';
import type { RunView } from './run-view.ts';

/** What there is to look at besides the outputs; nothing in records before format 4. Pure. */
export function projectObserved({ opened, observed }: RunView) {
  const { environment, usage, metrics } = observed ?? {};
  const fingerprint = environment?.fingerprint ?? null;
  return {
    ...(opened.metrics === undefined ? {} : { metrics: opened.metrics }),
    ...(opened.data_inputs === undefined ? {} : { data_inputs: [...opened.data_inputs] }),
    ...(environment === undefined
      ? {}
      : { environment: { sha256: environment.sha256, interpreter: environment.interpreter } }),
    ...(fingerprint === null ? {} : { environment_fingerprint: fingerprint }),
    ...(usage === undefined && metrics === undefined
      ? {}
      : { series: { ...(usage === undefined ? {} : { usage }), ...(metrics === undefined ? {} : { metrics }) } }),
  } satisfies Partial<Manifest>;
}
