/**
 * Runs a TypeScript file of this repository directly: `node tools/ts.cjs path/to/file.ts [args]`, or `node -r ./tools/ts.cjs file.ts`.
 * Compiles with swc (decorators and their metadata kept), resolves `@app/<lib>` to the lib's index, and leaves packages to Node, which
 * loads ES modules through `require` from 20.19 on. Types are not checked here: `npm run typecheck` does that.
 */
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { transformSync } = require('@swc/core');

const root = path.resolve(__dirname, '..');

const options = {
  swcrc: false,
  configFile: false,
  sourceMaps: 'inline',
  module: { type: 'commonjs' },
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
};

process.setSourceMapsEnabled(true);

Module._extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(fs.readFileSync(filename, 'utf8'), { ...options, filename });
  module._compile(code, filename);
};

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  const lib = /^@app\/([^/]+)$/.exec(request);
  const target = lib === null ? request : path.join(root, 'libs', lib[1], 'src', 'index.ts');
  return resolveFilename.call(this, target, ...rest);
};

if (require.main === module) {
  const [file, ...args] = process.argv.slice(2);
  if (file === undefined) {
    process.stderr.write('usage: node tools/ts.cjs path/to/file.ts [args]\n');
    process.exit(2);
  }
  const entry = path.resolve(file);
  process.argv = [process.argv[0], entry, ...args];
  require('reflect-metadata');
  Module._load(entry, null, true);
}
