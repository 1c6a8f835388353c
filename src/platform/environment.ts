/** What becomes of the environment that a command finds on its host. */
export interface EnvironmentChange {
  /** Variables whose names begin so are taken away … */
  readonly drop: readonly string[];
  /** … but for these. */
  readonly keep: readonly string[];
  readonly set: Readonly<Record<string, string>>;
}

/** Pure: what a command finds. */
export function changedEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  { drop, keep, set }: EnvironmentChange,
): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (keep.includes(entry[0]) || !drop.some((prefix) => entry[0].startsWith(prefix))),
  );
  return { ...Object.fromEntries(kept), ...set };
}
