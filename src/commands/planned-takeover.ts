/** What `--failed-only` would do. */
export interface PlannedTakeover {
  /** The earlier run. */
  readonly run_id: string;
  readonly taken: number;
  readonly run: number;
  /** Why tasks that completed there run again. */
  readonly differences: readonly string[];
}
