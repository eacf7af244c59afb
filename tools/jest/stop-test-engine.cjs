/** Jest's globalTeardown of the integration suites. */
module.exports = async () => {
  await globalThis.stopTestEngine?.();
};
