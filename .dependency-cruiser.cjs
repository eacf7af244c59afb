const tests = '(\\.spec\\.ts$|/test/)';
const services = 'accounts|markets|trading|live-data';

/** The doors between the rooms (ARCHITECTURE.md, "Who may import whom"). @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: 'libs/domain and libs/exchange hold rules only: no Nest, no driver, no Node built-in.',
      from: { path: '^libs/(domain|exchange)/src', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^libs/(domain|exchange)/src' },
    },
    {
      name: 'domain-below-exchange',
      severity: 'error',
      from: { path: '^libs/domain/' },
      to: { path: '^libs/exchange/' },
    },
    {
      name: 'contracts-stand-on-core',
      severity: 'error',
      from: { path: '^libs/contracts/src', pathNot: '\\.spec\\.ts$' },
      to: { path: ['^(apps|libs)/', '^node_modules/@nestjs'], pathNot: '^libs/(domain|exchange|contracts)/src' },
    },
    {
      name: 'embedded-store-stands-alone',
      severity: 'error',
      from: { path: '^libs/embedded-store/', pathNot: '/test/' },
      to: { path: '^(apps|libs)/', pathNot: '^libs/embedded-store/' },
    },
    {
      name: 'platform-below-adapters',
      severity: 'error',
      from: { path: '^libs/platform/src', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/', pathNot: '^libs/(domain|exchange|contracts|platform)/' },
    },
    {
      name: 'adapters-not-sideways',
      severity: 'error',
      from: { path: '^libs/(polymarket|persistence)/src', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/', pathNot: '^libs/(domain|exchange|contracts|platform|$1)/' },
    },
    {
      name: 'database-engine-below-apps',
      severity: 'error',
      comment: 'It is told how to start the embedded store; it knows no store, no domain and no Mongoose.',
      from: { path: '^libs/database-engine/src', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(apps|libs)/', pathNot: '^libs/(database-engine|platform)/' },
    },
    {
      name: 'services-below-apps',
      severity: 'error',
      from: { path: `^libs/(${services})/src`, pathNot: '\\.spec\\.ts$' },
      to: { path: ['^apps/', '^libs/(embedded-store|testing)/'] },
    },
    {
      name: 'live-data-below-trading',
      severity: 'error',
      comment: 'Trading asks live-data for books and announces to it, never the other way round.',
      from: { path: '^libs/live-data/src', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/trading/' },
    },
    {
      name: 'libs-not-apps',
      severity: 'error',
      from: { path: '^libs/', pathNot: [tests, '^libs/testing/'] },
      to: { path: '^apps/' },
    },
    {
      name: 'no-app-to-app',
      severity: 'error',
      from: { path: '^apps/(?!standalone)([^/]+)/', pathNot: '/test/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'console-is-a-client',
      severity: 'error',
      comment: 'The console knows the public contract by its types, and nothing that runs on the server.',
      from: { path: '^apps/console/src' },
      to: { path: '^(apps|libs)/', pathNot: ['^apps/console/', '^libs/contracts/src/index\\.ts$'] },
    },
    {
      name: 'front-door',
      severity: 'error',
      comment: 'A lib is entered through its index.ts.',
      from: { path: '^(apps|libs|tools)/([^/]+)/' },
      to: { path: '^libs/[^/]+/src/', pathNot: ['/src/index\\.ts$', '^$1/$2/'] },
    },
    {
      name: 'mongoose-at-home',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['^libs/persistence/', tests] },
      to: { path: 'node_modules/(@nestjs/)?mongoose' },
    },
    {
      name: 'testing-in-tests-only',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [tests, '^libs/testing/'] },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'no-dev-dependencies-in-product',
      severity: 'error',
      from: { path: '^(apps|libs)/[^/]+/src', pathNot: ['\\.spec\\.ts$', '^libs/testing/', '^apps/console/'] },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'] },
  },
};
