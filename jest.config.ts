/**
 * @jest-config-loader ts-node
 * @jest-config-loader-options {"swc":true}
 */
import { availableParallelism, totalmem } from 'node:os';
import type { Config } from 'jest';

/** Memory a worker may come to need. */
const WORKER_BYTES = 1.5 * 2 ** 30;

/** One more than cores: the longest suites mostly wait, for processes to start, faults to be noticed and leases to run out. */
const workers = Math.max(1, Math.min(availableParallelism() + 1, Math.floor(totalmem() / WORKER_BYTES)));

const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  setupFiles: ['reflect-metadata'],
  setupFilesAfterEnv: ['<rootDir>/tools/jest/end-observers.cjs'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  moduleNameMapper: { '^@app/([^/]+)$': '<rootDir>/libs/$1/src/index.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transformIgnorePatterns: [],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        module: { type: 'commonjs' },
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        swcrc: false,
        // Beside the code: within it they would be read and compiled with it, by every suite.
        sourceMaps: true,
      },
    ],
    '\\.m?js$': '<rootDir>/tools/jest/esm-to-cjs.cjs',
  },
} satisfies Config;

const withTestEngine = {
  globalSetup: '<rootDir>/tools/jest/start-test-engine.cjs',
  globalTeardown: '<rootDir>/tools/jest/stop-test-engine.cjs',
};

/**
 * unit: no IO. integration: real store, real sockets, inside one process. e2e: the built apps as processes, over HTTP.
 */
const config: Config = {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs,tools}/**/*.spec.ts'] },
    {
      ...shared,
      ...withTestEngine,
      displayName: 'integration',
      testMatch: ['<rootDir>/{apps,libs}/*/test/**/*.int-spec.ts'],
    },
    {
      ...shared,
      ...withTestEngine,
      displayName: 'e2e',
      testMatch: ['<rootDir>/{apps,libs}/*/test/**/*.e2e-spec.ts'],
    },
  ],
  // Nothing measures time here: a busy machine may take as long as it needs.
  testTimeout: 180_000,
  coverageProvider: 'v8',
  testSequencer: '<rootDir>/tools/jest/longest-first.cjs',
  maxWorkers: workers,
  // Not only handles left open delay the end of a worker: giving back a gigabyte takes longer than the half second Jest would wait.
  workerGracefulExitTimeout: 10_000,
};

export default config;
