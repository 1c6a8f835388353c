/** What a reader wants to see first of a manifest: pairs of name and text. */
export function summaryOf(manifest) {
  const { commit, usage, artifacts, verifiers } = manifest;
  const passed = verifiers.filter((verifier) => verifier.status === 'pass').length;
  const others = verifiers
    .filter((verifier) => verifier.status !== 'pass')
    .map((verifier) => `${verifier.name} ${verifier.status}`);
  return [
    ['status', `${manifest.status} (${manifest.code})`],
    [
      'commit',
      commit.sha === null
        ? `none: ${commit.reason}`
        : `${commit.sha.slice(0, 12)} on ${commit.branch ?? 'no branch'}${commit.dirty ? ', with changes' : ''}`,
    ],
    [
      'time',
      `${seconds(usage.used.wall_seconds)} of ${seconds(usage.requested.time_seconds)} asked for, ${seconds(usage.used.cpu_seconds)} of CPU`,
    ],
    [
      'memory',
      `${mebibytes(usage.used.max_rss_bytes)} of ${usage.requested.memory_mb === null ? 'no limit' : `${usage.requested.memory_mb} MiB asked for`}`,
    ],
    [
      'artifacts',
      artifacts === null ? 'none' : `${artifacts.files} files, ${artifacts.bytes} bytes, each with its digest`,
    ],
    ['fingerprint', manifest.fingerprint],
    ['verifiers', [`${passed} passed`, ...others].join(', ')],
  ];
}

function seconds(value) {
  return value === null ? 'unknown' : `${value.toFixed(1)} s`;
}

function mebibytes(bytes) {
  return bytes === null ? 'unknown' : `${Math.round(bytes / 1024 / 1024)} MiB`;
}
