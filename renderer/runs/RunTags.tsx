/** A run's tags, edited where they stand. Every change can be undone from its notice. */
import { useState } from 'react';
import { useApp } from '../state/context.tsx';
import { messageOf } from '../state/errors.ts';
import { CloseIcon, PlusIcon } from '../ui/icons.tsx';
import { formatCount } from '../ui/format.ts';
import { InlineEdit } from '../ui/InlineEdit.tsx';
import { tagsOf } from './facts.ts';

export interface RunTagsProps {
  runId: string;
  tags: Readonly<Record<string, string>>;
  disabled: boolean;
  /** The run changed. */
  onChanged(): void;
}

export function RunTags({ runId, tags, disabled, onChanged }: RunTagsProps) {
  const { host, notices } = useApp();
  const [adding, setAdding] = useState(false);
  const [system, setSystem] = useState(false);
  const sorted = tagsOf(tags);
  const shown = system ? [...sorted.own, ...sorted.system] : sorted.own;

  /** Sets or removes (undefined) a tag, and offers to put back what was there. */
  const put = async (key: string, value: string | undefined): Promise<void> => {
    const before = tags[key];
    try {
      await write(key, value);
      const text = value === undefined ? `Removed the tag “${key}”` : `Set the tag “${key}”`;
      notices.getState().show({ kind: 'done', text, action: { label: 'Undo', run: () => void write(key, before).catch(fail) } });
    } catch (error) {
      fail(error);
    }
  };
  const write = async (key: string, value: string | undefined): Promise<void> => {
    if (value === undefined) await host.call('runs.deleteTag', { runIds: [runId], key });
    else await host.call('runs.setTag', { runIds: [runId], key, value });
    onChanged();
  };
  const fail = (error: unknown): void => notices.getState().show({ kind: 'failed', text: `The tag was not changed: ${messageOf(error)}` });

  return (
    <div className="run-tags">
      {shown.map(({ key, value }) => (
        <span key={key} className="run-tag">
          <span title={key}>{key}</span>
          <InlineEdit value={value} label={`Tag ${key}`} placeholder="empty" allowEmpty disabled={disabled} onSave={(next) => put(key, next)} />
          {disabled ? null : (
            <button type="button" aria-label={`Remove the tag ${key}`} title="Remove" onClick={() => void put(key, undefined)}>
              <CloseIcon size={12} />
            </button>
          )}
        </span>
      ))}
      {adding ? (
        <NewTag
          onDone={(key, value) => {
            setAdding(false);
            if (key) void put(key, value);
          }}
        />
      ) : disabled ? null : (
        <button type="button" className="run-tag-add" onClick={() => setAdding(true)}>
          <PlusIcon size={12} /> Tag
        </button>
      )}
      {sorted.system.length ? (
        <button type="button" className="run-tag-add" aria-expanded={system} onClick={() => setSystem(!system)}>
          {system ? 'Hide system tags' : formatCount(sorted.system.length, 'system tag')}
        </button>
      ) : null}
    </div>
  );
}

/** Two fields in a row: Enter keeps, Escape gives up, leaving keeps what has a name. */
function NewTag({ onDone }: { onDone(key: string, value: string): void }) {
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  return (
    <form
      className="run-tag"
      onSubmit={(event) => {
        event.preventDefault();
        onDone(key.trim(), value.trim());
      }}
      onKeyDown={(event) => event.key === 'Escape' && onDone('', '')}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) onDone(key.trim(), value.trim());
      }}
    >
      <input autoFocus aria-label="Name of the new tag" placeholder="name" size={Math.max(8, key.length)} maxLength={250} value={key} onChange={(event) => setKey(event.target.value)} />
      <input aria-label="Value of the new tag" placeholder="value" size={Math.max(8, value.length)} maxLength={8000} value={value} onChange={(event) => setValue(event.target.value)} />
      <button type="submit" className="visually-hidden">
        Add the tag
      </button>
    </form>
  );
}
