/** The few small things that the component library has not: swatch, eye, status dot, number, relative time, avatar, copy. */
import { useCallback, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { formatNumber, formatRelative, formatTime, fullNumber } from './format.ts';
import { CheckIcon, CopyIcon, EyeClosedIcon, EyeIcon } from './icons.tsx';

/** A square of colour; a button when it can be clicked. `color` is any CSS colour. */
export function Swatch({ color, label, onClick }: { color: string; label?: string; onClick?: (event: React.MouseEvent) => void }) {
  if (!onClick) return <span className="swatch" style={{ background: color }} aria-hidden />;
  return <button type="button" className="swatch" tabIndex={-1} style={{ background: color }} aria-label={label} title={label} onClick={onClick} />;
}

/** A short piece of a run's line, as a legend shows it: colour and dash pattern (see `dashes`). */
export function LineKey({ color, dash = 'solid' }: { color: string; dash?: string }) {
  return (
    <svg className="line-key" width={16} height={10} aria-hidden>
      <line x1={dash === 'solid' ? 1.5 : 0} x2={dash === 'solid' ? 14.5 : 16} y1={5} y2={5} stroke={color} strokeWidth={3} strokeLinecap={dash === 'solid' ? 'round' : 'butt'} strokeDasharray={dash === 'solid' ? undefined : dash} />
    </svg>
  );
}

/** Shown or hidden. Not a checkbox: it selects nothing. */
export function EyeToggle({ on, label, onChange, tabIndex }: { on: boolean; label: string; onChange: (on: boolean) => void; tabIndex?: number }) {
  return (
    <button type="button" className="eye" aria-pressed={on} aria-label={label} title={label} tabIndex={tabIndex} onClick={() => onChange(!on)}>
      {on ? <EyeIcon /> : <EyeClosedIcon />}
    </button>
  );
}

export type Tone = 'good' | 'bad' | 'warn' | 'live' | 'quiet' | 'hollow';

/** A dot with its meaning in words for those who do not see it; `live` pulses. */
export function StatusDot({ tone, label }: { tone: Tone; label: string }) {
  return <span className="status-dot" data-tone={tone} role="img" aria-label={label} title={label} />;
}

/** `4 min. ago`, kept true; the full time on hover. */
export function RelativeTime({ time }: { time: number }) {
  const now = useNow(20_000);
  return (
    <time dateTime={time ? new Date(time).toISOString() : undefined} title={formatTime(time)}>
      {formatRelative(time, now)}
    </time>
  );
}

/** The clock, read again every `interval` ms. */
export function useNow(interval: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), interval);
    return () => clearInterval(timer);
  }, [interval]);
  return now;
}

/** Whether a CSS media query holds, kept true. */
export function useMedia(query: string): boolean {
  const watch = useCallback(
    (changed: () => void) => {
      const list = window.matchMedia(query);
      list.addEventListener('change', changed);
      return () => list.removeEventListener('change', changed);
    },
    [query],
  );
  return useSyncExternalStore(watch, () => window.matchMedia(query).matches);
}

/** Four significant digits in mono; every digit on hover. */
export function NumberText({ value }: { value: number }) {
  return (
    <span className="mono tabular" title={fullNumber(value)}>
      {formatNumber(value)}
    </span>
  );
}

/** Who, in a circle of their colour. */
export function Avatar({ name, letters, color }: { name: string; letters: string; color: string }) {
  return (
    <span className="avatar" style={{ background: color }} title={name} role="img" aria-label={name}>
      {letters}
    </span>
  );
}

/** Copies a text and says so for a moment. */
export function CopyButton({ text, label = 'Copy' }: { text: string | (() => string); label?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1600);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async (): Promise<void> => {
    await copyText(typeof text === 'string' ? text : text());
    setDone(true);
  };
  return (
    <button type="button" className="copy" data-done={done || undefined} title={done ? 'Copied' : label} aria-label={label} onClick={() => void copy()}>
      {done ? <CheckIcon /> : <CopyIcon />}
    </button>
  );
}

/** Puts a text on the clipboard, also where the clipboard interface is refused. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

/** Code to copy. */
export function Snippet({ code }: { code: string }) {
  return (
    <pre className="snippet mono">
      <code>{code}</code>
      <CopyButton text={code} label="Copy code" />
    </pre>
  );
}

/** Nothing here yet: what this place is for, and the one thing to do. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty-state">
      <h2>{title}</h2>
      {children}
      {action}
    </div>
  );
}

/** The shape of what is coming; it appears only when waiting takes longer than 150 ms. */
export function Skeleton({ width, height = 12 }: { width: number | string; height?: number | string }) {
  return <div className="skeleton" style={{ width, height }} aria-hidden />;
}
