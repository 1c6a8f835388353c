/** How a character of a terminal looks: what SGR sequences (ECMA-48, 8.3.117) leave. Pure. */
export interface Style {
  /** The parameters that bring it about; empty for plain text. */
  readonly code: string;
  readonly attributes: ReadonlyMap<Attribute, string>;
}

type Attribute =
  | 'bold'
  | 'dim'
  | 'italic'
  | 'underline'
  | 'blink'
  | 'inverse'
  | 'struck'
  | 'overline'
  | 'colour'
  | 'background'
  | 'line colour';

export const UNSTYLED: Style = { code: '', attributes: new Map() };

const ON: ReadonlyMap<number, Attribute> = new Map([
  [1, 'bold'],
  [2, 'dim'],
  [3, 'italic'],
  [4, 'underline'],
  [5, 'blink'],
  [6, 'blink'],
  [7, 'inverse'],
  // 8 hides text, which a reader of a log does not want.
  [9, 'struck'],
  [21, 'underline'],
  [53, 'overline'],
]);

const OFF: ReadonlyMap<number, readonly Attribute[]> = new Map<number, readonly Attribute[]>([
  [22, ['bold', 'dim']],
  [23, ['italic']],
  [24, ['underline']],
  [25, ['blink']],
  [27, ['inverse']],
  [29, ['struck']],
  [39, ['colour']],
  [49, ['background']],
  [55, ['overline']],
  [59, ['line colour']],
]);

const EXTENDED: ReadonlyMap<number, Attribute> = new Map([
  [38, 'colour'],
  [48, 'background'],
  [58, 'line colour'],
]);

/** The style after the parameters of one SGR sequence, such as `1;38;5;208`. Unknown ones change nothing. */
export function styled(style: Style, parameters: string): Style {
  const attributes = new Map(style.attributes);
  const words = parameters.split(';');
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const number = Number.parseInt(word, 10) || 0;
    const extended = EXTENDED.get(number);
    if (extended !== undefined) {
      const colour = word.includes(':') ? word : extendedColour(words.slice(at));
      if (colour === null) break;
      attributes.set(extended, colour);
      at += colour.split(';').length - 1;
    } else apply(attributes, number, word);
  }
  return { code: [...attributes.values()].join(';'), attributes };
}

/** `38;5;N` and `38;2;R;G;B`; null if they are something else, and nobody knows where they end. */
function extendedColour([first = '', kind = '', ...values]: readonly string[]): string | null {
  if (kind !== '5' && kind !== '2') return null;
  const numbers = values.slice(0, kind === '5' ? 1 : 3);
  return [first, kind, ...numbers.map((value) => (/^\d+$/.test(value) ? value : '0'))].join(';');
}

function apply(attributes: Map<Attribute, string>, number: number, word: string): void {
  if (number === 0) attributes.clear();
  for (const attribute of OFF.get(number) ?? []) attributes.delete(attribute);
  const on = ON.get(number) ?? colourOf(number);
  if (on !== undefined) attributes.set(on, word);
  // An underline of no kind.
  if (word === '4:0') attributes.delete('underline');
}

function colourOf(number: number): Attribute | undefined {
  if ((number >= 30 && number <= 37) || (number >= 90 && number <= 97)) return 'colour';
  return (number >= 40 && number <= 47) || (number >= 100 && number <= 107) ? 'background' : undefined;
}
