/** How autolab changes the environment that a command inherits on its host. */
export interface EnvironmentChange {
  /** Variables with these prefixes are removed … */
  readonly drop: readonly string[];
  /** … except these. */
  readonly keep: readonly string[];
  readonly set: Readonly<Record<string, string>>;
}

/** The environment of a command. Pure. */
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
