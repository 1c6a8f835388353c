import { expect, it } from 'vitest';
import { cutText, escapedText, joinedMarkup, markup } from './markup.ts';

it('escapes what is put into a template, and nothing twice', () => {
  const name = `</script><img src=x onerror="alert('1')">&`;
  const item = markup`<b title="${name}">${name}</b>`;
  expect(markup`<p>${item}${3}${null}${[item]}</p>`.markup).toBe(`<p>${item.markup}3${item.markup}</p>`);
  expect(item.markup).toBe(
    '<b title="&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;">&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;</b>',
  );
  expect(joinedMarkup([item, item], ' & ').markup).toBe(`${item.markup} &amp; ${item.markup}`);
});

it('shows what has no picture, and takes its effect', () => {
  expect(escapedText('a\0b\u001B[31mred\u007F')).toBe('a⟨U+0000⟩b⟨U+001B⟩[31mred⟨U+007F⟩');
  expect(escapedText('\u202Eabc\u2066\uFEFF')).toBe('⟨U+202E⟩abc⟨U+2066⟩⟨U+FEFF⟩');
  expect(escapedText('half \uD800 pair, whole 😀')).toBe('half ⟨U+D800⟩ pair, whole 😀');
  expect(escapedText('one\ttwo\nthree')).toBe('one\ttwo\nthree');
});

it('cuts a text between characters', () => {
  expect([cutText('short', 5), cutText('longer', 5), cutText('abc😀def', 5)]).toEqual(['short', 'long…', 'abc…']);
});
