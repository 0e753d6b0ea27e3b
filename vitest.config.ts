import { defineConfig } from 'vitest/config'

const globalSetup = ['./test/support/global-setup.ts']

/** The groups run one after the other: unit, then integration, then the browser. */
export default defineConfig({
  test: {
    teardownTimeout: 20_000,
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'server/**/*.test.ts',
            'sdk/src/**/*.test.ts',
            'web/src/**/*.test.{ts,tsx}',
            'test/{simulator,demo,support,bench,otlp,enrich}/**/*.test.ts',
          ],
          pool: 'threads',
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'matrix',
          include: ['test/sdk-matrix/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 2,
          globalSetup: ['./test/sdk-matrix/pack-sdk.ts'],
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/faults/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 2,
          globalSetup,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.spec.ts'],
          pool: 'forks',
          maxWorkers: 2,
          globalSetup,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
