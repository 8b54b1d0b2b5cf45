import { describe, expect, it } from 'vitest';
import { ttlDelete } from '../../support/streams-server.js';
import { watchFixture } from './watch-fixture.js';

const PAGES = 1000;

describe('watch: deletions without OldImage', () => {
  it('keep memory and snapshot small, however many pages of them come', async () => {
    const { model, disk, once, lines } = watchFixture();
    const [ShardId = ''] = model.createTable({ TableName: 'T' }).shards;
    model.settings.cutPage = () => 3;
    for (let index = 0; index < PAGES * 3; index++) model.put(ShardId, ttlDelete({ PK: { S: `${index}` } }));
    const mutate = (body: string) => body.replaceAll('"OldImage"', '"NotAnImage"');
    const { summary } = await once({}, { mutate });
    expect(summary.archived).toBe(0);
    expect(summary.gaps).toHaveLength(1);
    expect(summary.gaps[0]).toMatchObject({ ShardId, cause: 'no-old-image', records: PAGES * 3 });
    expect(summary.gapCount).toBe(PAGES);
    const told = (await lines()).filter((line) => line.type === 'gap').map(({ records }) => records);
    expect(told).toEqual(Array.from({ length: PAGES }, () => 3));
    const snapshot = await disk.read('/archive/.ttl-archive/checkpoints.json', 1_000_000);
    expect(snapshot?.length).toBeLessThan(2000);
  });
});
