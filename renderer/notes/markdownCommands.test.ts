import { EditorState, type TransactionSpec } from '@codemirror/state';
import { expect, test } from 'vitest';
import { insertLink, toggleMark, togglePrefix } from './markdownCommands.ts';

/** A text with its selection in brackets: `a [word] b`. */
function state(marked: string): EditorState {
  const from = marked.indexOf('[');
  const to = marked.indexOf(']') - 1;
  return EditorState.create({ doc: marked.replace('[', '').replace(']', ''), selection: { anchor: from, head: to } });
}
function after(before: EditorState, spec: TransactionSpec): string {
  const { state: next } = before.update(spec);
  const { from, to } = next.selection.main;
  return `${next.sliceDoc(0, from)}[${next.sliceDoc(from, to)}]${next.sliceDoc(to)}`;
}

test('bold on and off again', () => {
  const plain = state('the [loss] fell');
  expect(after(plain, toggleMark(plain, '**'))).toBe('the **[loss]** fell');
  const bold = state('the **[loss]** fell');
  expect(after(bold, toggleMark(bold, '**'))).toBe('the [loss] fell');
});

test('a list of the selected lines, and back', () => {
  const plain = state('[one\ntwo]');
  const { state: listed } = plain.update(togglePrefix(plain, '- '));
  expect(listed.doc.toString()).toBe('- one\n- two');
  expect(listed.update(togglePrefix(listed, '- ')).state.doc.toString()).toBe('one\ntwo');
});

test('lines that have the prefix keep it once', () => {
  const mixed = state('[- one\ntwo]');
  expect(mixed.update(togglePrefix(mixed, '- ')).state.doc.toString()).toBe('- one\n- two');
});

test('a word becomes a link with its address selected, an address becomes the target', () => {
  const word = state('see [docs]');
  expect(after(word, insertLink(word))).toBe('see [docs]([https://])');
  const address = state('see [https://example.org]');
  expect(address.update(insertLink(address)).state.doc.toString()).toBe('see [](https://example.org)');
});
