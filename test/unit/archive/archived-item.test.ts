import { describe, expect, it } from 'vitest';
import { toArchivedItem } from '../../../src/archive/archived-item.js';
import { hasCode } from '../../../src/errors.js';
import type { ArchivedItem, ChangeRecord, Format } from '../../../src/ports/index.js';
import { changeRecord, DELETED_AT, type SampleRecord, wireItem } from '../../support/change-record.js';

function archived(sample: SampleRecord | ChangeRecord, format: Format = 'item', ttlAttribute = 'ttl'): ArchivedItem {
  const record = changeRecord(sample);
  return toArchivedItem(record, { ShardId: 'shardId-1', provenance: 'ttl', format, ttlAttribute });
}

function bodyOf(image: string, format: Format): string {
  return archived({ dynamodb: { OldImage: wireItem(image) } }, format).body.toString();
}

/** `{"M":{"a":{"M":{"a": … {"S":"x"} … }}}}` */
function nested(levels: number): string {
  return `{"a":${'{"M":{"a":'.repeat(levels)}{"S":"x"}${'}}'.repeat(levels)}}`;
}

const EVERY_TYPE =
  '{"s":{"S":"é\\n\\u0000\\ud800"},"e":{"S":""},"n":{"N":"12345678901234567890123456789012345678"},"b":{"B":"AAEC"},' +
  '"eb":{"B":""},"t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true},"m":{"M":{"x":{"N":"1.50"},"l":{"L":[]}}},' +
  '"l":{"L":[{"S":"a"},{"L":[{"N":"-.5"}]},{"M":{}}]},"ss":{"SS":["a","b"]},"ns":{"NS":["1","+2E+3"]},"bs":{"BS":["AA==",""]},' +
  '"__proto__":{"S":"p"},"constructor":{"M":{"__proto__":{"N":"1"}}},"toJSON":{"S":"j"}}';

describe('toArchivedItem', () => {
  it('keeps the facts of the record', () => {
    expect(archived({}).record).toEqual({
      eventID: 'event-1',
      ShardId: 'shardId-1',
      SequenceNumber: '100000000000000000000001',
      Keys: { PK: { S: 'user-1' } },
      ttl: DELETED_AT - 10,
      deletedAt: '2026-11-23T12:00:00.000Z',
      provenance: 'ttl',
    });
  });

  it('sorts the attribute names of Keys', () => {
    const { record } = archived({ dynamodb: { Keys: { b: { S: '1' }, a: { S: '2' } } } });
    expect(JSON.stringify(record.Keys)).toBe('{"a":{"S":"2"},"b":{"S":"1"}}');
  });

  it.each([
    ['{"ttl":{"N":"1795446313"}}', 1_795_446_313, '1795446313-'],
    ['{"ttl":{"N":"-7"}}', -7, '0000000000-'],
    ['{"ttl":{"N":"1.5"}}', 1.5, '0000000001-'],
    ['{"ttl":{"N":"1E+30"}}', 1e30, '9999999999-'],
    ['{"ttl":{"N":"12345678901234567890123456789012345678"}}', 1.2345678901234568e37, '9999999999-'],
    ['{"ttl":{"N":"1e999"}}', undefined, 'no-ttl-'],
    ['{"ttl":{"N":"soon"}}', undefined, 'no-ttl-'],
    ['{"ttl":{"N":""}}', undefined, 'no-ttl-'],
    ['{"ttl":{"N":5}}', undefined, 'no-ttl-'],
    ['{"ttl":{"S":"1795446313"}}', undefined, 'no-ttl-'],
    ['{"ttl":null}', undefined, 'no-ttl-'],
    ['{}', undefined, 'no-ttl-'],
  ])('reads the ttl of %s', (image, ttl, prefix) => {
    const item = archived({ dynamodb: { OldImage: wireItem(image) } });
    expect(item.record.ttl).toBe(ttl);
    expect(Object.hasOwn(item.record, 'ttl')).toBe(ttl !== undefined);
    expect(item.fileName.startsWith(prefix)).toBe(true);
  });

  it('returns no ttl when the attribute is only inherited', () => {
    expect(archived({}, 'item', 'constructor').record.ttl).toBeUndefined();
    expect(archived({}, 'item', '__proto__').record.ttl).toBeUndefined();
  });

  it.each([undefined, null, -1, 1e30, Number.NaN, '5'])('dates a deletion at the time %s to 1970', (seconds) => {
    const item = archived({ dynamodb: { ApproximateCreationDateTime: seconds } });
    expect(item.record.deletedAt).toBe('1970-01-01T00:00:00.000Z');
  });

  it('rejects a record without OldImage', () => {
    expect(() => archived({ dynamodb: { OldImage: undefined } })).toThrow('without OldImage');
  });
});

