/** Names of the messages between the shell and its windows; the whole vocabulary. */
export const channels = {
  saveFile: 'daybook:save-file',
  openExternal: 'daybook:open-external',
  printToPdf: 'daybook:print-to-pdf',
  notify: 'daybook:notify',
  setTheme: 'daybook:set-theme',
  menu: 'daybook:menu',
} as const;
