/** Jest runs the TypeScript as ES modules; swc only strips the types (tsc checks them in `npm run types`). */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  testTimeout: 30_000,
  // Most tests wait for processes rather than compute; Jest's own choice on two cores would be one worker.
  maxWorkers: 3,
};
