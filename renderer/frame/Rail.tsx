/** The narrow strip at the left edge: the places of the app, and at its foot theme and settings. */
import type { ReactNode } from 'react';
import { NavLink } from 'react-router';
import { useApp, useUi } from '../state/context.tsx';
import { FlaskIcon, MoonIcon, SettingsIcon, SidebarIcon, SunIcon } from '../ui/icons.tsx';

export function Rail() {
  const { ui } = useApp();
  const sidebar = useUi((state) => state.sidebar);
  const dark = useUi((state) => state.resolved === 'dark');
  const other = dark ? 'light' : 'dark';
  return (
    <nav className="rail" aria-label="Places">
      <NavLink to="/" className="rail-mark" aria-label="Daybook, all experiments" title="All experiments">
        <Mark />
      </NavLink>
      <RailLink to="/" label="Experiments" icon={<FlaskIcon size={18} />} />
      <span className="rail-gap" />
      <button type="button" className="rail-item" aria-pressed={sidebar} title="Sidebar (Ctrl+J)" aria-label="Sidebar" onClick={() => ui.getState().toggleSidebar()}>
        <SidebarIcon size={18} />
      </button>
      <button type="button" className="rail-item" title={`Use the ${other} theme`} aria-label={`Use the ${other} theme`} onClick={() => ui.getState().setTheme(other)}>
        {dark ? <SunIcon size={18} /> : <MoonIcon size={18} />}
      </button>
      <RailLink to="/settings" label="Settings" icon={<SettingsIcon size={18} />} />
    </nav>
  );
}

function RailLink({ to, label, icon }: { to: string; label: string; icon: ReactNode }) {
  return (
    <NavLink to={to} end className="rail-item" title={label} aria-label={label}>
      {icon}
    </NavLink>
  );
}

/** The app's sign, small: a bound page with a curve on it. */
function Mark() {
  return (
    <svg width="26" height="26" viewBox="0 0 26 26" aria-hidden>
      <rect x="1" y="1" width="24" height="24" rx="6" fill="var(--surface)" stroke="var(--line-strong)" />
      <path d="M7 1h1.5v24H7a6 6 0 0 1-6-6V7a6 6 0 0 1 6-6Z" fill="var(--accent)" />
      <path d="M11.2 18.4c2-.4 2.2-6 4.2-7.9 1.6-1.6 2.6 1.8 4.2.3 1.2-1.1 1.3-3.4 2.9-4.2" fill="none" stroke="var(--accent)" strokeWidth="1.6" strokeLinecap="round" />
    </svg>
  );
}
