import { onTestFinished } from 'vitest';
import { ServerClock } from '../../../src/aws/server-clock.js';
import { readPrunes } from '../../../src/journal/prunes.js';
import { readJournal } from '../../../src/journal/read-journal.js';
import type { JournalLine, ObjectStorage } from '../../../src/ports/index.js';
import { verifyArchive } from '../../../src/verify/verify.js';
import type { WatchOptions } from '../../../src/watch/options.js';
import { watch } from '../../../src/watch/watch.js';
import { inProcessStreams } from '../../support/in-process-streams.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { memoryStorage, type StorageFault } from '../../support/memory-storage.js';
import { notedLog } from '../../support/noted-log.js';
import { readS3Archive } from '../../support/s3-archive-oracle.js';
import { SIMULATED_START, simulatedClock } from '../../support/simulated-clock.js';
import type { PutRecord } from '../../support/streams-server/stream-model.js';
import { StreamModel, seededRandom, ttlDelete } from '../../support/streams-server.js';

const OUT = '/archive';
const HOUR = 3_600_000;

/** A table with deletions of two hours, an archive on a disk in memory, and objects in memory. */
export function uploadFixture() {
  const clock = simulatedClock();
  const model = new StreamModel({ now: () => clock.now() });
  const [shard = ''] = model.createTable({ TableName: 'T' }).shards;
  model.settings.cutPage = () => 2;
  const objects = new Map<string, Buffer>();
  const put: PutRecord[] = [];
  const fixture = {
    clock,
    model,
    disk: new MemoryDisk(),
    objects,
    /** Puts TTL deletions into the stream, half of them an hour ago. */
    put(count: number, from = put.length): void {
      for (let index = from; index < from + count; index++) {
        const item = { PK: { S: `item ${index}` }, ttl: { N: '1795446313' }, text: { S: `${index}`.repeat(30) } };
        const at = SIMULATED_START - (index < from + count / 2 ? HOUR : 0);
        put.push(...model.put(shard, { ...ttlDelete(item), at }));
      }
    },
    start(
      options: Partial<WatchOptions> & { storage?: ObjectStorage; fault?: StorageFault } = {},
      upload: Partial<NonNullable<WatchOptions['upload']>> = {},
    ) {
      const stopping = new AbortController();
      const log = notedLog();
      const awsTime = new ServerClock(clock);
      const { storage = memoryStorage(objects, options.fault), fault: _, ...rest } = options;
      const watching = watch(
        {
          table: 'T',
          out: OUT,
          layout: 'segments',
          segmentSize: 1,
          upload: { to: 's3://bucket/T', ...upload },
          signal: stopping.signal,
          ...rest,
        },
        {
          ...inProcessStreams(model, { onDate: (date) => awsTime.setDate(date) }),
          clock,
          awsTime,
          disk: fixture.disk,
          log,
          random: seededRandom(1),
          storage,
        },
      );
      watching.done.catch(() => undefined); // Tests await it later.
      onTestFinished(() => stopping.abort());
      const events = () => log.lines.map(({ event }) => event);
      return {
        ...watching,
        log,
        events,
        end: () => clock.runUntil(watching.done),
        stop: () => {
          stopping.abort();
          return clock.runUntil(watching.done);
        },
        /** Lets time pass until the condition holds. */
        until: (condition: () => boolean) =>
          clock.runUntil(
            (async () => {
              while (!condition()) await clock.sleep(100);
            })(),
          ),
      };
    },
    /** The process is killed: the next one finds what is on the disk. */
    kill(): void {
      fixture.disk = fixture.disk.kill();
      fixture.freeLock();
    },
    /** The machine loses its power. */
    cutPower(seed: number): void {
      fixture.disk = fixture.disk.crash({ random: seededRandom(seed) });
      fixture.freeLock();
    },
    /** The next process has another pid; here it is the same one, whose lock would count as held. */
    freeLock(): void {
      fixture.disk.put(`${OUT}/.ttl-archive/lock`, undefined);
    },
    /** The paths of closed segments. */
    segments: () =>
      fixture.disk
        .paths()
        .filter((path) => path.startsWith(`${OUT}/year=`))
        .map((path) => path.slice(OUT.length + 1)),
    /** What is not as it must be: every deletion in S3 exactly once, with its bytes. */
    s3Problems(): string[] {
      const lines = new Map(readS3Archive(objects).map(({ eventID, line }) => [eventID, line]));
      const wrong = put.filter(({ eventID, json }) => {
        const image: unknown = JSON.parse(json).dynamodb.OldImage;
        return lines.get(eventID) !== JSON.stringify({ Item: image });
      });
      const names = [...objects.keys()].filter((key) => key.startsWith('year='));
      const total = names.reduce((sum, key) => sum + itemsIn(objects, key), 0);
      return [
        ...wrong.map(({ eventID }) => `${eventID} is not in S3 as it was`),
        ...(total === put.length ? [] : [`${total} lines of ${put.length}`]),
      ];
    },
    /** The newest file of the journal. */
    journalBytes(): Buffer {
      const path = fixture.disk.paths().findLast((each) => each.includes('/journal/')) ?? '';
      return fixture.disk.content(path) ?? Buffer.alloc(0);
    },
    async lines(): Promise<JournalLine[]> {
      const lines: JournalLine[] = [];
      for await (const record of readJournal({ disk: fixture.disk }, `${OUT}/.ttl-archive`)) {
        if ('line' in record) lines.push(record.line);
      }
      return lines;
    },
    async verify() {
      const { disk } = fixture;
      const found: string[] = [];
      const verification = await clock.runUntil(
        verifyArchive({
          disk,
          directory: OUT,
          journal: () => readJournal({ disk }, `${OUT}/.ttl-archive`),
          prunes: () => readPrunes({ disk }, `${OUT}/.ttl-archive`),
          files: async function* () {
            yield* fixture.segments();
          },
          clock,
          onFinding: ({ kind, file, detail }) => found.push(`${kind} ${file} ${detail}`),
        }),
      );
      return { ...verification, found };
    },
  };
  return fixture;
}

/** Items of one data object: those that another one has, too, are not left out. */
function itemsIn(objects: ReadonlyMap<string, Buffer>, key: string): number {
  const copy = new Map(
    [...objects].filter(([other]) => other === key || other.endsWith(`${key.slice(0, -8)}.ndjson.gz`)),
  );
  return readS3Archive(copy).length;
}
