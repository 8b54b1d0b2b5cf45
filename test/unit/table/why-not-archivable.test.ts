import { describe, expect, it } from 'vitest';
import type { TableDescription } from '../../../src/ports/index.js';
import { whyNotArchivable } from '../../../src/table/why-not-archivable.js';

const TABLE = {
  TableName: 'T',
  TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/T',
  TableStatus: 'ACTIVE',
  keySchema: [],
} as const;
const LatestStreamArn = `${TABLE.TableArn}/stream/1`;
const on = (viewType: string): TableDescription => ({ ...TABLE, stream: { enabled: true, viewType }, LatestStreamArn });

describe('whyNotArchivable', () => {
  it.each(['OLD_IMAGE', 'NEW_AND_OLD_IMAGES'])('accepts view type %s', (viewType) => {
    expect(whyNotArchivable(on(viewType), undefined, 'ttl')).toBeUndefined();
    expect(whyNotArchivable(on(viewType), { status: 'DISABLED' }, 'all')).toBeUndefined();
  });

  it.each(['KEYS_ONLY', 'NEW_IMAGE'])('rejects view type %s and says how to replace it', (viewType) => {
    const why = whyNotArchivable(on(viewType), undefined, 'ttl');
    expect(why).toMatchObject({ code: 'TABLE', message: expect.stringContaining(viewType) });
    expect(why?.commands.map(({ program, args }) => [program, ...args].join(' '))).toEqual([
      'aws dynamodb update-table --table-name T --stream-specification StreamEnabled=false',
      'ttl-archive setup --table T',
    ]);
  });

  it('rejects a table that never had a stream, and accepts one whose stream was switched off', () => {
    const off = { ...TABLE, stream: { enabled: false } };
    expect(whyNotArchivable(off, undefined, 'ttl')).toMatchObject({
      code: 'TABLE',
      message: 'Table "T" has no stream.',
      commands: [{ program: 'ttl-archive', args: ['setup', '--table', 'T'] }],
    });
    expect(whyNotArchivable({ ...off, LatestStreamArn }, undefined, 'ttl')).toBeUndefined();
  });

  it('requires TTL only for inferred deletions', () => {
    const table = on('OLD_IMAGE');
    expect(whyNotArchivable(table, { status: 'DISABLED' }, 'inferred')).toMatchObject({ code: 'TABLE' });
    expect(whyNotArchivable(table, undefined, 'inferred')).toMatchObject({ code: 'TABLE' });
    expect(whyNotArchivable(table, { status: 'DISABLED' }, 'ttl')).toBeUndefined();
    expect(whyNotArchivable(table, { status: 'ENABLING', attribute: 'x' }, 'inferred')).toBeUndefined();
  });
});
