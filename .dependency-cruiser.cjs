/** Who may import whom; see docs/architecture.md. Run by `npm run check`. */
const only = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    only('no-cycles', {}, { circular: true }, 'No import cycles.'),
    only('wire-is-pure', { path: '^sync-server/wire/', pathNot: '\\.test\\.ts$' }, { pathNot: '^sync-server/wire/|node_modules/(yjs|y-protocols|lib0)/' }),
    only('model-is-pure', { path: '^electron/model/', pathNot: '\\.test\\.ts$' }, { pathNot: '^electron/model/|node_modules/(yjs|zod|lib0)/' }),
    only('compute-is-pure', { path: '^electron/compute/', pathNot: '\\.test\\.ts$' }, { pathNot: '^electron/compute/' }),
    only('relay-imports-nobody', { path: '^sync-server/' }, { path: '^(electron|renderer|e2e)/' }),
    only('page-and-host-apart', { path: '^renderer/' }, { path: '^electron/(host|cli|main|windows|native|preload)' }),
    only('host-knows-no-page', { path: '^electron/' }, { path: '^renderer/' }),
    only('host-knows-no-shell', { path: '^electron/(host|cli|model|compute)/' }, { path: 'node_modules/electron/|^electron/(main|windows|native|preload)\\.ts' }),
    only('electron-in-the-shell-only', { pathNot: '^electron/(main|windows|native|preload|fakeElectron)\\.ts$|^e2e/' }, { path: 'node_modules/electron/' }),
    only('yjs-in-named-places', { pathNot: '^electron/model/|^sync-server/|^electron/host/|^renderer/(state/replica|notes/)|^e2e/' }, { path: 'node_modules/yjs/' }),
    only('plotly-in-charts-only', { pathNot: '^renderer/charts/' }, { path: 'node_modules/plotly' }),
    only('lowdb-in-state-only', { pathNot: '^electron/host/state(\\.test)?\\.ts$' }, { path: 'node_modules/lowdb' }),
    only('zustand-in-state-only', { pathNot: '^renderer/state/' }, { path: 'node_modules/zustand' }),
    only('ui-knows-no-domain', { path: '^renderer/ui/' }, { path: '^renderer/(?!ui/)|^electron/' }),
    only('state-knows-no-screen', { path: '^renderer/state/' }, { path: '^renderer/(?!state/|host/)' }),
    only(
      'screens-apart',
      { path: '^renderer/(experiments|runs|compare|registry|team|settings)/' },
      { path: '^renderer/(experiments|runs|compare|registry|team|settings)/', pathNot: '^renderer/$1/' },
      'Screens never import one another.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules/\\.)' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'browser', 'default', 'types'], extensions: ['.ts', '.tsx', '.js', '.mjs'] },
  },
};
