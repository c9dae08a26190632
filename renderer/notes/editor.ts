/**
 * The text editor of a note: CodeMirror bound to a shared Y.Text, with everyone's cursors, Markdown that looks like what it
 * means while it is written, and undo that takes back one's own words only.
 *
 *   const editor = createEditor({ parent, replica, onFocus });
 *   editor.run((state) => toggleMark(state, '**'));
 *   editor.close();
 */
import { defaultKeymap, indentWithTab } from '@codemirror/commands';
import { markdown, markdownLanguage } from '@codemirror/lang-markdown';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState, Prec, type Extension, type TransactionSpec } from '@codemirror/state';
import { drawSelection, EditorView, highlightSpecialChars, keymap, placeholder, type Command } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
import * as Y from 'yjs';
import { noteText } from '#model';
import type { Replica } from '../state/replica.ts';
import { insertLink, toggleMark } from './markdownCommands.ts';

export interface Editor {
  /** Applies a change to the text and returns to it. */
  run(change: (state: EditorState) => TransactionSpec): void;
  undo(): void;
  redo(): void;
  focus(): void;
  close(): void;
}

export interface EditorParts {
  parent: HTMLElement;
  replica: Pick<Replica, 'doc' | 'awareness'>;
  /** Name of the field for screen readers. */
  label: string;
}

export function createEditor({ parent, replica, label }: EditorParts): Editor {
  const text = replica.doc.getText(noteText);
  const undoManager = new Y.UndoManager(text, { captureTimeout: 700 });
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text.toString(),
      extensions: [
        Prec.high(keymap.of(yUndoManagerKeymap)),
        Prec.high(keymap.of(shortcuts)),
        yCollab(text, replica.awareness, { undoManager }),
        // Tab indents lists; Escape, then Tab, leaves the field for those without a mouse.
        keymap.of([...defaultKeymap, indentWithTab]),
        markdown({ base: markdownLanguage }),
        syntaxHighlighting(markdownLook),
        highlightSpecialChars(),
        drawSelection(),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'true' }),
        placeholder('What was tried, what happened, what next? Markdown works here.'),
        editorLook,
      ],
    }),
  });
  return {
    run(change) {
      view.dispatch(view.state.update(change(view.state), { userEvent: 'input', scrollIntoView: true }));
      view.focus();
    },
    undo: () => void undoManager.undo(),
    redo: () => void undoManager.redo(),
    focus: () => view.focus(),
    close() {
      view.destroy();
      undoManager.destroy();
      replica.awareness.setLocalStateField('cursor', null);
    },
  };
}

const doing = (change: (state: EditorState) => TransactionSpec): Command =>
  ({ state, dispatch }) => {
    dispatch(state.update(change(state), { userEvent: 'input', scrollIntoView: true }));
    return true;
  };

const shortcuts = [
  { key: 'Mod-b', run: doing((state) => toggleMark(state, '**')) },
  { key: 'Mod-i', run: doing((state) => toggleMark(state, '_')) },
  { key: 'Mod-e', run: doing((state) => toggleMark(state, '`')) },
  { key: 'Mod-k', run: doing(insertLink) },
];

/** Colours are the page's variables, so both themes are this one. */
const markdownLook = HighlightStyle.define([
  { tag: tags.heading1, fontSize: '26px', lineHeight: '36px', fontWeight: '600' },
  { tag: tags.heading2, fontSize: '20px', lineHeight: '30px', fontWeight: '600' },
  { tag: [tags.heading3, tags.heading4, tags.heading5, tags.heading6], fontWeight: '600' },
  { tag: tags.strong, fontWeight: '600' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: tags.monospace, fontFamily: 'var(--font-mono)', fontSize: '13.5px' },
  { tag: tags.quote, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: tags.link, color: 'var(--accent)' },
  { tag: tags.url, color: 'var(--muted)' },
  { tag: [tags.processingInstruction, tags.contentSeparator, tags.labelName], color: 'var(--muted)', fontWeight: '400' },
]);

const editorLook: Extension = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-prose)', fontSize: '16px', lineHeight: '26px', overflow: 'auto' },
  '.cm-content': { maxWidth: '72ch', margin: '0 auto', padding: '28px 24px 96px', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-placeholder': { color: 'var(--muted)', fontStyle: 'italic' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--accent-12)' },
  '.cm-ySelectionInfo': { fontFamily: 'var(--font-ui)', fontSize: '11px', lineHeight: '16px', padding: '0 5px', borderRadius: '3px', top: '-1.25em', opacity: '1', color: '#fff' },
  '.cm-ySelectionCaret': { borderLeftWidth: '2px', borderRightWidth: '0', marginRight: '-2px' },
  '.cm-ySelectionCaretDot': { display: 'none' },
});
