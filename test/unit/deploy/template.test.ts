import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settingsOf } from '../../../src/lambda/settings.js';
import { changeRecord, TTL_SERVICE } from '../../support/change-record.js';
import { eventRecord } from '../../support/lambda-event.js';
import { filterPattern, passes, templateResource } from '../../support/template.js';

const OF_TTL = { PrincipalId: 'dynamodb.amazonaws.com' };
const functionOf = templateResource('ArchiveFunction');
const role = templateResource('ArchiveRole');
const bucket = templateResource('ArchiveBucket');

describe('deploy/template.yaml', () => {
  it('runs the file that the build makes', () => {
    expect(functionOf).toMatchObject({ CodeUri: '../dist/lambda-function/', Handler: 'index.handler' });
    expect(readFileSync('scripts/build.mjs', 'utf8')).toContain("outfile: 'dist/lambda-function/index.mjs'");
    expect(readFileSync('src/lambda/index.ts', 'utf8')).toContain('export async function handler(');
  });

  it('sets every variable that the handler reads, to what it takes', () => {
    const { Variables: variables } = functionOf.Environment;
    expect(variables).toEqual({
      TTL_ARCHIVE_BUCKET: 'ArchiveBucket',
      TTL_ARCHIVE_PREFIX: 'Prefix',
      TTL_ARCHIVE_DELETIONS: 'Deletions',
      TTL_ARCHIVE_TTL_ATTRIBUTE: 'TtlAttribute',
      TTL_ARCHIVE_FAILED: 's3://${FailedBucket}',
    });
    for (const deletions of ['ttl', 'inferred', 'all']) {
      const env = { ...variables, TTL_ARCHIVE_FAILED: 's3://failed', TTL_ARCHIVE_DELETIONS: deletions };
      expect(settingsOf(env)).toMatchObject({ bucket: 'ArchiveBucket', deletions });
    }
  });

  it('lets through what TTL deleted, or every deletion where the handler infers', () => {
    const identities = [TTL_SERVICE, null, { Type: 'Service', PrincipalId: 'other' }, { Type: 'User', ...OF_TTL }];
    const records = ['REMOVE', 'INSERT', 'MODIFY'].flatMap((eventName) =>
      identities.map((userIdentity) => eventRecord(changeRecord({ eventName, userIdentity }))),
    );
    expect(records.filter((record) => passes(filterPattern('ttl'), record))).toEqual(records.slice(0, 1));
    expect(records.filter((record) => passes(filterPattern('inferred'), record))).toEqual(records.slice(0, 4));
  });

  it('lets one bad batch neither block a shard for ever nor get lost', () => {
    expect(templateResource('StreamMapping')).toMatchObject({
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 100,
      MaximumRecordAgeInSeconds: 64_800,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: 'FailedBucket.Arn' } },
      StartingPosition: 'TRIM_HORIZON',
      EventSourceArn: 'TableStreamArn',
      FunctionName: 'ArchiveFunction',
    });
  });

  it('allows what the function and the mapping need, and nothing that reads, replaces or deletes an archive', () => {
    const statements = role.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const allowed = statements.flatMap(({ Effect, Action, Resource }) =>
      [Action].flat().map((action) => `${Effect} ${action} on ${Resource}`),
    );
    expect(allowed.toSorted()).toEqual([
      'Allow dynamodb:DescribeStream on TableStreamArn',
      'Allow dynamodb:GetRecords on TableStreamArn',
      'Allow dynamodb:GetShardIterator on TableStreamArn',
      'Allow dynamodb:ListStreams on *',
      'Allow logs:CreateLogStream on ArchiveLogs.Arn',
      'Allow logs:PutLogEvents on ArchiveLogs.Arn',
      'Allow s3:ListBucket on FailedBucket.Arn',
      'Allow s3:PutObject on ${ArchiveBucket.Arn}/${Prefix}/*',
      'Allow s3:PutObject on ${FailedBucket.Arn}/*',
    ]);
  });

  it('keeps the archive private, encrypted, versioned, and after the stack is deleted', () => {
    expect(bucket.VersioningConfiguration.Status).toBe('Enabled');
    expect(Object.values(bucket.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    expect(JSON.stringify(bucket.BucketEncryption)).toContain('AES256');
    expect(readFileSync('deploy/template.yaml', 'utf8').match(/DeletionPolicy: Retain/g)).toHaveLength(2);
  });

  it('moves the data to cold storage, and not the manifests', () => {
    const [cold] = bucket.LifecycleConfiguration.Rules;
    expect(cold).toMatchObject({ Status: 'Enabled', Transitions: [{ StorageClass: 'GLACIER_IR' }] });
    expect(cold?.Prefix).toMatch(/\/year=$/);
  });
});
