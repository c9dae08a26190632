/** Connects to the host that served this page, builds the state, and mounts the app. */
import '@blueprintjs/core/lib/css/blueprint.css';
import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import '@fontsource-variable/source-serif-4/index.css';
import './ui/tokens.css';
import './ui/base.css';
import './ui/theme.css';
import './ui/widgets.css';
import './app.css';
import './experiments/experiments.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { hostPaths } from '#contract';
import { App } from './App.tsx';
import { connectHost, hostUrl } from './host/connect.ts';
import { openDesktop } from './host/desktop.ts';
import { AppProvider, createApp } from './state/context.tsx';

const app = createApp({
  host: connectHost({ url: hostUrl(hostPaths.calls) }),
  desktop: openDesktop(),
  syncUrl: hostUrl(hostPaths.sync),
  storage: window.localStorage,
  darkQuery: window.matchMedia('(prefers-color-scheme: dark)'),
  narrowQuery: window.matchMedia('(max-width: 920px)'),
});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <AppProvider app={app}>
      <App />
    </AppProvider>
  </StrictMode>,
);
