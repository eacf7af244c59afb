import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const API = 'http://127.0.0.1:8000';

/** `vite apps/console` serves it for work on it, beside an api on port 8000; `vite build apps/console` makes the files the api serves. */
export default defineConfig({
  root,
  base: '/console/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('../../dist/apps/console', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // Nothing may be written into the page: its content security policy refuses it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '^/(auth|markets|portfolios|market-stream|admin|health|docs)': API,
      '/ws': { target: API, ws: true },
    },
  },
});
