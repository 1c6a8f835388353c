/** Tasks that are submitted together. */
export interface TaskChunk {
  /** Index of its first task. */
  readonly first: number;
  readonly count: number;
}
