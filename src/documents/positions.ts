/** Lines and columns from offsets. Pure. */

/** 1-based, columns in UTF-16 units as editors count. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A function from offset to position; building it costs one pass, calling it a binary search. */
export function placesOf(text: string): (offset: number) => Place {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
