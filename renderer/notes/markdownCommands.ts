/** What the toolbar and the shortcuts do to the text: pure changes of an editor state. */
import type { EditorState, TransactionSpec } from '@codemirror/state';
import { EditorSelection } from '@codemirror/state';

/** Puts `mark` (`**`, `_`, a backtick) around each selection, or takes it away where it already is. */
export function toggleMark(state: EditorState, mark: string): TransactionSpec {
  return state.changeByRange((range) => {
    const { from, to } = range;
    const before = state.sliceDoc(from - mark.length, from);
    const after = state.sliceDoc(to, to + mark.length);
    if (before === mark && after === mark) {
      return {
        changes: [
          { from: from - mark.length, to: from },
          { from: to, to: to + mark.length },
        ],
        range: EditorSelection.range(from - mark.length, to - mark.length),
      };
    }
    return {
      changes: [
        { from, insert: mark },
        { from: to, insert: mark },
      ],
      range: EditorSelection.range(from + mark.length, to + mark.length),
    };
  });
}

/** Starts every selected line with `prefix` (`- `, `> `, `## `), or takes it away when all have it. */
export function togglePrefix(state: EditorState, prefix: string): TransactionSpec {
  const lines = new Map<number, string>();
  for (const range of state.selection.ranges) {
    for (let at = range.from; at <= range.to; ) {
      const line = state.doc.lineAt(at);
      lines.set(line.from, line.text);
      at = line.to + 1;
    }
  }
  const all = [...lines.values()].every((text) => text.startsWith(prefix));
  return {
    changes: [...lines].map(([from, text]) => (all ? { from, to: from + prefix.length } : text.startsWith(prefix) ? { from } : { from, insert: prefix })),
  };
}

/** Makes the selection a link and selects where its address goes; a selected address becomes the target instead. */
export function insertLink(state: EditorState): TransactionSpec {
  return state.changeByRange(({ from, to }) => {
    const text = state.sliceDoc(from, to);
    if (/^(https?:\/\/|mailto:)\S+$/.test(text)) {
      return { changes: { from, to, insert: `[](${text})` }, range: EditorSelection.cursor(from + 1) };
    }
    const start = from + text.length + 3;
    return { changes: { from, to, insert: `[${text}](https://)` }, range: EditorSelection.range(start, start + 'https://'.length) };
  });
}
