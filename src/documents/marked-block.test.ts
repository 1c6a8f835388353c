import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { type BlockMarks, withBlock } from './marked-block.ts';

const MARKS: BlockMarks = {
  begin: '<!-- ours begin -->',
  end: '<!-- ours end -->',
  isBegin: /^\s*<!-- ours begin.*-->\s*$/,
  isEnd: /^\s*<!-- ours end.*-->\s*$/,
};
const BLOCK = '<!-- ours begin -->\nold\n<!-- ours end -->\n';

function edited(text: string, content = 'new\n'): string {
  const result = withBlock({ file: 'page.md', text, content }, MARKS);
  return 'text' in result ? result.text : `${String(result.line)}: ${result.message}`;
}

describe('withBlock', () => {
  it.each([
    ['', '<!-- ours begin -->\nnew\n<!-- ours end -->\n'],
    ['# Page\n', '# Page\n\n<!-- ours begin -->\nnew\n<!-- ours end -->\n'],
    ['# Page', '# Page\n\n<!-- ours begin -->\nnew\n<!-- ours end -->\n'],
    ['# Page\r\n\r\n', '# Page\r\n\r\n<!-- ours begin -->\r\nnew\r\n<!-- ours end -->\r\n'],
    [`a\n${BLOCK}b`, 'a\n<!-- ours begin -->\nnew\n<!-- ours end -->\nb'],
    [`a\r\n  ${BLOCK.replaceAll('\n', '\r\n')}\tb`, 'a\r\n  <!-- ours begin -->\r\nnew\r\n<!-- ours end -->\r\n\tb'],
    [`\`\`\`\n${BLOCK}\`\`\`\n`, `\`\`\`\n${BLOCK}\`\`\`\n\n<!-- ours begin -->\nnew\n<!-- ours end -->\n`],
    [
      `<!--\n${BLOCK.replaceAll('-->', '')}-->\n${BLOCK}`,
      `<!--\n${BLOCK.replaceAll('-->', '')}-->\n${BLOCK.replace('old', 'new')}`,
    ],
    [`<!-- never closed\n${BLOCK}`, `<!-- never closed\n${BLOCK.replace('old', 'new')}`],
    [`\`\`\` never closed\n${BLOCK}`, `\`\`\` never closed\n${BLOCK.replace('old', 'new')}`],
  ])('writes into %j', (text, expected) => {
    expect(edited(text)).toBe(expected);
    expect(edited(edited(text))).toBe(expected);
  });

  it.each([
    [`a\n${BLOCK}${BLOCK}`, '5: this mark stands a second time'],
    [`${BLOCK}<!-- ours end -->\n`, '4: this mark stands a second time'],
    ['a\n<!-- ours begin -->\n', '2: the mark that ends the block is missing'],
    ['<!-- ours end -->\n', '1: the mark that begins the block is missing'],
    ['<!-- ours end -->\n<!-- ours begin -->\n', '1: the block ends before it begins'],
  ])('changes nothing in %j', (text, expected) => {
    expect(edited(text)).toContain(expected);
  });

  it('leaves every byte around the block, and changes nothing the second time', () => {
    const piece = fc.constantFrom('a', '\n', '\r\n', '```\n', '<!-- x -->', '<!--', '-->', '# T\n', '\t', '~~~\n');
    const words = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(words, words, (before, after) => {
        const once = edited(before);
        expect(once.startsWith(before)).toBe(true);
        expect(edited(once)).toBe(once);
        const whole = `${before}\n${BLOCK}${after}`;
        const result = withBlock({ file: 'p', text: whole, content: 'new\n' }, MARKS);
        if (!('text' in result)) return;
        expect(result.text.startsWith(`${before}\n`)).toBe(true);
        expect(result.text.includes(after)).toBe(true);
      }),
    );
  });
});
