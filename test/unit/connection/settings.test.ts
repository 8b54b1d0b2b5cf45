import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isLoopback, rereadSharedConfigFiles, resolveSettings } from '../../../src/connection/settings.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ttl-archive-settings-'));
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function config(text: string): Promise<void> {
  writeFileSync(join(folder, 'config'), text);
  await rereadSharedConfigFiles();
}

const dummy = { accessKeyId: 'dummy', secretAccessKey: 'dummy' };

describe('resolveSettings', () => {
  it('needs nothing configured for a loopback endpoint', async () => {
    expect(await resolveSettings('DynamoDB', { endpointUrl: 'http://localhost:8000' })).toStrictEqual({
      endpoint: 'http://localhost:8000',
      loopback: true,
      region: 'us-east-1',
      credentials: dummy,
    });
  });

  it('uses region and keys of the environment for a loopback endpoint', async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AK');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'sk');
    const settings = await resolveSettings('DynamoDB', { endpointUrl: 'http://[::1]:8000' });
    expect(settings).toMatchObject({ region: 'eu-west-1', credentials: { accessKeyId: 'AK', secretAccessKey: 'sk' } });
  });

  it('uses the keys of the profile for a loopback endpoint', async () => {
    await config('[profile p]\nregion=eu-west-3\naws_access_key_id=PK\naws_secret_access_key=sk\n');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AK');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'sk');
    const settings = await resolveSettings('DynamoDB', { endpointUrl: 'http://127.0.0.2', profile: 'p' });
    expect(settings).toMatchObject({ region: 'eu-west-3', credentials: { accessKeyId: 'PK' } });
  });

  it('prefers keys of the environment to AWS_PROFILE, on AWS as on a loopback endpoint', async () => {
    await config('[profile p]\nregion=eu-west-3\naws_access_key_id=PK\naws_secret_access_key=sk\n');
    vi.stubEnv('AWS_PROFILE', 'p');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AK');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'sk');
    vi.stubEnv('AWS_SESSION_TOKEN', 'token');
    const credentials = { accessKeyId: 'AK', secretAccessKey: 'sk', sessionToken: 'token' };
    for (const connection of [{}, { endpointUrl: 'http://localhost:8000' }]) {
      expect((await resolveSettings('DynamoDB', connection)).credentials).toStrictEqual(credentials);
    }
    // A profile that the user names takes precedence.
    expect((await resolveSettings('DynamoDB', { profile: 'p' })).credentials).toBeUndefined();
  });

  it.each([
    ['AWS_ACCESS_KEY_ID', 'AK\n'],
    ['AWS_SECRET_ACCESS_KEY', 'sk\r'],
    ['AWS_SESSION_TOKEN', 'a b'],
    ['AWS_REGION', 'eu west-1'],
    ['AWS_REGION', 'eu-west-1\r'],
    ['AWS_REGION', '"eu-west-1"'],
    ['AWS_DEFAULT_REGION', 'eu_west_1'],
  ])('refuses %s %j, and repeats no key', async (name, value) => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AK');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'sk');
    vi.stubEnv(name, value);
    const settings = resolveSettings('DynamoDB', { endpointUrl: 'http://localhost:8000' });
    await expect(settings).rejects.toMatchObject({ code: 'USAGE' });
    await expect(settings).rejects.not.toThrow(/AK|sk|a b/);
  });

  it('makes no SSO lookup for a loopback endpoint unless --profile requires it', async () => {
    await config('[default]\nsso_session=x\n[profile p]\nsso_session=x\n');
    const connection = { endpointUrl: 'http://localhost:8000' };
    expect((await resolveSettings('DynamoDB', connection)).credentials).toStrictEqual(dummy);
    expect((await resolveSettings('DynamoDB', { ...connection, profile: 'p' })).credentials).toBeUndefined();
  });

  it('leaves the credentials to the SDK for any other endpoint', async () => {
    const settings = await resolveSettings('DynamoDB', { region: 'eu-west-1' });
    expect(settings).toStrictEqual({ region: 'eu-west-1', loopback: false });
  });

  it('prefers the endpoint of the service to the general one', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://localhost:1');
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB_STREAMS', 'http://localhost:2');
    expect((await resolveSettings('DynamoDB', {})).endpoint).toBe('http://localhost:1');
    expect((await resolveSettings('DynamoDB Streams', {})).endpoint).toBe('http://localhost:2');
    expect((await resolveSettings('DynamoDB', { endpointUrl: 'http://localhost:3' })).endpoint).toBe(
      'http://localhost:3',
    );
    vi.stubEnv('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'true');
    expect((await resolveSettings('DynamoDB', { region: 'eu-west-1' })).endpoint).toBeUndefined();
  });

  it('uses the endpoint of the profile, and of its services section', async () => {
    await config(
      '[profile p]\nendpoint_url=http://localhost:4\n[profile q]\nservices=local\n' +
        '[services local]\ndynamodb_streams =\n  endpoint_url=http://localhost:5\n',
    );
    expect((await resolveSettings('DynamoDB', { profile: 'p' })).endpoint).toBe('http://localhost:4');
    expect((await resolveSettings('DynamoDB Streams', { profile: 'q' })).endpoint).toBe('http://localhost:5');
  });

  it('says how to give a region when there is none', async () => {
    const refused = resolveSettings('DynamoDB', {});
    await expect(refused).rejects.toMatchObject({ code: 'USAGE' });
    await expect(refused).rejects.toHaveProperty('remedy', expect.stringContaining('--region'));
    vi.stubEnv('AWS_DEFAULT_REGION', 'eu-west-2');
    expect((await resolveSettings('DynamoDB', {})).region).toBe('eu-west-2');
  });

  it.each(['localhost:8000', 'banana', 'ftp://localhost', 'http://', '/x'])('rejects the endpoint %s', async (url) => {
    await expect(resolveSettings('DynamoDB', { endpointUrl: url })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('says that there is no such profile', async () => {
    const settings = resolveSettings('DynamoDB', { profile: 'nope', endpointUrl: 'http://localhost:8000' });
    await expect(settings).rejects.toMatchObject({ code: 'CREDENTIALS' });
    await expect(settings).rejects.toThrow('nope');
  });
});

describe('isLoopback', () => {
  it.each([
    ['http://localhost:8000', true],
    ['http://LOCALHOST', true],
    ['http://127.9.9.9:1', true],
    ['http://[::1]:8000', true],
    ['http://127.example.com', false],
    ['http://localhost.example.com', false],
    ['http://192.168.0.1:8000', false],
    ['https://dynamodb.eu-west-1.amazonaws.com', false],
  ])('of %s is %s', (url, expected) => {
    expect(isLoopback(url)).toBe(expected);
  });
});
