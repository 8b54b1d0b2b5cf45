import { describe, expect, it } from 'vitest';
import { manifestOf } from '../../../src/archive/layout.js';
import { TtlArchiveError } from '../../../src/errors.js';
import type { ObjectStorage } from '../../../src/ports/index.js';
import { memoryStorage, type StorageFault } from '../../support/memory-storage.js';
import { SIMULATED_START } from '../../support/simulated-clock.js';
import { itemFiles, pruneDisk } from '../prune/prune-fixture.js';
import { uploadFixture } from './upload-fixture.js';

const outage = () => new TtlArchiveError('THROTTLED', 'S3 is busy.');

describe('watch with an upload', () => {
  it('has every deletion in S3 exactly once at the end of a run with once', async () => {
    const fixture = uploadFixture();
    fixture.put(12);
    const summary = await fixture.start({ once: true }).end();
    expect(fixture.s3Problems()).toEqual([]);
    expect((await fixture.verify()).found).toEqual([]);
    expect(summary.upload).toMatchObject({ segments: fixture.segments().length, waitingSegments: 0 });
    expect(fixture.segments().length).toBeGreaterThan(3);
  });

  it('passes over segments that were pruned before they were uploaded', async () => {
    const fixture = uploadFixture();
    fixture.put(12);
    const offline = () => {
      throw new TtlArchiveError('NETWORK', 'offline');
    };
    await fixture
      .start({ once: true, fault: offline })
      .end()
      .catch(() => undefined);
    const before = new Date(SIMULATED_START).toISOString();
    const all = fixture.segments().length;
    await pruneDisk(fixture.disk, before);
    const kept = itemFiles(fixture.disk);
    expect([kept.length > 0, kept.length < all]).toEqual([true, true]);
    const run = fixture.start({ once: true });
    const { upload } = await run.end();
    expect(upload).toMatchObject({ segments: kept.length, waitingSegments: 0 });
    expect(run.events()).not.toContain('segment.rejected');
    expect((await fixture.verify()).found).toEqual([]);
  });

  it('uploads a segment as soon as it is closed, while it follows', async () => {
    const fixture = uploadFixture();
    fixture.put(4);
    const run = fixture.start();
    await run.until(() => run.progress().upload?.segments === 2);
    expect((await run.stop()).upload).toMatchObject({ waitingSegments: 0 });
    expect(fixture.s3Problems()).toEqual([]);
  });

  it('uploads what was archived before it was used, and each segment once', async () => {
    const fixture = uploadFixture();
    fixture.put(6);
    await fixture.start({ once: true, upload: undefined }).end();
    const creations: string[] = [];
    const fault = ({ operation, key }: { operation: string; key: string }, done: boolean) => {
      if (operation === 'create' && !done && !key.endsWith('write-check')) creations.push(key);
    };
    for (let run = 0; run < 3; run++) {
      fixture.put(2);
      await fixture.start({ once: true, fault }).end();
    }
    expect(fixture.s3Problems()).toEqual([]);
    expect(creations).toHaveLength(new Set(creations).size);
  });

  it('finds the lines of a segment that was begun on an earlier day of the journal', async () => {
    const fixture = uploadFixture();
    fixture.put(2);
    const first = fixture.start({ segmentSize: 1e6, fault: () => Promise.reject(outage()) });
    await first.until(() => first.progress().archived === 2);
    fixture.kill();
    await first.stop().catch(() => undefined);
    await fixture.clock.advance(20 * 3_600_000);
    fixture.put(2);
    await fixture.start({ once: true }).end();
    expect(fixture.s3Problems()).toEqual([]);
    expect(fixture.disk.paths().filter((path) => path.includes('/journal/'))).toHaveLength(2);
  });

  it('leaves no manifest without data when compact deletes the data meanwhile', async () => {
    const fixture = uploadFixture();
    fixture.put(4);
    const fault: StorageFault = ({ operation, key }, done) => {
      if (operation !== 'create' || done || !key.includes('/manifests/')) return;
      for (const other of fixture.objects.keys()) {
        if (other.startsWith('year=') && manifestOf(other) === key) fixture.objects.delete(other);
      }
    };
    await fixture.start({ once: true, fault }).end();
    expect(fixture.s3Problems()).toEqual([]);
  });

  it('uploads with once also what was closed while the first call to S3 was under way', async () => {
    const fixture = uploadFixture();
    fixture.put(4);
    const storage = memoryStorage(fixture.objects);
    const slow: ObjectStorage = {
      ...storage,
      async create(key, ...rest) {
        if (!key.startsWith('year=')) await fixture.clock.sleep(5000);
        return storage.create(key, ...rest);
      },
    };
    const run = fixture.start({ once: true, storage: slow });
    const { upload } = await run.end();
    expect(upload).toMatchObject({ segments: fixture.segments().length, waitingSegments: 0 });
    expect(fixture.s3Problems()).toEqual([]);
  });

  it('begins to search the journal after what was uploaded', async () => {
    const fixture = uploadFixture();
    fixture.put(8);
    await fixture.start({ once: true }).end();
    const { length: before } = fixture.journalBytes();
    fixture.put(8);
    await fixture.start({ once: true }).end();
    const places = (await fixture.lines()).flatMap((line) =>
      line.type === 'checkpoint' && line.uploadedUpTo !== undefined ? [line.uploadedUpTo.offset] : [],
    );
    expect(places.at(-1)).toBeGreaterThanOrEqual(before);
  });

  it('warns once in an outage, archives all the while, and says when it is over', async () => {
    const fixture = uploadFixture();
    fixture.put(8);
    let isDown = true;
    const run = fixture.start({ fault: () => (isDown ? Promise.reject(outage()) : undefined) });
    await fixture.clock.advance(600_000);
    expect(run.progress()).toMatchObject({ archived: 8, upload: { segments: 0, waitingSegments: 4 } });
    expect(run.progress().upload?.failingMs).toBeGreaterThan(500_000);
    isDown = false;
    await run.until(() => run.progress().upload?.waitingSegments === 0);
    await run.stop();
    const events = run.events().filter((event) => event.startsWith('upload.'));
    expect(events).toEqual(['upload.failed', 'upload.recovered']);
    expect(fixture.s3Problems()).toEqual([]);
  });

  it('says what is left when it is stopped in an outage, and the next run uploads that', async () => {
    const fixture = uploadFixture();
    fixture.put(8);
    const run = fixture.start({ fault: () => Promise.reject(outage()) });
    await run.until(() => run.progress().archived === 8);
    const summary = await run.stop();
    expect(summary.upload).toMatchObject({ segments: 0, waitingSegments: 4 });
    expect(run.events()).toContain('upload.left');
    expect(await fixture.start({ once: true }).end()).not.toHaveProperty('uploadFailure');
    expect(fixture.s3Problems()).toEqual([]);
  });

  it('gives an upload in hand ten seconds when it is stopped', async () => {
    const fixture = uploadFixture();
    fixture.put(8);
    const hangs = () => new Promise<void>(() => {});
    const run = fixture.start({ fault: ({ key }) => (key.startsWith('year=') ? hangs() : undefined) });
    await run.until(() => run.progress().archived === 8);
    await run.stop();
    await fixture.start({ once: true }).end();
    expect(fixture.s3Problems()).toEqual([]);
  });

  it('gives up with once after a minute without a success, and has archived everything', async () => {
    const fixture = uploadFixture();
    fixture.put(8);
    const summary = await fixture.start({ once: true, fault: () => Promise.reject(outage()) }).end();
    expect(summary).toMatchObject({ archived: 8, interrupted: false, uploadFailure: { code: 'THROTTLED' } });
    expect((await fixture.verify()).found).toEqual([]);
  });

  it('can be stopped while it waits with once for an upload', async () => {
    const fixture = uploadFixture();
    fixture.put(8);
    const hangs = () => new Promise<void>(() => {});
    const run = fixture.start({ once: true, fault: ({ key }) => (key.startsWith('year=') ? hangs() : undefined) });
    await run.until(() => run.progress().upload?.waitingSegments === 4);
    expect(await run.stop()).toMatchObject({ interrupted: true, archived: 8, upload: { waitingSegments: 4 } });
  });

  it('ends at the first start when the bucket must not be written, and not at a later one', async () => {
    const fixture = uploadFixture();
    fixture.put(4);
    const denied = () => Promise.reject(new TtlArchiveError('ACCESS_DENIED', 'No.'));
    await expect(fixture.start({ fault: denied }).end()).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    await fixture.start({ once: true }).end();
    fixture.put(4);
    const run = fixture.start({ fault: denied });
    await run.until(() => run.progress().archived >= 4);
    await fixture.clock.advance(600_000);
    await run.stop();
    expect(run.log.lines.filter(({ event }) => event === 'upload.failed').map(({ level }) => level)).toEqual(['error']);
    await fixture.start({ once: true }).end();
    expect(fixture.s3Problems()).toEqual([]);
  });

  it('uploads nothing to the archive of another table, whether its name or only its manifests are there', async () => {
    const first = uploadFixture();
    first.put(2);
    await first.start({ once: true }).end();
    const check = '.ttl-archive/write-check';
    expect(String(first.objects.get(check))).toBe('T');
    const nameOnly = new Map([[check, Buffer.from('T')]]);
    const manifestsOnly = new Map([...first.objects].filter(([key]) => key !== check));
    const olderVersion = new Map([...manifestsOnly, [check, Buffer.alloc(0)]]);
    for (const objects of [nameOnly, manifestsOnly, olderVersion]) {
      const other = uploadFixture();
      other.model.createTable({ TableName: 'Other' });
      const before = new Map(objects);
      const run = other.start({ table: 'Other', storage: memoryStorage(objects) });
      await expect(run.end()).rejects.toMatchObject({
        code: 'TABLE',
        message: 's3://bucket/T holds the archive of table "T".',
      });
      expect(objects).toEqual(before);
      const own = uploadFixture();
      own.put(2);
      const { upload, uploadFailure } = await own.start({ once: true, storage: memoryStorage(objects) }).end();
      expect({ segments: upload?.segments, uploadFailure }).toEqual({ segments: 2, uploadFailure: undefined });
    }
  });

  it('removes no segment that S3 does not list', async () => {
    const fixture = uploadFixture();
    fixture.put(4);
    const storage = memoryStorage(fixture.objects);
    const forgetful: ObjectStorage = {
      ...storage,
      async *list(prefix) {
        for await (const object of storage.list(prefix)) if (!object.key.startsWith('year=')) yield object;
      },
    };
    const run = fixture.start({ once: true, storage: forgetful }, { deleteUploaded: true });
    expect(await run.end()).toMatchObject({ uploadFailure: { code: 'SERVICE' } });
    expect(fixture.segments()).toHaveLength(2);
    expect((await fixture.verify()).found).toEqual([]);
  });

  it('removes no segment of which S3 has stored a part', async () => {
    const fixture = uploadFixture();
    fixture.put(4);
    const storage = memoryStorage(fixture.objects);
    const cutting: ObjectStorage = {
      ...storage,
      create: (key, content) =>
        storage.create(key, key.startsWith('year=') ? content.subarray(0, content.length >> 1) : content),
    };
    const run = fixture.start({ once: true, storage: cutting }, { deleteUploaded: true });
    expect(await run.end()).toMatchObject({ uploadFailure: { code: 'NOT_VERIFIED' } });
    expect(fixture.segments()).toHaveLength(2);
  });

  it('removes no segment under whose name S3 has something else', async () => {
    const fixture = uploadFixture();
    fixture.put(4);
    await fixture.start({ once: true }).end();
    const [taken = ''] = [...fixture.objects.keys()].filter((key) => key.startsWith('year='));
    const again = uploadFixture();
    again.put(4);
    again.objects.set(taken, Buffer.from('something else'));
    const run = again.start({ once: true }, { deleteUploaded: true });
    expect(await run.end()).toMatchObject({ uploadFailure: { code: 'NOT_VERIFIED' } });
    expect(again.segments()).toHaveLength(1);
    expect(again.objects.has(manifestOf(taken))).toBe(false);
  });

  it('neither uploads nor removes a segment that was altered, and uploads the others', async () => {
    const fixture = uploadFixture();
    fixture.put(8);
    await fixture.start({ once: true, upload: undefined }).end();
    const [altered = ''] = fixture.segments();
    const content = fixture.disk.content(`/archive/${altered}`) ?? Buffer.alloc(0);
    const copy = Buffer.from(content);
    copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
    fixture.disk.put(`/archive/${altered}`, copy);
    const run = fixture.start({ once: true }, { deleteUploaded: true });
    expect(await run.end()).toMatchObject({ upload: { segments: 3 }, uploadFailure: { code: 'NOT_VERIFIED' } });
    expect(fixture.segments()).toEqual([altered]);
    expect(run.events()).toContain('segment.rejected');
    fixture.disk.put(`/archive/${altered}`, content);
    await fixture.start({ once: true }).end();
    expect(fixture.s3Problems()).toEqual([]);
  });

  it('stops reading at the spool limit, and goes on by itself', async () => {
    const fixture = uploadFixture();
    fixture.put(20);
    let isDown = true;
    const run = fixture.start({ fault: () => (isDown ? Promise.reject(outage()) : undefined) }, { spoolLimit: 400 });
    await fixture.clock.advance(3_600_000);
    const { archived, upload } = run.progress();
    expect(upload).toMatchObject({ isPaused: true, segments: 0 });
    expect(archived).toBeLessThan(20);
    isDown = false;
    await run.until(() => run.progress().archived === 20 && run.progress().upload?.waitingSegments === 0);
    await run.stop();
    const events = run.events().filter((event) => /paused|resumed/.test(event));
    expect(events.slice(0, 2)).toEqual(['upload.paused', 'upload.resumed']);
    expect(events.filter((event) => event === 'upload.paused')).toHaveLength(events.length / 2);
    expect(fixture.s3Problems()).toEqual([]);
    expect((await fixture.verify()).found).toEqual([]);
  });

  it('can be stopped at the spool limit, and loses nothing', async () => {
    const fixture = uploadFixture();
    fixture.put(20);
    const run = fixture.start({ fault: () => Promise.reject(outage()) }, { spoolLimit: 400 });
    await run.until(() => run.progress().upload?.isPaused === true);
    await run.stop();
    await fixture.start({ once: true }).end();
    expect(fixture.s3Problems()).toEqual([]);
  });

  it('gives up with once at the spool limit', async () => {
    const fixture = uploadFixture();
    fixture.put(20);
    const run = fixture.start({ once: true, fault: () => Promise.reject(outage()) }, { spoolLimit: 400 });
    await expect(run.end()).rejects.toMatchObject({ code: 'THROTTLED' });
    await fixture.start({ once: true }).end();
    expect(fixture.s3Problems()).toEqual([]);
  });

  it('loses nothing when the disk is full and S3 fails at the same time', async () => {
    const fixture = uploadFixture();
    fixture.put(12);
    const run = fixture.start({ fault: () => Promise.reject(outage()) });
    await run.until(() => run.progress().archived >= 4);
    fixture.put(12);
    fixture.disk.failWhen((operation) => (operation === 'append' || operation === 'write' ? 'ENOSPC' : undefined));
    await expect(run.end()).rejects.toMatchObject({ code: 'DISK' });
    fixture.disk.failWhen(undefined);
    await fixture.start({ once: true }, { deleteUploaded: true }).end();
    expect(fixture.s3Problems()).toEqual([]);
    expect((await fixture.verify()).found).toEqual([]);
  });

  it('keeps a segment that cannot be removed, and removes it at the next start', async () => {
    const fixture = uploadFixture();
    fixture.put(4);
    fixture.disk.failWhen((operation, path) =>
      operation === 'remove' && path.includes('year=') ? 'EACCES' : undefined,
    );
    const run = fixture.start({ once: true }, { deleteUploaded: true });
    await run.end();
    expect(run.events()).toContain('segment.not-removed');
    expect(fixture.segments()).toHaveLength(2);
    fixture.disk.failWhen(undefined);
    await fixture.start({ once: true }, { deleteUploaded: true }).end();
    expect(fixture.segments()).toEqual([]);
    expect(fixture.s3Problems()).toEqual([]);
  });

  it.each([
    [{ layout: 'files' as const }, '--layout'],
    [{ format: 'record' as const }, '--format'],
    [{ compress: 'none' as const }, '--compress'],
    [{ segmentSize: 2 ** 31 }, 'at most 1GB'],
    [{ upload: { to: 'bucket/T' } }, 'is not a place in S3'],
  ])('rejects %j before it reads or writes anything', async (options, message) => {
    const fixture = uploadFixture();
    await expect(fixture.start(options).end()).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(message),
    });
    expect(fixture.disk.paths()).toEqual([]);
    expect(fixture.clock.now()).toBe(SIMULATED_START);
  });
});
