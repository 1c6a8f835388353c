import { print } from '../../print.ts';

/** The terminal while a full view has it: another screen, no cursor, keys as they are pressed; and all of it given back. */

const ENTER = '\u001B[?1049h\u001B[?25l\u001B[?7l\u001B[2J';
const LEAVE = '\u001B[0m\u001B[?7h\u001B[?25h\u001B[?1049l';

export class FullScreen {
  private drawn: readonly string[] = [];
  private isOn = false;
  private readonly onKeys: (text: string) => void;

  constructor(onKeys: (text: string) => void) {
    this.onKeys = onKeys;
  }

  size(): { readonly width: number; readonly height: number } {
    return { width: process.stdout.columns || 80, height: process.stdout.rows || 24 };
  }

  enter(): void {
    if (this.isOn) return;
    this.isOn = true;
    process.stdin.setRawMode(true);
    process.stdin.setEncoding('utf8').on('data', this.onKeys).resume();
    print('stdout', ENTER);
    this.drawn = [];
  }

  /** Also while the process ends in whatever way. */
  readonly leave = (): void => {
    if (!this.isOn) return;
    this.isOn = false;
    print('stdout', LEAVE);
    process.stdin.off('data', this.onKeys).pause();
    try {
      process.stdin.setRawMode(false);
    } catch {
      // The terminal is gone.
    }
  };

  /** Writes the lines that are not on the screen yet. */
  draw(lines: readonly string[]): void {
    if (!this.isOn) return;
    const changed = lines.flatMap((line, index) =>
      line === this.drawn[index] ? [] : [`\u001B[${index + 1};1H${line}\u001B[0m\u001B[K`],
    );
    this.drawn = lines;
    if (changed.length > 0) print('stdout', changed.join(''));
  }

  /** Forgets what is on the screen: it has another size, or something else wrote there. */
  clear(): void {
    this.drawn = [];
    if (this.isOn) print('stdout', '\u001B[2J');
  }
}
