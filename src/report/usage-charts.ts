import type { Manifest } from '../records/manifest-schema.ts';
import type { GpuPoint, UsagePoint } from '../records/usage-series.ts';
import type { Curve, CurvePoint } from './charts/curve.ts';
import type { LineChart } from './charts/line-chart.ts';

/** What a run used over time: memory against its limit, CPUs, GPUs. Pure. */

const MIB = 1024 * 1024;
const TIME = { name: 'time since the start', unit: 'seconds' } as const;
/** With more GPUs, the lowest, the mean and the highest are drawn. */
const MOST_GPUS = 4;

export function usageCharts(points: readonly UsagePoint[], { usage }: Manifest): readonly LineChart[] {
  const { memory_mb, cpus } = usage.requested;
  const memory: LineChart = {
    id: 'memory',
    title: 'Memory',
    curves: [{ name: 'memory', points: points.map(({ t, memory_bytes }) => ({ x: t, y: memory_bytes })) }],
    x: TIME,
    y: { unit: 'bytes', from: 0 },
    limit: memory_mb === null ? null : { name: 'requested', value: memory_mb * MIB },
  };
  const cpu: LineChart = {
    id: 'cpu',
    title: 'CPUs busy',
    curves: [{ name: 'CPUs', points: cpuRates(points) }],
    x: TIME,
    y: { unit: 'number', from: 0 },
    limit: cpus === null ? null : { name: 'requested', value: cpus },
  };
  return [memory, cpu, ...gpuCharts(points)];
}

/** CPU time per time, from point to point. */
function cpuRates(points: readonly UsagePoint[]): readonly CurvePoint[] {
  const known = points.filter(({ cpu_seconds }) => cpu_seconds !== null);
  return known.flatMap(({ t, cpu_seconds }, index) => {
    const before = known[index - 1];
    if (before === undefined || t <= before.t) return [];
    // Processes that ended took their time with them.
    const busy = Math.max(0, (cpu_seconds ?? 0) - (before.cpu_seconds ?? 0));
    return [{ x: t, y: busy / (t - before.t) }];
  });
}

function gpuCharts(points: readonly UsagePoint[]): readonly LineChart[] {
  const asked = points.filter(({ gpu }) => gpu !== undefined && gpu.length > 0);
  if (asked.length === 0) return [];
  return [
    {
      ...{ id: 'gpu', title: 'GPUs busy', x: TIME },
      curves: gpuCurves(asked, ({ util }) => util),
      y: { unit: 'percent', from: 0, to: 100 },
    },
    {
      ...{ id: 'gpu-memory', title: 'Memory of the GPUs', x: TIME },
      curves: gpuCurves(asked, ({ memory_bytes }) => memory_bytes),
      y: { unit: 'bytes', from: 0 },
    },
  ];
}

function gpuCurves(points: readonly UsagePoint[], value: (gpu: GpuPoint) => number | null): readonly Curve[] {
  const count = Math.max(...points.map(({ gpu }) => gpu?.length ?? 0));
  const curve = (name: string, pick: (gpus: readonly GpuPoint[]) => number | null): Curve => ({
    name,
    points: points.map(({ t, gpu }) => ({ x: t, y: pick(gpu ?? []) })),
  });
  if (count <= MOST_GPUS)
    return Array.from({ length: count }, (_, index) =>
      curve(`GPU ${index}`, (gpus) => (gpus[index] === undefined ? null : value(gpus[index]))),
    );
  const known = (gpus: readonly GpuPoint[]): readonly number[] => gpus.map(value).filter((one) => one !== null);
  const over = (fold: (values: readonly number[]) => number) => (gpus: readonly GpuPoint[]) => {
    const values = known(gpus);
    return values.length === 0 ? null : fold(values);
  };
  return [
    curve(
      `mean of ${count}`,
      over((values) => values.reduce((sum, one) => sum + one, 0) / values.length),
    ),
    curve(
      'lowest',
      over((values) => Math.min(...values)),
    ),
    curve(
      'highest',
      over((values) => Math.max(...values)),
    ),
  ];
}
