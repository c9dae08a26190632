/**
 * The frame around every screen (rail, sidebar, status line, notices) and the only place that knows all screens.
 *
 * Addresses stand behind `#`, because that is where stock MLflow clients point when they print "View run at …":
 * `#/experiments/<id>/runs/<run>` opens the run here too.
 */
import { lazy, Suspense, useEffect } from 'react';
import { createHashRouter, Navigate, Outlet, RouterProvider, useNavigate, useParams, useRouteError } from 'react-router';
import { ExperimentPage } from './experiments/ExperimentPage.tsx';
import { OverviewPage } from './experiments/OverviewPage.tsx';
import { Sidebar } from './experiments/Sidebar.tsx';
import { ConnectionBanner } from './frame/ConnectionBanner.tsx';
import { Notices } from './frame/Notices.tsx';
import { Rail } from './frame/Rail.tsx';
import { Shortcuts } from './frame/Shortcuts.tsx';
import { StatusLine } from './frame/StatusLine.tsx';
import { SettingsPage } from './settings/SettingsPage.tsx';
import { useApp, useCommand, useUi } from './state/context.tsx';
import { TeamPanel } from './team/TeamPanel.tsx';
import { SplitPane } from './ui/SplitPane.tsx';
import { EmptyState } from './ui/widgets.tsx';

const RunPage = lazy(() => import('./runs/RunPage.tsx').then((module) => ({ default: module.RunPage })));

const router = createHashRouter([
  {
    element: <Frame />,
    errorElement: <BrokenPage />,
    children: [
      {
        errorElement: <BrokenPage />,
        children: [
          { index: true, element: <OverviewPage /> },
          { path: 'experiments', element: <Navigate to="/" replace /> },
          { path: 'experiments/:experimentId', element: <ExperimentPage /> },
          { path: 'experiments/:experimentId/runs/:runId', element: <ClientLink /> },
          { path: 'runs/:runId', element: <RunPage /> },
          { path: 'settings', element: <SettingsPage /> },
          { path: '*', element: <NoPage /> },
        ],
      },
    ],
  },
]);

/** The whole page. */
export function App() {
  const theme = useUi((ui) => ui.resolved);
  const { desktop, ui } = useApp();
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    void desktop.setTheme(ui.getState().theme);
  }, [theme, desktop, ui]);
  return <RouterProvider router={router} />;
}

function Frame() {
  const sidebar = useUi((ui) => ui.sidebar);
  const layout = useUi((ui) => ui.layouts['frame']);
  const setLayout = useUi((ui) => ui.setLayout);
  const { ui } = useApp();
  const navigate = useNavigate();
  useCommand('toggle-sidebar', () => ui.getState().toggleSidebar());
  useCommand('toggle-theme', () => ui.getState().setTheme(ui.getState().resolved === 'dark' ? 'light' : 'dark'));
  useCommand('settings', () => void navigate('/settings'));
  const main = (
    <main className="frame-main">
      <ConnectionBanner />
      <Suspense fallback={<div className="page-loading" aria-busy="true" />}>
        <Outlet />
      </Suspense>
    </main>
  );
  return (
    <div className="frame">
      <Rail />
      <div className="frame-work">
        <SplitPane
          layout={layout}
          onLayout={(next) => sidebar && setLayout('frame', next)}
          panes={[...(sidebar ? [{ id: 'sidebar', content: <Sidebar />, size: 248, min: 180, max: 420 }] : []), { id: 'main', content: main, min: 480 }]}
        />
      </div>
      <StatusLine team={<TeamPanel />} />
      <Notices />
      <Shortcuts />
    </div>
  );
}

/** The address that MLflow clients print for a run. */
function ClientLink() {
  return <Navigate to={`/runs/${useParams()['runId'] ?? ''}`} replace />;
}

function NoPage() {
  return (
    <EmptyState title="There is no page at this address">
      <p>It may have been copied incompletely. The experiments are in the sidebar.</p>
    </EmptyState>
  );
}

function BrokenPage() {
  const error = useRouteError();
  return (
    <EmptyState title="This page could not be drawn">
      <p>
        Your data are not affected. {error instanceof Error ? error.message : String(error)}
      </p>
      <a href="#/" onClick={() => window.location.reload()}>
        Load Daybook again
      </a>
    </EmptyState>
  );
}
