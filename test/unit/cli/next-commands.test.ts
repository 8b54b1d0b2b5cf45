import { describe, expect, it } from 'vitest';
import type { ConnectionOptions } from '../../../src/cli/command.js';
import { commandLines } from '../../../src/cli/next-commands.js';
import type { S3Options } from '../../../src/cli/s3-options.js';
import type { NextCommand } from '../../../src/errors.js';

const SETUP: NextCommand = { program: 'ttl-archive', args: ['setup', '--table', 'Orders'] };
const OFF: NextCommand = { program: 'aws', args: ['dynamodb', 'update-table', '--table-name', 'Orders'] };

function lineOf(command: NextCommand, options: Partial<ConnectionOptions & S3Options> = {}, env = {}) {
  const [line] = commandLines([command], { logLevel: 'info', color: true, ...options }, env);
  return line;
}

describe('commandLines', () => {
  it.each<[Partial<ConnectionOptions>, string, string]>([
    [{}, 'ttl-archive setup --table Orders', 'aws dynamodb update-table --table-name Orders'],
    [
      { region: 'eu-west-1', profile: 'prod' },
      'ttl-archive setup --table Orders --region eu-west-1 --profile prod',
      'aws dynamodb update-table --table-name Orders --region eu-west-1 --profile prod',
    ],
    [
      { local: true },
      'ttl-archive setup --table Orders --local',
      'AWS_ACCESS_KEY_ID=dummy AWS_SECRET_ACCESS_KEY=dummy aws dynamodb update-table --table-name Orders --endpoint-url http://localhost:8000 --region us-east-1',
    ],
    [
      { endpointUrl: 'https://dynamodb.example.com', profile: 'my prod' },
      "ttl-archive setup --table Orders --endpoint-url https://dynamodb.example.com --profile 'my prod'",
      "aws dynamodb update-table --table-name Orders --endpoint-url https://dynamodb.example.com --profile 'my prod'",
    ],
  ])('carries the connection %j of the command that failed', (options, ours, aws) => {
    expect([lineOf(SETUP, options), lineOf(OFF, options)]).toEqual([ours, aws]);
  });

  it('does not repeat region and keys of the environment', () => {
    const env = { AWS_DEFAULT_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'a' };
    expect(lineOf(OFF, { local: true }, env)).toBe(
      'aws dynamodb update-table --table-name Orders --endpoint-url http://localhost:8000',
    );
  });

  it('begins with npx when npx started the command', () => {
    const env = { npm_command: 'exec' };
    expect(lineOf(SETUP, {}, env)).toBe('npx ttl-archive setup --table Orders');
    expect(lineOf({ program: 'ttl-archive', args: ['verify', '--out', 'temp'] }, {}, env)).toBe(
      'npx ttl-archive verify --out temp',
    );
    expect(lineOf(OFF, {}, env)).toBe('aws dynamodb update-table --table-name Orders');
  });

  it('names the table of the command', () => {
    const doctor: NextCommand = { program: 'ttl-archive', args: ['doctor'] };
    expect(lineOf(doctor, { table: 'Orders' })).toBe('ttl-archive doctor --table Orders');
  });

  it('reaches the same archive in S3', () => {
    const options = {
      s3EndpointUrl: 'http://localhost:9',
      endpointUrl: 'http://localhost:8',
      region: 'r',
      profile: 'p',
    };
    const verify = (out: string): NextCommand => ({ program: 'ttl-archive', args: ['verify', '--out', out] });
    expect(lineOf(verify('s3://b/p'), options)).toBe(
      'ttl-archive verify --out s3://b/p --region r --profile p --s3-endpoint-url http://localhost:9',
    );
    expect(lineOf(verify('temp'), options)).toBe('ttl-archive verify --out temp');
    const restore: NextCommand = { program: 'ttl-archive', args: ['restore', 'list', '--out', 's3://b/p'] };
    expect(lineOf(restore, options)).toBe(
      'ttl-archive restore list --out s3://b/p --endpoint-url http://localhost:8 --region r --profile p --s3-endpoint-url http://localhost:9',
    );
  });

  it('adds no connection options to commands without them', () => {
    const options = { endpointUrl: 'http://localhost:1', region: 'r', profile: 'p' };
    expect(lineOf({ program: 'ttl-archive', args: ['verify', '--out', 'temp'] }, options)).toBe(
      'ttl-archive verify --out temp',
    );
    expect(lineOf({ program: 'aws', args: ['sso', 'login'] }, options)).toBe('aws sso login --profile p');
    expect(lineOf({ program: 'npm', args: ['install', 'x@1'] }, options)).toBe('npm install x@1');
  });
});
