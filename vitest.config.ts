import { defineConfig } from 'vitest/config';

/** Both versions of DynamoDB Local run once for all files of the project `local`; nothing else waits for them. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most files wait, for java, a TTL sweep or a killed process, more than they compute.
    maxWorkers: 4,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/{integration,e2e}/**'] },
      },
      {
        extends: true,
        test: {
          name: 'local',
          include: ['test/{integration,e2e}/**/*.test.ts'],
          globalSetup: ['test/support/dynamodb-local-setup.ts'],
        },
      },
    ],
  },
});
