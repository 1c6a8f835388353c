/** A curve in tenths of a pixel, with no more points than can be seen. Pure. */

/** In tenths of a pixel, whole; `y` is null at a gap. */
export interface DrawnPoint {
  readonly x: number;
  readonly y: number | null;
}

/** A column of the picture: half a pixel for curves of ordinary length. */
const FINE = 5;
const COARSE = 10;
/** More is coarser, and what is still more is drawn as what it covers. */
const MOST_FINE = 2200;
const MOST_POINTS = 2600;

interface DrawnAt {
  readonly x: number;
  readonly y: number;
}

type Piece = readonly DrawnAt[];

/** Pieces of the curve, each drawn without a break. The lowest and the highest point of every column are kept. */
export function thinnedPieces(points: readonly DrawnPoint[]): readonly Piece[] {
  const width = points.length > MOST_FINE ? COARSE : FINE;
  const pieces = piecesOf(points, width).map((piece) => thinnedPiece(piece, width));
  const drawn = pieces.reduce((sum, piece) => sum + piece.length + 1, 0);
  return drawn <= MOST_POINTS ? pieces : coveredColumns(points);
}

/** A gap or a step back begins a new piece. Gaps that cannot be seen do not, if there are many points. */
function piecesOf(points: readonly DrawnPoint[], width: number): readonly Piece[] {
  const unseen = points.length > MOST_FINE ? width : -1;
  const pieces: DrawnAt[][] = [];
  let gap = true;
  let last = -Infinity;
  for (const { x, y } of points) {
    if (y === null) {
      gap = true;
      continue;
    }
    const piece = pieces.at(-1);
    if (piece === undefined || x < last || (gap && x - last > unseen)) pieces.push([{ x, y }]);
    else piece.push({ x, y });
    gap = false;
    last = x;
  }
  return pieces;
}

/** Of every column the first, the lowest, the highest and the last point, in their order. */
function thinnedPiece(piece: Piece, width: number): Piece {
  const columns: Column[] = [];
  for (const point of piece) {
    const place = Math.floor(point.x / width);
    const column = columns.at(-1);
    if (column?.place === place) cover(column, point);
    else columns.push({ place, first: point, low: point, high: point, last: point, isLowFirst: true });
  }
  return columns.flatMap(pointsOf);
}

interface Column {
  readonly place: number;
  readonly first: DrawnAt;
  low: DrawnAt;
  high: DrawnAt;
  last: DrawnAt;
  isLowFirst: boolean;
}

function cover(column: Column, point: DrawnAt): void {
  column.last = point;
  if (point.y < column.low.y) {
    column.low = point;
    column.isLowFirst = false;
  } else if (point.y > column.high.y) {
    column.high = point;
    column.isLowFirst = true;
  }
}

function pointsOf({ first, low, high, last, isLowFirst }: Column): readonly DrawnAt[] {
  const points = isLowFirst ? [first, low, high, last] : [first, high, low, last];
  return points.filter((point, index) => point !== points[index - 1]);
}

/** What is far too jagged to follow: a stroke from the lowest to the highest point of every column. */
function coveredColumns(points: readonly DrawnPoint[]): readonly Piece[] {
  const columns = new Map<number, { low: number; high: number }>();
  for (const { x, y } of points) {
    if (y === null) continue;
    const column = Math.floor(x / COARSE);
    const covered = columns.get(column);
    if (covered === undefined) columns.set(column, { low: y, high: y });
    else {
      covered.low = Math.min(covered.low, y);
      covered.high = Math.max(covered.high, y);
    }
  }
  return [...columns]
    .sort(([left], [right]) => left - right)
    .map(([column, { low, high }]) => [
      { x: column * COARSE, y: low },
      { x: column * COARSE, y: high },
    ]);
}

/** A path of relative coordinates: a third of what absolute ones need. */
export function pathOfPieces(pieces: readonly Piece[]): string {
  let [x, y] = [0, 0];
  const words: string[] = [];
  for (const piece of pieces) {
    piece.forEach((point, index) => {
      const [dx, dy] = [point.x - x, point.y - y];
      if (index > 0 && dx === 0 && dy === 0) return;
      words.push(`${index === 0 ? 'm' : 'l'}${dx}${dy < 0 ? '' : ' '}${dy}`);
      ({ x, y } = point);
    });
    // A point alone is a dot: round ends make it one.
    if (piece.length === 1) words.push('h0');
  }
  return words.join('');
}
