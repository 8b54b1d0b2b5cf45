import { Command } from 'commander';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addConnectionOptions } from '../../../src/cli/command.js';
import { addS3Options, type S3Options } from '../../../src/cli/s3-options.js';
import { openStorage } from '../../../src/reading/open-storage.js';
import { fakeIo } from '../../support/fake-io.js';
import { startS3Server } from '../../support/s3-server/s3-server.js';

const LOG: S3Options = { logLevel: 'info', color: false };

describe('openStorage', () => {
  it('reaches the objects below the prefix at the endpoint of the option', async () => {
    const server = await startS3Server();
    onTestFinished(() => server.close());
    server.objects.set('orders/a', Buffer.from('1'));
    const options = { ...LOG, s3EndpointUrl: server.endpointUrl, region: 'eu-west-1' };
    const storage = await openStorage('s3://bucket/orders', options, fakeIo());
    expect((await storage.read('a', 10))?.toString()).toBe('1');
    expect(String(server.calls[0]?.headers['authorization'])).toContain('/eu-west-1/s3/');
  });

  it('ends a call when the command must end', async () => {
    const server = await startS3Server({ faults: () => ({ kind: 'latency', ms: 60_000 }) });
    onTestFinished(() => server.close());
    const stop = new AbortController();
    const io = fakeIo({ signal: stop.signal });
    const storage = await openStorage('s3://bucket', { ...LOG, s3EndpointUrl: server.endpointUrl }, io);
    const reading = storage.read('a', 10);
    stop.abort(new Error('stopped'));
    await expect(reading).rejects.toThrow('stopped');
  });

  it('rejects an address without a bucket', async () => {
    await expect(openStorage('s3:///orders', LOG, fakeIo())).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('addS3Options', () => {
  it('adds to a command that connects to DynamoDB only what it does not have', () => {
    const flags = (command: Command) => addS3Options(command).options.map(({ long }) => long);
    expect(flags(new Command())).toEqual(['--s3-endpoint-url', '--region', '--profile']);
    const connected = flags(addConnectionOptions(new Command()));
    expect(connected.filter((flag) => flag === '--region')).toHaveLength(1);
    expect(connected).toContain('--s3-endpoint-url');
  });
});
