/**
 * Builds what `demo` or `start` needs, then becomes it: `node tools/standalone.cjs demo|start`. One process from npm to the app, so
 * that every signal reaches it.
 */
const { spawnSync } = require('node:child_process');
const path = require('node:path');

const NEEDS = {
  demo: ['store', 'simulator', 'standalone'],
  start: ['store', 'standalone'],
};

const command = process.argv[2];
const apps = NEEDS[command];
if (apps === undefined) {
  process.stderr.write('usage: node tools/standalone.cjs demo|start\n');
  process.exit(2);
}

const root = path.resolve(__dirname, '..');
const nest = require.resolve('@nestjs/cli/bin/nest.js', { paths: [root] });
process.stderr.write('Building ...\n');
for (const app of apps) {
  const build = spawnSync(process.execPath, [nest, 'build', app], { cwd: root, encoding: 'utf8' });
  if (build.status !== 0) {
    process.stderr.write(`${build.stdout}${build.stderr}\nBuilding ${app} failed.\n`);
    process.exit(1);
  }
}

process.setSourceMapsEnabled(true);
require(path.join(root, 'dist', 'apps', 'standalone', 'main.js'));
