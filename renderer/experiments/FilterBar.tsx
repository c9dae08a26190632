/**
 * One line that filters in MLflow's grammar: the character at fault is underlined while typing, names and operators are offered,
 * Enter applies. A filter that is wrong is never sent; the rows stay those of the last right one.
 */
import { useEffect, useId, useMemo, useState, type RefObject } from 'react';
import { useRuns } from '../state/context.tsx';
import { CloseIcon, SearchIcon } from '../ui/icons.tsx';
import { faultOf, suggest, type Suggestion } from './filterAssist.ts';

export interface FilterBarProps {
  value: string;
  onApply: (filter: string) => void;
  /** Esc in an untouched bar: back to where the focus came from. */
  onLeave: () => void;
  inputRef: RefObject<HTMLInputElement | null>;
}

const settleMs = 350;

export function FilterBar({ value, onApply, onLeave, inputRef }: FilterBarProps) {
  const columns = useRuns((state) => state.columns);
  const refused = useRuns((state) => state.error);
  const [text, setText] = useState(value);
  const [applied, setApplied] = useState(value);
  const [cursor, setCursor] = useState(0);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const [settled, setSettled] = useState(true);
  const [scroll, setScroll] = useState(0);
  const listId = useId();

  // The view changed from outside (another experiment, a link, the way back).
  if (value !== applied) {
    setApplied(value);
    if (value !== text.trim()) setText(value);
  }

  const fault = useMemo(() => faultOf(text), [text]);
  const offered = useMemo(() => (open ? suggest(text, cursor, columns) : undefined), [open, text, cursor, columns]);
  const list = offered?.list ?? [];

  // Typing settles: a right filter is applied by itself, a wrong one says why.
  useEffect(() => {
    if (settled) return;
    const timer = setTimeout(() => {
      setSettled(true);
      if (!faultOf(text)) onApply(text.trim());
    }, settleMs);
    return () => clearTimeout(timer);
  }, [text, settled, onApply]);

  const take = ({ insert }: Suggestion): void => {
    if (!offered) return;
    const next = text.slice(0, offered.from) + insert + text.slice(cursor).replace(/^\s+/, '');
    const end = offered.from + insert.length;
    edit(next, end);
    setOpen(true);
    requestAnimationFrame(() => inputRef.current?.setSelectionRange(end, end));
  };
  const edit = (next: string, at: number): void => {
    setText(next);
    setCursor(at);
    setChosen(-1);
    setSettled(false);
    setOpen(true);
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const visible = list.length > 0;
    const pick = list[chosen];
    if (event.key === 'ArrowDown' && visible) setChosen((chosen + 1) % list.length);
    else if (event.key === 'ArrowUp' && visible) setChosen((chosen - 1 + list.length) % list.length);
    else if (event.key === 'Tab' && visible && !event.shiftKey && list[Math.max(0, chosen)]) take(list[Math.max(0, chosen)]!);
    else if (event.key === 'Enter' && pick) take(pick);
    else if (event.key === 'Enter') {
      setOpen(false);
      setSettled(true);
      if (!fault) onApply(text.trim());
    } else if (event.key === 'Escape') {
      if (visible) setOpen(false);
      else onLeave();
    } else if (event.key === ' ' && event.ctrlKey) setOpen(true);
    else return;
    event.preventDefault();
  };

  // What is merely unfinished, while a next word is offered, is no mistake yet.
  const unfinished = fault !== undefined && list.length > 0 && fault.end >= text.trimEnd().length;
  const shownFault = fault && !unfinished && (settled || fault.at < cursor - 1) ? fault : undefined;
  const message = (settled && !unfinished && fault?.message) || (!fault && refused?.code === 'invalid_argument' ? refused.message : undefined);
  return (
    <div className="filter" data-faulty={message ? true : undefined}>
      <SearchIcon />
      <div className="filter-field mono">
        <div className="filter-mirror" aria-hidden style={{ transform: `translateX(${-scroll}px)` }}>
          {shownFault && (
            <>
              {text.slice(0, shownFault.at)}
              <mark>{text.slice(shownFault.at, shownFault.end) || '\u00a0'}</mark>
            </>
          )}
        </div>
        <input
          ref={inputRef}
          className="filter-input mono"
          value={text}
          placeholder="metrics.loss < 0.2 AND params.model = 'cnn'"
          aria-label="Filter runs"
          role="combobox"
          aria-expanded={list.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={chosen >= 0 ? `${listId}-${chosen}` : undefined}
          aria-invalid={message !== undefined}
          aria-describedby={`${listId}-fault`}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => edit(event.target.value, event.target.selectionStart ?? event.target.value.length)}
          onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
          onScroll={(event) => setScroll(event.currentTarget.scrollLeft)}
          onClick={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
        {list.length > 0 && offered && (
          <ul className="filter-options" id={listId} role="listbox" aria-label="Suggestions" style={{ left: `calc(${offered.from}ch - ${scroll}px)` }}>
            {list.map((option, index) => (
              <li
                key={option.label}
                id={`${listId}-${index}`}
                role="option"
                aria-selected={index === chosen}
                ref={(element) => {
                  if (index === chosen) element?.scrollIntoView({ block: 'nearest' });
                }}
                onMouseDown={(event) => {
                  event.preventDefault();
                  take(option);
                }}
              >
                <span>{option.label}</span>
                <small>{option.hint}</small>
              </li>
            ))}
          </ul>
        )}
      </div>
      {text !== '' && (
        <button
          type="button"
          className="copy"
          aria-label="Clear the filter"
          title="Clear the filter"
          onClick={() => {
            setText('');
            setSettled(true);
            onApply('');
            inputRef.current?.focus();
          }}
        >
          <CloseIcon />
        </button>
      )}
      <div id={`${listId}-fault`} className="filter-fault" role="status">
        {message && list.length === 0 ? message : ''}
      </div>
    </div>
  );
}
