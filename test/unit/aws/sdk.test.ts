import { env } from 'node:process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createStreamsClient } from '../../../src/aws/streams-client.js';
import { createTablesClient } from '../../../src/aws/tables-client.js';
import { systemClock } from '../../../src/lib/system-clock.js';
import { openS3Storage } from '../../../src/s3/open-s3-storage.js';

const VARIABLE = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

describe('createQuietly', () => {
  it('keeps the SDK from warning of Node.js 20, and leaves the environment as it was', async () => {
    const before = env[VARIABLE];
    const warnings: string[] = [];
    const listener = ({ message }: Error) => void warnings.push(message);
    process.on('warning', listener);
    onTestFinished(() => void process.off('warning', listener));
    const connection = { endpointUrl: 'http://127.0.0.1:9' };
    const streams = createStreamsClient(connection);
    const tables = createTablesClient(connection);
    onTestFinished(() => {
      streams.close();
      tables.close();
    });
    await expect(streams.getRecords({ ShardIterator: 'it' })).rejects.toMatchObject({ code: 'NETWORK' });
    await expect(tables.describeTable('T')).rejects.toMatchObject({ code: 'NETWORK' });
    const context = { clock: systemClock, random: Math.random, attempts: 1 };
    const storage = await openS3Storage({ bucket: 'bucket', prefix: '' }, connection, context);
    await expect(storage.read('a', 1)).rejects.toMatchObject({ code: 'NETWORK' });
    expect(warnings.filter((message) => message.includes('NodeVersionSupportWarning'))).toEqual([]);
    expect(env[VARIABLE]).toBe(before);
  });
});
