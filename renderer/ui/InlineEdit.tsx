/** A text that becomes a field where it stands: click or Enter edits, Enter keeps, Esc gives up, an empty text is refused. */
import { useEffect, useRef, useState } from 'react';

export interface InlineEditProps {
  value: string;
  /** What the text is, for screen readers: "Name of the run". */
  label: string;
  /** Called with a trimmed text that differs from `value`; a rejection is the caller's to show. */
  onSave: (value: string) => void | Promise<unknown>;
  disabled?: boolean;
  placeholder?: string;
  /** Whether an empty text may be saved. */
  allowEmpty?: boolean;
  /** Starts as a field. */
  editing?: boolean;
  onDone?: () => void;
}

export function InlineEdit({ value, label, onSave, disabled, placeholder, allowEmpty, editing: startEditing = false, onDone }: InlineEditProps) {
  const [editing, setEditing] = useState(startEditing);
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const ended = useRef(false);

  useEffect(() => {
    if (!editing) return;
    ended.current = false;
    field.current?.select();
  }, [editing]);

  const end = (keep: boolean, refocus: boolean): void => {
    // The field loses the focus as it goes, which is no second answer.
    if (ended.current) return;
    ended.current = true;
    const next = text.trim();
    setEditing(false);
    if (keep && next !== value && (next !== '' || allowEmpty)) void onSave(next);
    if (refocus) requestAnimationFrame(() => button.current?.focus());
    onDone?.();
  };

  if (!editing || disabled) {
    return (
      <button
        ref={button}
        type="button"
        className="inline-edit"
        disabled={disabled}
        title={value}
        aria-label={`${label}: ${value || placeholder || 'empty'}. Edit`}
        onClick={() => {
          setText(value);
          setEditing(true);
        }}
      >
        {value || <span style={{ color: 'var(--muted)' }}>{placeholder}</span>}
      </button>
    );
  }
  return (
    <input
      ref={field}
      className="inline-edit"
      value={text}
      aria-label={label}
      autoFocus
      spellCheck={false}
      size={Math.min(60, Math.max(8, text.length + 1))}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => end(true, false)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter') end(true, true);
        else if (event.key === 'Escape') end(false, true);
      }}
    />
  );
}
