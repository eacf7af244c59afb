/**
 * Builds the console: the types of its client from the api's OpenAPI document, a check of its types against them, and the files that the
 * api serves, with compressed copies beside the larger ones. A change of the api that the console cannot live with fails here.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');

const root = path.resolve(__dirname, '../..');
const built = path.join(root, 'dist', 'apps', 'console');

run('the types of its client', path.join(root, 'tools/ts.cjs'), 'tools/console/write-client.ts');
run('its types', require.resolve('typescript/bin/tsc'), '--noEmit', '-p', 'apps/console');
run('its files', path.join(root, 'node_modules/vite/bin/vite.js'), 'build', 'apps/console', '--logLevel', 'warn');
for (const entry of fs.readdirSync(built, { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && /\.(?:js|css|html|svg)$/.test(entry.name)) compress(path.join(entry.parentPath, entry.name));
}

function run(what, ...args) {
  const done = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (done.status === 0) return;
  process.stderr.write(`${done.stdout}${done.stderr}\nThe console could not be built: ${what}.\n`);
  process.exit(1);
}

function compress(file) {
  const content = fs.readFileSync(file);
  fs.writeFileSync(`${file}.gz`, zlib.gzipSync(content, { level: 9 }));
  fs.writeFileSync(`${file}.br`, zlib.brotliCompressSync(content));
}
