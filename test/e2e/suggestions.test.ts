import { parseArgs } from 'node:util';
import { describe, it } from 'vitest';
import { temporaryFolders } from '../support/archive-folder.js';
import { builtCli, jsonLines } from '../support/cli.js';
import { call, LOCAL, uniqueTable } from '../support/dynamodb-local.js';
import { createLocalTable, type LocalTableInput } from '../support/local-table.js';

const folder = temporaryFolders();
const cli = builtCli();

interface Case {
  readonly when: string;
  /** Absent: there is no such table. */
  readonly table?: LocalTableInput;
  readonly run: string;
  /** The commands that are suggested, without their connection. */
  readonly suggested: readonly string[];
  /** What works when they have been run. */
  readonly works: string;
}

const OFF = 'aws dynamodb update-table --table-name T --stream-specification StreamEnabled=false';
const SETUP = 'ttl-archive setup --table T';

const CASES: readonly Case[] = [
  { when: 'the table is missing', run: 'watch --once', suggested: [SETUP], works: 'watch --once' },
  { when: 'doctor finds no table', run: 'doctor', suggested: [SETUP], works: 'doctor' },
  {
    when: 'the table has no stream',
    table: { viewType: null },
    run: 'watch --once',
    suggested: [SETUP],
    works: 'doctor',
  },
  {
    when: 'there is no stream, and another TTL attribute than usual',
    table: { viewType: null, ttlAttribute: 'expires at' },
    run: 'doctor',
    suggested: [`${SETUP} --ttl-attribute 'expires at'`],
    works: 'doctor',
  },
  {
    when: 'the view type holds no deleted items',
    table: { viewType: 'KEYS_ONLY', ttlAttribute: 'ttl' },
    run: 'watch --once',
    suggested: [OFF, SETUP],
    works: 'doctor',
  },
  {
    when: 'setup meets a view type that it cannot accept',
    table: { viewType: 'KEYS_ONLY', ttlAttribute: 'ttl' },
    run: 'setup',
    suggested: [OFF, SETUP],
    works: 'doctor',
  },
  {
    when: 'setup meets other settings',
    table: { keys: { customer: 'S', order: 'N' }, viewType: 'NEW_AND_OLD_IMAGES', ttlAttribute: 'expires' },
    run: 'setup',
    suggested: [
      'ttl-archive setup --table T --key-schema customer:S,order:N --ttl-attribute expires --view-type NEW_AND_OLD_IMAGES',
    ],
    works: 'doctor',
  },
  { when: 'TTL is off', table: {}, run: 'put-and-wait', suggested: [SETUP], works: 'doctor --deletions inferred' },
  {
    when: 'TTL is off where it is needed',
    table: {},
    run: 'watch --once --deletions inferred',
    suggested: [SETUP],
    works: 'watch --once --deletions inferred',
  },
  { when: 'doctor finds TTL off', table: {}, run: 'doctor', suggested: [SETUP], works: 'doctor --deletions inferred' },
];

/** Where every command here has to go. */
const CONNECTION = { 'endpoint-url': LOCAL, region: 'eu-central-1' };
const CONNECTED = Object.entries(CONNECTION)
  .map(([name, value]) => `--${name} ${value}`)
  .join(' ');

function commandsOf({ commands }: Record<string, unknown>): string[] {
  return Array.isArray(commands) ? commands.map(String) : [];
}

/** Runs `aws dynamodb update-table …` as the AWS CLI would: there is none here. */
async function runAws(line: string) {
  const words = line.split(' ').filter((word) => !/^(?:AWS_\w+=\w+|aws|dynamodb)$/.test(word));
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      'table-name': { type: 'string' },
      'stream-specification': { type: 'string' },
      'endpoint-url': { type: 'string' },
      region: { type: 'string' },
    },
  });
  const { 'table-name': TableName, 'stream-specification': specification, 'endpoint-url': endpoint = '' } = values;
  if (positionals[0] !== 'update-table' || specification !== 'StreamEnabled=false') throw new Error(line);
  const StreamSpecification = { StreamEnabled: false };
  await call(endpoint, 'DynamoDB_20120810.UpdateTable', { TableName, StreamSpecification });
}

describe.concurrent('a suggested command', () => {
  it.for(CASES)('connects as the failed one did, and does what it says, when $when', async (given, { expect }) => {
    const cwd = await folder();
    const table = given.table === undefined ? undefined : await createLocalTable(LOCAL, given.table);
    const TableName = table?.TableName ?? uniqueTable();
    const failed = await cli.shell(
      `$CLI ${given.run} --table ${TableName} ${CONNECTED} --json`.replace(/(setup .*) --json/, '$1'),
      {
        cwd,
      },
    );
    const told = jsonLines(given.run === 'doctor' ? failed.stdout : failed.stderr);
    const distinct = [...new Set(told.flatMap(commandsOf))];
    expect(distinct).toHaveLength(given.suggested.length);
    for (const [index, line] of distinct.entries()) {
      expect(line).toContain(` ${CONNECTED}`);
      const bare = line.replace(` ${CONNECTED}`, '').replace(/^AWS_\S+ AWS_\S+ /, '');
      expect(bare).toBe(given.suggested[index]?.replace(/\bT\b/, TableName));
      if (bare.startsWith('aws ')) await runAws(line);
      else expect((await cli.shell(line.replace(/^ttl-archive/, '$CLI'), { cwd })).status).toBe(0);
    }
    const works = await cli.shell(`$CLI ${given.works} --table ${TableName} ${CONNECTED}`, { cwd });
    expect(works).toMatchObject({ status: 0 });
    // Tables with TTL make the sweep of the others slow.
    await call(LOCAL, 'DynamoDB_20120810.DeleteTable', { TableName });
  });

  it('names the archive to verify', async ({ expect }) => {
    const cwd = await folder();
    const table = await createLocalTable(LOCAL);
    await table.putAndDelete([{ PK: { S: 'a' } }]);
    const at = `--table ${table.TableName} --endpoint-url ${LOCAL}`;
    await cli.shell(`$CLI watch --once --deletions all --out 'my archive' ${at}`, { cwd });
    await cli.shell(`echo '{}' > "$(ls -d my\\ archive/*.json)"`, { cwd });
    const { status, stderr } = await cli.shell(`$CLI find --key a --show --out 'my archive'`, { cwd });
    expect(status).toBe(10);
    const [line = ''] = jsonLines(stderr.slice(stderr.indexOf('{'))).flatMap(commandsOf);
    expect(line).toBe("ttl-archive verify --out 'my archive'");
    expect((await cli.shell(line.replace(/^ttl-archive/, '$CLI'), { cwd })).status).toBe(10);
  });
});
