/** The sheet of keys, opened with Ctrl+/ or ?. */
import { Dialog, DialogBody } from '@blueprintjs/core';
import { useEffect, useState } from 'react';
import { useCommand } from '../state/context.tsx';

const groups: readonly { title: string; keys: readonly (readonly [keys: string, what: string])[] }[] = [
  {
    title: 'Anywhere',
    keys: [
      ['Ctrl J', 'Show or fold the sidebar'],
      ['Ctrl ,', 'Settings'],
      ['Ctrl /', 'This sheet'],
      ['Esc', 'Close what is open'],
    ],
  },
  {
    title: 'Column headers',
    keys: [
      ['Enter', 'Order by it; Shift adds'],
      ['Alt ← →', 'Move it'],
      ['Shift ← →', 'Make it narrower or wider'],
    ],
  },
  {
    title: 'Run table',
    keys: [
      ['↑ ↓ Home End', 'Move between runs'],
      ['PgUp PgDn', 'Move by a screen'],
      ['← →', 'Fold or unfold nested runs, else scroll'],
      ['Space', 'Check the run for a bulk action'],
      ['E', 'Show or hide its curves'],
      ['Enter', 'Open the run'],
      ['F2', 'Rename it'],
      ['Del', 'Move checked runs to the trash'],
      ['Ctrl A', 'Check all'],
      ['/', 'Filter'],
      ['Shift F10', 'Menu of the run or column'],
    ],
  },
];

export function Shortcuts() {
  const [open, setOpen] = useState(false);
  useCommand('shortcuts', () => setOpen(true));
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLElement && event.target.closest('input, textarea, [contenteditable]');
      if (event.key === '?' && !typing) setOpen(true);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <Dialog isOpen={open} onClose={() => setOpen(false)} title="Keyboard" style={{ width: 720 }}>
      <DialogBody>
        <div className="shortcuts">
          {groups.map(({ title, keys }) => (
            <section key={title}>
              <h3>{title}</h3>
              <dl>
                {keys.map(([combo, what]) => (
                  <div key={combo}>
                    <dt>
                      {combo.split(' ').map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dt>
                    <dd>{what}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </DialogBody>
    </Dialog>
  );
}
