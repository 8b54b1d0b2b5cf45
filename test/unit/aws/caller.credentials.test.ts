import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createStreamsClient } from '../../../src/aws/streams-client.js';
import type { StreamsClient } from '../../../src/ports/index.js';
import { type AwsEndpoint, answerError, answerJson, startAwsEndpoint } from '../../support/aws-endpoint.js';

let folder: string;
let endpoint: AwsEndpoint;
let client: StreamsClient;
/** The one key that the endpoint accepts. */
let accepted: string;
let refusal: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ttl-archive-credentials-'));
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'));
  accepted = 'OLD';
  refusal = 'ExpiredTokenException';
  endpoint = await startAwsEndpoint((call, response) => {
    if (call.accessKeyId === accepted) answerJson(response, { Records: [] });
    else answerError(response, refusal, 'The security token included in the request is expired');
  });
});

afterEach(async () => {
  client.close();
  await endpoint.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const getRecords = () => client.getRecords({ ShardIterator: 'it' });
const keysSeen = () => endpoint.calls.map(({ accessKeyId }) => accessKeyId);

function setEnvironment(key: string): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', key);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
}

function writeCredentialsFile(key: string): void {
  writeFileSync(join(folder, 'credentials'), `[p]\naws_access_key_id=${key}\naws_secret_access_key=s\n`);
}

describe('createCaller, credentials', () => {
  it('picks up keys that changed in the environment', async () => {
    setEnvironment('OLD');
    client = createStreamsClient({ endpointUrl: endpoint.url });
    await getRecords();
    setEnvironment('NEW');
    accepted = 'NEW';
    await getRecords();
    await getRecords();
    expect(keysSeen()).toStrictEqual(['OLD', 'OLD', 'NEW', 'NEW']);
    expect(client.getRecordsCalls).toBe(4);
  });

  it('picks up keys that changed in the credentials file', async () => {
    writeCredentialsFile('OLD');
    client = createStreamsClient({ endpointUrl: endpoint.url, profile: 'p' });
    await getRecords();
    writeCredentialsFile('NEW');
    accepted = 'NEW';
    await getRecords();
    expect(keysSeen()).toStrictEqual(['OLD', 'OLD', 'NEW']);
  });

  it("calls the SDK's own provider chain again", async () => {
    const source = join(folder, 'keys.json');
    const write = (AccessKeyId: string) =>
      writeFileSync(source, JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey: 's' }));
    writeFileSync(join(folder, 'config'), `[profile p]\ncredential_process = cat ${source}\n`);
    write('OLD');
    client = createStreamsClient({ endpointUrl: endpoint.url, profile: 'p' });
    await getRecords();
    write('NEW');
    accepted = 'NEW';
    await getRecords();
    expect(keysSeen()).toStrictEqual(['OLD', 'OLD', 'NEW']);
  });

  it('shares one new lookup between the calls that failed', async () => {
    const lookups = join(folder, 'lookups');
    const script = join(folder, 'keys.sh');
    const write = (key: string) =>
      writeFileSync(
        script,
        `echo >> ${lookups}; echo '${JSON.stringify({ Version: 1, AccessKeyId: key, SecretAccessKey: 's' })}'\n`,
      );
    writeFileSync(join(folder, 'config'), `[profile p]\ncredential_process = sh ${script}\n`);
    write('OLD');
    client = createStreamsClient({ endpointUrl: endpoint.url, profile: 'p' });
    await getRecords();
    write('NEW');
    accepted = 'NEW';
    await Promise.all(Array.from({ length: 20 }, getRecords));
    expect(keysSeen().filter((key) => key === 'NEW')).toHaveLength(20);
    expect(readFileSync(lookups, 'utf8')).toBe('\n\n');
  });

  it.each(['ExpiredTokenException', 'UnrecognizedClientException'])(
    'stops when fresh keys get %s too',
    async (name) => {
      setEnvironment('WRONG');
      refusal = name;
      client = createStreamsClient({ endpointUrl: endpoint.url });
      await expect(getRecords()).rejects.toMatchObject({ code: 'CREDENTIALS' });
      expect(endpoint.calls).toHaveLength(2);
      accepted = 'WRONG';
      await getRecords();
    },
  );

  it('does not look the keys up again when access is denied', async () => {
    refusal = 'AccessDeniedException';
    client = createStreamsClient({ endpointUrl: endpoint.url });
    await expect(getRecords()).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    expect(endpoint.calls).toHaveLength(1);
  });

  it("repeats a call by the server's clock when this machine's is wrong", async () => {
    await endpoint.close();
    const ahead = Date.now() + 3 * 3600_000;
    endpoint = await startAwsEndpoint((call, response) => {
      response.setHeader('date', new Date(ahead).toUTCString());
      const [, day = '', time = ''] = /^(\d{8})T(\d{6})Z$/.exec(String(call.headers['x-amz-date'])) ?? [];
      const signed = Date.parse(
        `${day.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`,
      );
      if (Math.abs(signed - ahead) < 300_000) answerJson(response, { Records: [] });
      else answerError(response, 'InvalidSignatureException', 'Signature expired: it is now earlier than');
    });
    client = createStreamsClient({ endpointUrl: endpoint.url });
    await getRecords();
    await getRecords();
    expect(endpoint.calls).toHaveLength(3);
  });
});
