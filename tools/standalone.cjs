/**
 * Builds what `demo` or `start` needs, then becomes it: `node tools/standalone.cjs demo|start`. One process from npm to the app, so
 * that every signal reaches it.
 */
const { spawn } = require('node:child_process');
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
void buildAll().then(() => {
  process.setSourceMapsEnabled(true);
  require(path.join(root, 'dist', 'apps', 'standalone', 'main.js'));
});

/** The console is built beside the apps, which are built one after the other. */
async function buildAll() {
  const buildingConsole = run('the console', path.join(root, 'tools/console/build.cjs'));
  for (const app of apps) await run(app, nest, 'build', app);
  await buildingConsole;
}

/** Ends the process with what it printed when it fails. */
function run(what, ...args) {
  return new Promise((resolve) => {
    const build = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    build.stdout.on('data', (chunk) => (printed += chunk));
    build.stderr.on('data', (chunk) => (printed += chunk));
    build.on('close', (status) => {
      if (status === 0) return resolve();
      process.stderr.write(`${printed}\nBuilding ${what} failed.\n`);
      process.exit(1);
    });
  });
}
