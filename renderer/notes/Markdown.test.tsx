import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { imageSource, linkTarget } from './links.ts';
import { Markdown } from './Markdown.tsx';

const html = (text: string) => renderToStaticMarkup(<Markdown text={text} ownImage={(path) => `/artifact/run/${path}`} />);

test('web and mail links open elsewhere', () => {
  expect(html('[docs](https://example.org/a?b=1)')).toContain('<a href="https://example.org/a?b=1" target="_blank" rel="noopener noreferrer"');
  expect(html('<ada@example.org>')).toContain('href="mailto:ada@example.org"');
});

test.each(['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vbscript:x', '/runs/1', '#top', 'java\tscript:alert(1)'])('%s is only text', (href) => {
  const drawn = html(`[click](<${href}>)`);
  expect(drawn).not.toContain('href');
  expect(drawn).toContain('click');
  expect(linkTarget(href)).toBeUndefined();
});

test('HTML stays text', () => {
  const drawn = html('<script>alert(1)</script>\n\n<img src=x onerror=alert(1)> <b>bold</b>');
  expect(drawn).not.toMatch(/<script|<img|<b>/);
});

test('own pictures are drawn, others wait for a click', () => {
  expect(html('![loss](plots/loss%20curve.png)')).toContain('<img src="/artifact/run/plots/loss curve.png" alt="loss"');
  const remote = html('![cat](https://example.org/cat.png)');
  expect(remote).not.toContain('<img');
  expect(remote).toContain('show picture from example.org');
});

test.each(['../../other/secret.png', '/etc/passwd', 'a/%2e%2e/%2e%2e/b.png', 'javascript:alert(1)', 'data:image/svg+xml,<svg/>', 'a\\b.png', ''])('a picture at %j is refused', (src) => {
  expect(imageSource(src).kind).toBe('refused');
});

test('an address without a scheme is remote', () => {
  expect(imageSource('//example.org/x.png')).toMatchObject({ kind: 'remote', host: 'example.org' });
});

test('tables, task lists and strike-through are understood', () => {
  const drawn = html('| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\n~~gone~~');
  expect(drawn).toContain('<td>1</td>');
  expect(drawn).toContain('type="checkbox"');
  expect(drawn).toContain('<del>gone</del>');
});
