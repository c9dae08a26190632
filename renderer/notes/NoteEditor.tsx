/** The Markdown note of a run or an experiment, written together: every keystroke is on teammates' screens and survives being offline. */
import { Button } from '@blueprintjs/core';
import { useDeferredValue, useEffect, useRef, useState, type ReactNode } from 'react';
import { artifactUrl } from '../artifacts/viewers.ts';
import { useApp, useReplica, useReplicaState } from '../state/context.tsx';
import { readLocal, writeLocal } from '../state/local.ts';
import { initials } from '../state/presence.ts';
import type { Replica } from '../state/replica.ts';
import { Avatar, Skeleton, StatusDot } from '../ui/widgets.tsx';
import { createEditor, type Editor } from './editor.ts';
import { Markdown } from './Markdown.tsx';
import { insertLink, toggleMark, togglePrefix } from './markdownCommands.ts';
import { noteClaim, useNoteText, usePeople } from './noteState.ts';
import './notes.css';

const modes = ['write', 'split', 'read'] as const;
type Mode = (typeof modes)[number];
const modeNames: Record<Mode, string> = { write: 'Write', split: 'Side by side', read: 'Read' };
const modeKey = 'daybook.note.mode';

export interface NoteEditorProps {
  /** Name of the note's document: `note/run-<id>` or `note/experiment-<id>`. */
  name: string;
}

export function NoteEditor({ name }: NoteEditorProps) {
  const { desktop } = useApp();
  const replica = useReplica(name);
  const state = useReplicaState(replica);
  const people = usePeople(replica);
  const text = useNoteText(replica);
  const shown = useDeferredValue(text);
  const [chosen, setChosen] = useState<Mode | undefined>(() => modes.find((mode) => mode === readLocal<string>(window.localStorage, modeKey, '')));
  const [editor, setEditor] = useState<Editor>();
  const mode = chosen ?? 'write';
  const claim = noteClaim(state);
  const ready = replica !== undefined && (state?.loaded === true || text !== '');
  const runId = name.startsWith('note/run-') ? name.slice('note/run-'.length) : undefined;

  const choose = (next: Mode): void => {
    setChosen(next);
    writeLocal(window.localStorage, modeKey, next);
  };

  return (
    <div className="note" data-mode={mode}>
      <div className="note-bar" role="toolbar" aria-label="Note">
        {mode === 'read' ? null : <Tools editor={editor} />}
        <span className="note-space" />
        {people.length ? (
          <span className="note-people" aria-label="Also here">
            {people.slice(0, 5).map((person) => (
              <Avatar key={person.name + person.color} name={person.name} letters={initials(person.name)} color={person.color} />
            ))}
            {people.length > 5 ? <small>+{people.length - 5}</small> : null}
          </span>
        ) : null}
        <span className="note-claim" role="status">
          <StatusDot tone={claim.tone} label="" />
          {claim.text}
        </span>
        <span className="note-modes" role="group" aria-label="Show">
          {modes.map((one) => (
            <button key={one} type="button" aria-pressed={one === mode} onClick={() => choose(one)}>
              {modeNames[one]}
            </button>
          ))}
        </span>
      </div>
      <div className="note-body">
        {!ready ? <NoteSkeleton /> : null}
        {ready && mode !== 'read' ? <Writing replica={replica} onEditor={setEditor} /> : null}
        {ready && mode !== 'write' ? (
          <div className="note-page">
            {shown.trim() === '' ? (
              <p className="note-empty">
                Nothing written yet. <button type="button" onClick={() => choose('write')}>Start writing</button>
              </p>
            ) : (
              <Markdown text={shown} ownImage={runId === undefined ? undefined : (path) => artifactUrl(runId, path)} onLink={(href) => void desktop.openExternal(href)} />
            )}
          </div>
        ) : null}
      </div>
    </div>
  );
}

function Writing({ replica, onEditor }: { replica: Replica; onEditor(editor: Editor | undefined): void }) {
  const parent = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!parent.current) return;
    const editor = createEditor({ parent: parent.current, replica, label: 'Note, Markdown' });
    onEditor(editor);
    return () => {
      onEditor(undefined);
      editor.close();
    };
  }, [replica, onEditor]);
  return <div className="note-write" ref={parent} />;
}

function Tools({ editor }: { editor: Editor | undefined }) {
  const tool = (label: ReactNode, title: string, act: (editor: Editor) => void) => (
    <Button variant="minimal" size="small" title={title} aria-label={title} disabled={!editor} onClick={() => editor && act(editor)}>
      {label}
    </Button>
  );
  return (
    <span className="note-tools">
      {tool(<b>B</b>, 'Bold (Ctrl+B)', (at) => at.run((state) => toggleMark(state, '**')))}
      {tool(<i>I</i>, 'Italic (Ctrl+I)', (at) => at.run((state) => toggleMark(state, '_')))}
      {tool(<code>{'</>'}</code>, 'Code (Ctrl+E)', (at) => at.run((state) => toggleMark(state, '`')))}
      {tool(<LinkIcon />, 'Link (Ctrl+K)', (at) => at.run(insertLink))}
      <span className="note-rule" />
      {tool('H', 'Heading', (at) => at.run((state) => togglePrefix(state, '## ')))}
      {tool(<ListIcon />, 'List', (at) => at.run((state) => togglePrefix(state, '- ')))}
      {tool(<TaskIcon />, 'Task list', (at) => at.run((state) => togglePrefix(state, '- [ ] ')))}
      {tool('”', 'Quote', (at) => at.run((state) => togglePrefix(state, '> ')))}
    </span>
  );
}

function NoteSkeleton() {
  return (
    <div className="note-page" aria-busy="true">
      <div className="note-skeleton">
        {['40%', '92%', '88%', '95%', '60%'].map((width) => (
          <Skeleton key={width} width={width} height={14} />
        ))}
      </div>
    </div>
  );
}

function Glyph({ d }: { d: string }) {
  return (
    <svg width={16} height={16} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinecap="round" strokeLinejoin="round" aria-hidden>
      <path d={d} />
    </svg>
  );
}
const LinkIcon = () => <Glyph d="M6.75 9.25a2.75 2.75 0 0 0 4 .1l2-2a2.75 2.75 0 0 0-3.9-3.9l-.9.9M9.25 6.75a2.75 2.75 0 0 0-4-.1l-2 2a2.75 2.75 0 0 0 3.9 3.9l.9-.9" />;
const ListIcon = () => <Glyph d="M6 4.25h7.5M6 8h7.5M6 11.75h7.5M2.75 4.25h.01M2.75 8h.01M2.75 11.75h.01" />;
const TaskIcon = () => <Glyph d="m2.5 4.5 1 1 2-2M2.5 10.75l1 1 2-2M8.5 4.75h5M8.5 11h5" />;
