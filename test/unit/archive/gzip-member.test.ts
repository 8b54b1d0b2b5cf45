import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gzipMember, linesOf, readGzipMember } from '../../../src/archive/gzip-member.js';
import { MemoryDisk } from '../../support/memory-disk.js';

const PATH = '/segment';

function diskWith(content: Buffer): MemoryDisk {
  const disk = new MemoryDisk();
  disk.put(PATH, content);
  return disk;
}

describe('readGzipMember', () => {
  it('reads each of several members, small and larger than a chunk', async () => {
    const texts = ['a\n', `${randomBytes(150_000).toString('base64')}\n`, 'b\n'.repeat(300_000), 'ü\n'];
    const members = await Promise.all(texts.map(gzipMember));
    const disk = diskWith(Buffer.concat(members));
    let offset = 0;
    for (const [index, text] of texts.entries()) {
      const member = await readGzipMember({ disk }, { path: PATH, offset: offset });
      expect(member?.content.toString() === text).toBe(true);
      expect(member?.end).toBe(offset + (members[index]?.length ?? 0));
      offset = member?.end ?? -1;
    }
    expect(await readGzipMember({ disk }, { path: PATH, offset: offset })).toBeUndefined();
  });

  it('reads what any gunzip reads', async () => {
    const both = Buffer.concat(await Promise.all(['one\n', 'two\n'].map(gzipMember)));
    expect(gunzipSync(both).toString()).toBe('one\ntwo\n');
  });

  it('finds every altered bit', async () => {
    const text = '{"Item":{"PK":{"S":"x"}}}\n';
    const member = await gzipMember(text);
    const following = await gzipMember('next\n');
    const untold: unknown[] = [];
    for (let bit = 0; bit < member.length * 8; bit++) {
      const altered = Buffer.concat([member, following]);
      altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const found = await readGzipMember({ disk: diskWith(altered) }, { path: PATH, offset: 0 });
      // Unused bits at the end of the deflate data have no meaning; every reader sees the same content.
      if (found !== undefined && !(found.content.equals(Buffer.from(text)) && found.end === member.length))
        untold.push(bit);
    }
    expect(untold).toEqual([]);
  });

  it('returns undefined for a member that is cut short anywhere', async () => {
    const member = await gzipMember('some lines\n'.repeat(10));
    for (let length = 0; length < member.length; length++) {
      const disk = diskWith(member.subarray(0, length));
      expect(await readGzipMember({ disk }, { path: PATH, offset: 0 })).toBeUndefined();
    }
  });

  it('returns undefined in the middle of a member', async () => {
    const disk = diskWith(await gzipMember('a\n'));
    expect(await readGzipMember({ disk }, { path: PATH, offset: 3 })).toBeUndefined();
  });

  it('throws the error of the disk', async () => {
    const disk = diskWith(await gzipMember(`${randomBytes(150_000).toString('base64')}\n`));
    let reads = 0;
    disk.failWhen((operation) => (operation === 'readAt' && ++reads === 3 ? 'EIO' : undefined));
    await expect(readGzipMember({ disk }, { path: PATH, offset: 0 })).rejects.toThrow(
      expect.objectContaining({ code: 'DISK' }),
    );
  });
});

describe('linesOf', () => {
  it.each([
    ['', []],
    ['a\n', ['a']],
    ['a\n\nb\n', ['a', '', 'b']],
    ['a\nrest', ['a']],
  ])('splits %j', (content, expected) => {
    expect(linesOf(Buffer.from(content)).map(String)).toEqual(expected);
  });
});

describe('readGzipMember, given a bomb', () => {
  it('stops inflating at the limit', async () => {
    const disk = diskWith(await gzipMember('\n'.repeat(50_000_000)));
    const before = process.memoryUsage().rss;
    expect(await readGzipMember({ disk }, { path: PATH, offset: 0, limit: 1000 })).toBeUndefined();
    expect(await readGzipMember({ disk }, { path: PATH, offset: 0 })).toBeUndefined();
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it('does not create millions of lines', async () => {
    const disk = diskWith(await gzipMember('\n'.repeat(30_000_000)));
    const member = await readGzipMember({ disk }, { path: PATH, offset: 0 });
    expect(linesOf(member?.content ?? Buffer.alloc(0)).length).toBe(100_000);
  });
});
