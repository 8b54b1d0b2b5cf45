import type { S3Location } from '../lib/s3-location.js';

/** The commands that connect to DynamoDB. */
export const POLICY_COMMANDS = ['watch', 'doctor', 'restore', 'setup', 'put-and-wait', 'teardown'] as const;

export type PolicyCommand = (typeof POLICY_COMMANDS)[number];

interface Actions {
  readonly table: readonly string[];
  readonly stream: readonly string[];
}

/** The actions that each command needs on the table and on its streams. */
const ACTIONS: { readonly [command in PolicyCommand]: Actions } = {
  watch: {
    table: ['DescribeTable', 'DescribeTimeToLive'],
    stream: ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'],
  },
  doctor: {
    table: ['DescribeTable', 'DescribeTimeToLive', 'Scan'],
    stream: ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'],
  },
  restore: { table: ['DescribeTable', 'DescribeTimeToLive', 'GetItem', 'PutItem'], stream: [] },
  setup: {
    table: ['CreateTable', 'DescribeTable', 'DescribeTimeToLive', 'UpdateTable', 'UpdateTimeToLive'],
    stream: [],
  },
  'put-and-wait': { table: ['DescribeTable', 'DescribeTimeToLive', 'GetItem', 'PutItem'], stream: [] },
  teardown: { table: ['DeleteTable', 'DescribeTable'], stream: [] },
};

/** The actions of commands on an archive in S3. `restore` only reads one. */
const READING = { bucket: ['ListBucket'], objects: ['GetObject'] };
const WRITING = { bucket: ['ListBucket'], objects: ['GetObject', 'PutObject'] };

/** An IAM policy document. */
export interface IamPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: 'Allow';
    readonly Action: readonly string[];
    readonly Resource: string | readonly string[];
  }[];
}

export interface PolicyTables {
  /** ARNs, in which `*` stands for any characters and `?` for one. */
  readonly arns: readonly string[];
  /** `watch` finds the tables by their names, or also by their tags. */
  readonly chosenBy?: 'pattern' | 'tag' | undefined;
}

/**
 * The least that a command needs on AWS. All streams of the table: a new one has another name. That ListStreams is allowed
 * on streams as well is in the DynamoDB Developer Guide ("IAM policy to grant read access for a DynamoDB stream only").
 * Without a resource for ListTables: it is allowed for all tables, or for none (Service Authorization Reference).
 * `archive`: the archive in S3 that `watch` uploads to, or `restore` reads.
 */
export function iamPolicy({ arns, chosenBy }: PolicyTables, command: PolicyCommand, archive?: S3Location): IamPolicy {
  const { table, stream } = ACTIONS[command];
  const [, partition = 'aws'] = arns[0]?.split(':') ?? [];
  const { bucket, objects } = command === 'restore' ? READING : WRITING;
  const bucketArn = `arn:${partition}:s3:::${archive?.bucket}`;
  const statements = [
    ...(chosenBy === undefined ? [] : [{ Sid: 'Tables', service: 'dynamodb', actions: ['ListTables'], Resource: '*' }]),
    {
      Sid: 'Table',
      service: 'dynamodb',
      actions: [...table, ...(chosenBy === 'tag' ? ['ListTagsOfResource'] : [])],
      Resource: oneOrMany(arns),
    },
    {
      Sid: 'Streams',
      service: 'dynamodb',
      actions: stream,
      Resource: oneOrMany(arns.map((arn) => `${arn}/stream/*`)),
    },
    ...(archive === undefined
      ? []
      : [
          { Sid: 'Bucket', service: 's3', actions: bucket, Resource: bucketArn },
          {
            Sid: 'Objects',
            service: 's3',
            actions: objects,
            Resource: `${bucketArn}/${archive.prefix === '' ? '' : `${archive.prefix}/`}*`,
          },
        ]),
  ];
  return {
    Version: '2012-10-17',
    Statement: statements
      .filter(({ actions }) => actions.length > 0)
      .map(({ Sid, service, actions, Resource }) => ({
        Sid,
        Effect: 'Allow',
        Action: actions.map((action) => `${service}:${action}`),
        Resource,
      })),
  };
}

function oneOrMany(resources: readonly string[]): string | readonly string[] {
  const [only, ...others] = resources;
  return only === undefined || others.length > 0 ? resources : only;
}
