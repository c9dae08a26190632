import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** The page (root renderer/, built into dist/page) and the unit tests of every folder. */
export default defineConfig({
  root: 'renderer',
  base: '/',
  plugins: [react()],
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: 'es2022',
    // Fonts and pictures as files: the page's security policy lets no font come from a data address.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 6000,
  },
  test: {
    root: '.',
    include: ['electron/**/*.test.ts', 'sync-server/**/*.test.ts', 'renderer/**/*.test.{ts,tsx}'],
    environment: 'node',
    testTimeout: 20_000,
  },
});
