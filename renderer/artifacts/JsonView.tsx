/** JSON as a tree that folds. Long lists show their first entries and more on demand. */
import { useState } from 'react';
import { ChevronIcon } from '../ui/icons.tsx';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const step = 100;
/** Longer lists and objects start folded. */
const openUpTo = 40;

export function JsonView({ value }: { value: Json }) {
  return (
    <div className="json-view mono">
      <JsonNode value={value} root />
    </div>
  );
}

function JsonNode({ name, value, root = false }: { name?: string; value: Json; root?: boolean }) {
  const [open, setOpen] = useState(() => root || entryCount(value) <= openUpTo);
  const [shown, setShown] = useState(step);
  if (value === null || typeof value !== 'object') {
    return (
      <div className="json-line">
        <Name name={name} />
        <span data-kind={value === null ? 'null' : typeof value}>{JSON.stringify(value)}</span>
      </div>
    );
  }
  const entries = Array.isArray(value) ? value.map((item, index) => [String(index), item] as const) : Object.entries(value);
  const [left, right] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) {
    return (
      <div className="json-line">
        <Name name={name} />
        {left + right}
      </div>
    );
  }
  return (
    <div>
      <button type="button" className="json-line json-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        <ChevronIcon size={12} />
        <Name name={name} />
        <span>{open ? left : `${left} … ${right}`}</span>
        <small>{entries.length.toLocaleString('en-US')}</small>
      </button>
      {open ? (
        <div className="json-inside">
          {entries.slice(0, shown).map(([key, item]) => (
            <JsonNode key={key} name={Array.isArray(value) ? undefined : key} value={item} />
          ))}
          {entries.length > shown ? (
            <button type="button" className="json-more" onClick={() => setShown(shown + step * 10)}>
              {(entries.length - shown).toLocaleString('en-US')} more
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function entryCount(value: Json): number {
  return value === null || typeof value !== 'object' ? 0 : Object.keys(value).length;
}

function Name({ name }: { name: string | undefined }) {
  return name === undefined ? null : <span className="json-name">{name}: </span>;
}

/** The parsed text; undefined when it is no JSON (MLflow writes NaN into some files, which JSON has no word for). */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
