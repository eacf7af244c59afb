// Down-levels only real ES modules from node_modules, so that Jest on Node 20 can require them; CommonJS passes through untouched.
const fs = require('node:fs');
const path = require('node:path');
const inner = require('@swc/jest').createTransformer({
  module: { type: 'commonjs' },
  jsc: { target: 'es2022' },
  swcrc: false,
  // Beside the code: within it they would be read and compiled with it, by every suite.
  sourceMaps: true,
});

const folderKinds = new Map();

function folderIsEsm(folder) {
  const known = folderKinds.get(folder);
  if (known !== undefined) return known;
  const manifest = path.join(folder, 'package.json');
  let kind;
  if (fs.existsSync(manifest)) {
    const parsed = JSON.parse(fs.readFileSync(manifest, 'utf8'));
    // A nested manifest without a "type" and without a name (a dual-build marker) still decides for its folder.
    kind = parsed.type === 'module';
  } else {
    const parent = path.dirname(folder);
    kind = parent === folder ? false : folderIsEsm(parent);
  }
  folderKinds.set(folder, kind);
  return kind;
}

function isEsm(file) {
  if (file.endsWith('.mjs')) return true;
  if (file.endsWith('.cjs')) return false;
  return folderIsEsm(path.dirname(file));
}

module.exports = {
  process: (source, file, options) => (isEsm(file) ? inner.process(source, file, options) : { code: source }),
  getCacheKey: (source, file, options) => (isEsm(file) ? 'esm:' : 'cjs:') + inner.getCacheKey(source, file, options),
};