describe('format item', () => {
  it('is the OldImage as sent', () => {
    expect(bodyOf(EVERY_TYPE, 'item')).toBe(EVERY_TYPE);
  });

  it('keeps unknown types and deep nesting', () => {
    const odd = '{"a":{"X":[1,{"Y":null}]},"b":null}';
    expect(bodyOf(odd, 'item')).toBe(odd);
    expect(bodyOf(nested(32), 'item')).toBe(nested(32));
  });
});

describe('format record', () => {
  it('is the whole record as sent', () => {
    const record = changeRecord({ dynamodb: { OldImage: wireItem(EVERY_TYPE) } });
    const body = archived(record, 'record').body.toString();
    expect(body).toBe(JSON.stringify(record));
    expect(body).toContain(EVERY_TYPE);
  });
});

describe('format plain', () => {
  it('is ordinary JSON of every type, with exact numbers', () => {
    expect(bodyOf(EVERY_TYPE, 'plain')).toBe(
      '{"s":"é\\n\\u0000\\ud800","e":"","n":12345678901234567890123456789012345678,"b":"AAEC","eb":"","t":true,"f":false,' +
        '"z":null,"m":{"x":1.50,"l":[]},"l":["a",[-0.5],{}],"ss":["a","b"],"ns":[1,2e+3],"bs":["AA==",""],' +
        '"__proto__":"p","constructor":{"__proto__":1},"toJSON":"j"}',
    );
  });

  it('nests as deeply as DynamoDB allows', () => {
    expect(bodyOf(nested(32), 'plain')).toBe(`{"a":${'{"a":'.repeat(32)}"x"${'}'.repeat(32)}}`);
  });

  it.each([
    ['an unknown type', '{"secret":{"X":"1"}}'],
    ['two types', '{"secret":{"S":"1","N":"1"}}'],
    ['no type', '{"secret":{}}'],
    ['null', '{"secret":null}'],
    ['a text', '{"secret":"x"}'],
    ['a list', '{"secret":["S"]}'],
    ['a malformed number', '{"secret":{"N":"1;2"}}'],
    ['a number as a JSON number', '{"secret":{"N":1}}'],
    ['a text as a number', '{"secret":{"S":1}}'],
    ['BOOL as text', '{"secret":{"BOOL":"true"}}'],
    ['a map that is a list', '{"secret":{"M":[]}}'],
    ['a map that is null', '{"secret":{"M":null}}'],
    ['a list that is a map', '{"secret":{"L":{}}}'],
    ['a set of numbers as JSON numbers', '{"secret":{"NS":[1]}}'],
    ['a set of values', '{"secret":{"SS":[{"S":"x"}]}}'],
    ['a type that every object inherits', '{"secret":{"constructor":"x"}}'],
  ])('rejects %s without naming the value', (_name, image) => {
    const act = (): string => bodyOf(image, 'plain');
    expect(act).toThrow(
      expect.objectContaining({ code: 'VALIDATION', remedy: expect.stringContaining('--format item') }),
    );
    expect(act).not.toThrow(/secret/);
  });
});

describe.each(['item', 'record', 'plain'] as const)('format %s', (format) => {
  it('rejects maps nested deeper than the stack', () => {
    let error: unknown;
    try {
      bodyOf(nested(200_000), format);
    } catch (thrown) {
      error = thrown;
    }
    expect(hasCode(error, 'VALIDATION')).toBe(true);
  });

  it('rejects lists nested deeper than the stack', () => {
    const image = `{"a":${'{"L":['.repeat(200_000)}${']}'.repeat(200_000)}}`;
    expect(() => bodyOf(image, format)).toThrow(expect.objectContaining({ code: 'VALIDATION' }));
  });
});
