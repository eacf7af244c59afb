/** Jest's globalTeardown of the suites that need a database. */
module.exports = async () => {
  await globalThis.stopTestEngine?.();
};
