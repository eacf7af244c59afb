/**
 * Nest's default compiles down to ES2021, where every private field becomes a WeakMap and every field a defineProperty call: slow in
 * hot code. Node 20 runs ES2022 as it is. Field semantics stay those of the tests (jest.config.ts).
 * @param {import('@rspack/core').Configuration} options
 */
module.exports = (options) => {
  for (const rule of options.module.rules) {
    for (const { loader, options: swc } of rule.use ?? []) {
      if (loader !== 'builtin:swc-loader') continue;
      swc.jsc.target = 'es2022';
      swc.jsc.transform.useDefineForClassFields = false;
    }
  }
  return options;
};
