import { hash } from 'node:crypto';
import { manifestOf, partitionOf } from '../../../src/archive/layout.js';
import { encodeManifest } from '../../../src/archive/manifest.js';
import type { ItemEntry } from '../../../src/ports/index.js';
import { startS3Server } from '../../../test/support/s3-server/s3-server.js';
import { BIN, runToEnd } from '../processes.js';
import { interleave } from '../statistics.js';
import type { BenchContext, Row } from '../types.js';

const OBJECTS = 500;
/** Objects of one hour: as many as batches of a busy table. */
const IN_HOUR = 10;
const START = Date.UTC(2026, 10, 1);

/** `find` in the manifests of an archive in S3 of a million items in 500 objects, from the start of the process to its end. */
export async function s3Find({ runs, quick, tell }: BenchContext): Promise<Row[]> {
  const items = quick ? 100_000 : 1_000_000;
  const server = await startS3Server();
  try {
    for (let object = 0; object < OBJECTS; object++) {
      const time = new Date(
        START + Math.floor(object / IN_HOUR) * 3_600_000 + (object % IN_HOUR) * 300_000,
      ).toISOString();
      const file = `${partitionOf(time)}/${time.replace(/\.\d+|[-:]/g, '')}-${String(object).padStart(32, '0')}.json.gz`;
      const entries = Array.from({ length: items / OBJECTS }, (_, line) => entryOf(object, line, { time, file }));
      server.objects.set(manifestOf(file), await encodeManifest({ table: 'Orders', file }, entries));
    }
    const bytes = [...server.objects.values()].reduce((sum, { length }) => sum + length, 0);
    tell(`${items} items in ${OBJECTS} manifests of ${(bytes / 2 ** 20).toFixed(0)} MB`);
    const find = (...args: string[]) =>
      runToEnd(
        process.execPath,
        [BIN, 'find', '--out', 's3://bucket', '--s3-endpoint-url', server.endpointUrl, ...args],
        { usage: true },
      );
    const peaks: Record<string, number[]> = { key: [], count: [] };
    const measure = (name: string, args: readonly string[]) => async () => {
      const { ms, peakMb } = await find(...args);
      peaks[name]?.push(peakMb);
      return ms / 1000;
    };
    const samples = await interleave(
      runs,
      {
        key: measure('key', ['--key', 'session-321-77']),
        count: measure('count', ['--since', '2026-11-01', '--count']),
      },
      (name, seconds) => tell(`${name} ${seconds.toFixed(2)} s`),
    );
    const row = (measured: string, own: readonly number[], unit: string) => ({
      part: 's3-find',
      measure: measured,
      unit,
      samples: own,
    });
    return [
      { ...row('find --key', samples.key, 's'), target: { is: 'at most', value: 3, of: 'median' } },
      { ...row('find --key, peak memory', peaks['key'] ?? [], 'MB'), note: 'Node.js alone: 45' },
      row('find --count', samples.count, 's'),
      row('find --count, peak memory', peaks['count'] ?? [], 'MB'),
    ];
  } finally {
    await server.close();
  }
}

function entryOf(object: number, line: number, { time, file }: { time: string; file: string }): ItemEntry {
  const name = `session-${object}-${line}`;
  return {
    eventID: hash('md5', name),
    ShardId: '',
    SequenceNumber: `${object}${String(line).padStart(24, '0')}`,
    Keys: { PK: { S: name } },
    ttl: Math.floor(Date.parse(time) / 1000) - 600,
    deletedAt: time,
    provenance: 'ttl',
    file,
    sha256: hash('sha256', name),
    size: 600,
    offset: 0,
    line,
  };
}
