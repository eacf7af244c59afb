/** Jest's globalSetup of the suites that need a database. It runs outside of Jest's own module loader. */
module.exports = async () => {
  require('../ts.cjs');
  require('reflect-metadata');
  const { startTestEngine } = require('./test-engine.ts');
  globalThis.stopTestEngine = await startTestEngine();
};
