/** The options that were given, and the default of each one that was left out or is undefined. */
export function withDefaults<Options extends object>(given: Partial<Options>, defaults: Options): Options {
  const meant = Object.entries<unknown>(given).filter(([name, value]) => name in defaults && value !== undefined);
  return { ...defaults, ...Object.fromEntries(meant) };
}
