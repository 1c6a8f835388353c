import { isTerminal } from '../print.ts';

const USUAL_WIDTH = 80;
const LEAST_WIDTH = 40;

/** Of the terminal; 80 for anything else. */
export function screenWidth(): number {
  return Math.max(LEAST_WIDTH, isTerminal('stdout') ? process.stdout.columns || USUAL_WIDTH : USUAL_WIDTH);
}
