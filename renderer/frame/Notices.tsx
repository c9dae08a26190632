/** Messages at the lower edge: what was done and its undo. Failures stay until they are dismissed. */
import { useEffect } from 'react';
import { useApp, useNotices } from '../state/context.tsx';
import type { Notice } from '../state/notices.ts';
import { CloseIcon } from '../ui/icons.tsx';

const shownMs = 8000;

export function Notices() {
  const notices = useNotices((state) => state.notices);
  return (
    <div className="notices" aria-live="polite">
      {notices.map((notice) => (
        <NoticeLine key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function NoticeLine({ notice }: { notice: Notice }) {
  const { notices } = useApp();
  const dismiss = (): void => notices.getState().dismiss(notice.id);
  useEffect(() => {
    if (notice.kind === 'failed') return;
    const timer = setTimeout(() => notices.getState().dismiss(notice.id), shownMs);
    return () => clearTimeout(timer);
  }, [notice, notices]);
  return (
    <div className="notice" data-kind={notice.kind} role={notice.kind === 'failed' ? 'alert' : 'status'}>
      <span>{notice.text}</span>
      {notice.action && (
        <button
          type="button"
          className="notice-action"
          onClick={() => {
            dismiss();
            notice.action?.run();
          }}
        >
          {notice.action.label}
        </button>
      )}
      <button type="button" className="copy" aria-label="Dismiss" onClick={dismiss}>
        <CloseIcon />
      </button>
    </div>
  );
}
