import { describe, expect, it } from 'vitest';
import { parseTableArn, tableNameOf } from '../../../src/lib/table-arn.js';

describe('parseTableArn', () => {
  it.each([
    ['arn:aws:dynamodb:eu-west-1:123456789012:table/Orders', { region: 'eu-west-1', name: 'Orders' }],
    ['arn:aws-us-gov:dynamodb:us-gov-west-1:123456789012:table/a.b_c-d', { region: 'us-gov-west-1', name: 'a.b_c-d' }],
    ['Orders', undefined],
  ])('of %s', (table, parts) => {
    expect(parseTableArn(table)).toEqual(parts);
  });

  it.each([
    'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/stream/2026-11-25T10:51:29.611',
    'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/index/byDate',
    'arn:aws:s3:::bucket',
    'arn:',
  ])('rejects %s', (table) => {
    expect(() => parseTableArn(table)).toThrowError(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('tableNameOf', () => {
  it('accepts a name and an ARN', () => {
    expect(['Orders', 'arn:aws:dynamodb:eu-west-1:1:table/Orders'].map(tableNameOf)).toEqual(['Orders', 'Orders']);
  });
});
