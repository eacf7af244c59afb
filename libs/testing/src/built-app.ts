import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Returns the bundle of a built app. End-to-end suites run what was built, and do not build themselves: they run side by side.
 * @throws Error saying how to build it when it is not there
 */
export function builtApp(name: 'api' | 'live-worker' | 'simulator' | 'standalone' | 'store' | 'sync-worker'): string {
  const bundle = join(__dirname, '../../..', 'dist/apps', name, 'main.js');
  if (!existsSync(bundle)) throw new Error(`${name} is not built: run npm run build`);
  return bundle;
}
