import { afterEach, describe, expect, it } from 'vitest';
import { createStreamsClient } from '../../../src/aws/streams-client.js';
import { type AwsEndpoint, answerJson, startAwsEndpoint } from '../../support/aws-endpoint.js';

let endpoint: AwsEndpoint | undefined;

afterEach(async () => {
  await endpoint?.close();
});

describe('createCaller', () => {
  it('rejects with the reason of the signal when it aborts before the response', async () => {
    const controller = new AbortController();
    const reason = new Error('stopped');
    endpoint = await startAwsEndpoint(() => controller.abort(reason));
    const client = createStreamsClient({ endpointUrl: endpoint.url });
    await expect(client.getRecords({ ShardIterator: 'it' }, controller.signal)).rejects.toBe(reason);
    await expect(client.getRecords({ ShardIterator: 'it' }, controller.signal)).rejects.toBe(reason);
    expect(endpoint.calls).toHaveLength(1);
    client.close();
  });

  it('rejects with the reason of the signal when it aborts in the middle of the body', async () => {
    const controller = new AbortController();
    endpoint = await startAwsEndpoint((_call, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{', () => controller.abort(new Error('stopped')));
    });
    const client = createStreamsClient({ endpointUrl: endpoint.url });
    const error = await client.getRecords({ ShardIterator: 'it' }, controller.signal).catch((cause: unknown) => cause);
    expect(error).toBe(controller.signal.reason);
    client.close();
  });

  it.each(['no answer', 'half an answer'])('ends a call that got %s in time', async (kind) => {
    endpoint = await startAwsEndpoint((_call, response) => {
      if (kind === 'half an answer') response.writeHead(200, { 'content-length': 100 }).write('{');
    });
    const client = createStreamsClient({ endpointUrl: endpoint.url }, { callTimeout: 50 });
    await expect(client.getRecords({ ShardIterator: 'it' })).rejects.toMatchObject({ code: 'NETWORK' });
    client.close();
  });

  it('leaves no listener on the signal, and no warning', async () => {
    const warnings: string[] = [];
    const onWarning = ({ name }: Error) => warnings.push(name);
    process.on('warning', onWarning);
    endpoint = await startAwsEndpoint((_call, response) => answerJson(response, { Records: [] }));
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    const client = createStreamsClient({ endpointUrl: endpoint.url });
    await Promise.all(Array.from({ length: 30 }, () => client.getRecords({ ShardIterator: 'it' }, signal)));
    client.close();
    process.off('warning', onWarning);
    expect(warnings).not.toContain('MaxListenersExceededWarning');
    expect(listeners).toBe(0);
    expect(client.getRecordsCalls).toBe(30);
  });
});
