/** The icons that carry the interface, drawn on one 16 px grid with a 1.5 px line, so that they look like one hand drew them. */
import type { ReactNode } from 'react';

function icon(content: ReactNode) {
  return function Icon({ size = 16 }: { size?: number }) {
    return (
      <svg width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinecap="round" strokeLinejoin="round" aria-hidden>
        {content}
      </svg>
    );
  };
}

export const EyeIcon = icon(<><path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8Z" /><circle cx="8" cy="8" r="1.9" /></>);
export const EyeClosedIcon = icon(<path d="M1.8 6.8C3 8.6 5.2 10.2 8 10.2s5-1.6 6.2-3.4M3.6 8.9 2.4 10.6M8 10.2v2.1M12.4 8.9l1.2 1.7" />);
export const CopyIcon = icon(<><rect x="5.5" y="5.5" width="8" height="8" rx="1.5" /><path d="M10.5 3.5v-.2a.8.8 0 0 0-.8-.8H3.3a.8.8 0 0 0-.8.8v6.4c0 .44.36.8.8.8h.2" /></>);
export const CheckIcon = icon(<path d="m3 8.5 3.2 3.2L13 4.8" />);
export const CloseIcon = icon(<path d="m4 4 8 8M12 4l-8 8" />);
export const PlusIcon = icon(<path d="M8 3v10M3 8h10" />);
export const SearchIcon = icon(<><circle cx="7" cy="7" r="4.25" /><path d="m10.2 10.2 3.3 3.3" /></>);
export const ChevronIcon = icon(<path d="m6 4 4 4-4 4" />);
export const FlaskIcon = icon(<path d="M6 2h4M6.6 2v4.2L2.9 12.4A1.1 1.1 0 0 0 3.8 14h8.4a1.1 1.1 0 0 0 .9-1.6L9.4 6.2V2M4.6 9.8h6.8" />);
export const SidebarIcon = icon(<><rect x="2" y="2.75" width="12" height="10.5" rx="1.75" /><path d="M6.25 2.75v10.5" /></>);
export const SettingsIcon = icon(<><path d="M2 4.75h6.5M12.5 4.75H14M2 11.25h1.5M7.5 11.25H14" /><circle cx="10.5" cy="4.75" r="2" /><circle cx="5.5" cy="11.25" r="2" /></>);
export const PeopleIcon = icon(<><circle cx="6" cy="5.5" r="2.5" /><path d="M1.5 13.25c.4-2.5 2.2-4 4.5-4s4.1 1.5 4.5 4M10.5 3.2a2.5 2.5 0 0 1 0 4.6M12.3 9.8c1.2.6 2 1.8 2.2 3.45" /></>);
export const ColumnsIcon = icon(<><rect x="2" y="2.75" width="12" height="10.5" rx="1.75" /><path d="M6 2.75v10.5M10 2.75v10.5" /></>);
export const ChartIcon = icon(<path d="M2.25 2.5v10a1 1 0 0 0 1 1h10.5M5 9.5l2.5-3 2.3 2L13.25 4" />);
export const TrashIcon = icon(<path d="M2.75 4.25h10.5M6.25 4.25v-1a1 1 0 0 1 1-1h1.5a1 1 0 0 1 1 1v1M4 4.25l.6 8.1a1.25 1.25 0 0 0 1.25 1.15h4.3a1.25 1.25 0 0 0 1.25-1.15l.6-8.1M6.75 7v3.75M9.25 7v3.75" />);
export const RestoreIcon = icon(<path d="M2.75 7.5a5.4 5.4 0 1 1 1.3 4M2.5 3.5v4h4" />);
export const TagIcon = icon(<><path d="M2.5 3.3c0-.44.36-.8.8-.8h4.4l5.6 5.6a1 1 0 0 1 0 1.4l-3.8 3.8a1 1 0 0 1-1.4 0L2.5 7.7Z" /><circle cx="5.5" cy="5.5" r=".6" /></>);
export const PencilIcon = icon(<path d="m9.9 3.6 2.5 2.5M2.75 13.25l.6-2.9 7.6-7.6a1.2 1.2 0 0 1 1.7 0l.6.6a1.2 1.2 0 0 1 0 1.7l-7.6 7.6Z" />);
export const DownloadIcon = icon(<path d="M8 2.5v7.25M4.75 6.75 8 10l3.25-3.25M2.75 13.25h10.5" />);
export const MoreIcon = icon(<><circle cx="3.5" cy="8" r=".5" /><circle cx="8" cy="8" r=".5" /><circle cx="12.5" cy="8" r=".5" /></>);
export const PinIcon = icon(<path d="M10 2.25 13.75 6l-1 .6-2 .2-2.6 2.6.1 2.3-.9.9-4-4 .9-.9 2.3.1L9.2 5.2l.2-2ZM5.4 10.6l-3 3" />);
export const NoteIcon = icon(<path d="M3.25 2.5h9.5v7.25l-3.75 3.75H3.25ZM12.5 9.75H9v3.5M5.75 5.5h4.5M5.75 8h2.5" />);
export const WarningIcon = icon(<path d="M8 2.5 14.25 13.25H1.75ZM8 6.5v3M8 11.4v.1" />);
export const MoonIcon = icon(<path d="M13.25 9.6A5.6 5.6 0 0 1 6.4 2.75 5.6 5.6 0 1 0 13.25 9.6Z" />);
export const SunIcon = icon(<><circle cx="8" cy="8" r="2.75" /><path d="M8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7" /></>);
