import { describe, expect, it } from 'vitest';
import { TtlArchiveError } from '../../../src/errors.js';
import type { TablesClient } from '../../../src/ports/index.js';
import { inProcessStreams } from '../../support/in-process-streams.js';
import { watchFixture } from './watch-fixture.js';

/** Rejects the first `count` calls. */
function failing<A extends unknown[], R>(call: (...args: A) => Promise<R>, count: number, code: 'NETWORK' | 'SERVICE') {
  let left = count;
  return async (...args: A): Promise<R> => {
    if (left-- > 0) throw new TtlArchiveError(code, 'It fails.');
    return call(...args);
  };
}

describe('watch: the retry policy of --once', () => {
  function fixture() {
    const { model, put, once } = watchFixture();
    put(model.createTable({ TableName: 'T' }).shards[0], 'a');
    const { tables } = inProcessStreams(model);
    return {
      tables,
      run: (spoilt: Partial<TablesClient>) => once({}, { tools: { tables: { ...tables, ...spoilt } } }),
    };
  }

  it('ends as UNREACHABLE after four attempts without a response', async () => {
    const { tables, run } = fixture();
    const silent = {
      describeTable: failing(tables.describeTable, 4, 'NETWORK'),
      describeTimeToLive: failing(tables.describeTimeToLive, 4, 'NETWORK'),
    };
    await expect(run(silent)).rejects.toMatchObject({ code: 'UNREACHABLE', cause: { code: 'NETWORK' } });
  });

  it.each(['describeTable', 'describeTimeToLive'] as const)('retries when only %s gets no response', async (silent) => {
    const { tables, run } = fixture();
    const spoilt: Partial<TablesClient> =
      silent === 'describeTable'
        ? { describeTable: failing(tables.describeTable, 6, 'NETWORK') }
        : { describeTimeToLive: failing(tables.describeTimeToLive, 6, 'NETWORK') };
    expect(await run(spoilt)).toMatchObject({ archived: ['a'] });
  });

  it('retries when the service responds with errors', async () => {
    const { tables, run } = fixture();
    const spoilt = {
      describeTable: failing(tables.describeTable, 8, 'SERVICE'),
      describeTimeToLive: failing(tables.describeTimeToLive, 8, 'SERVICE'),
    };
    expect(await run(spoilt)).toMatchObject({ archived: ['a'] });
  });
});
