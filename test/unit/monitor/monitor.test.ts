import { describe, expect, it } from 'vitest';
import { Monitor } from '../../../src/monitor/monitor.js';
import type { WatchProgress } from '../../../src/watch/summary.js';
import { FAULTS, type Fault } from '../../support/streams-server/faults.js';
import { watchFixture } from '../watch/watch-fixture.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const PROGRESS: WatchProgress = {
  isReady: true,
  shards: { open: 3, behind: 1, ended: 2 },
  records: 5000,
  archived: 1204,
  archivedBytes: 4096,
  archivedAs: { ttl: 1200, 'ddb-local': 0, inferred: 4, all: 0 },
  lastArchivedAt: 1_795_446_313_500,
  ignored: { insert: 1000, modify: 500, remove: 20, unknown: 1 },
  gapCount: 2,
  getRecordsCalls: 200_000,
  isLoopback: false,
  retries: { THROTTLED: 7 },
  lagMs: 2400,
  maxLagMs: 12 * HOUR,
  failingMs: undefined,
  stalledMs: 0,
};

function monitorOf(progress: Partial<WatchProgress> = {}, table = 'Orders') {
  const stopping = new AbortController();
  const build = { version: '1.2.3', node: '20.0.0' };
  const monitor = new Monitor({ build, signal: stopping.signal });
  monitor.add(() => [{ table, progress: { ...PROGRESS, ...progress } }]);
  return { monitor, stopping, metrics: () => monitor.answer('/metrics')?.body ?? '' };
}

/** Series → value, by an own reading of the text format. */
function seriesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

describe('Monitor: /metrics', () => {
  it('has every number of the progress', () => {
    const series = seriesOf(monitorOf().metrics());
    const expected = {
      'lag_seconds{table="Orders"}': 2.4,
      'lag_known{table="Orders"}': 1,
      'max_lag_seconds{table="Orders"}': 43_200,
      'time_to_trim_seconds{table="Orders"}': 86_397.6,
      'open_shards{table="Orders"}': 3,
      'behind_shards{table="Orders"}': 1,
      'ended_shards{table="Orders"}': 2,
      'read_records_total{table="Orders"}': 5000,
      'archived_items_total{table="Orders",provenance="inferred"}': 4,
      'archived_bytes_total{table="Orders"}': 4096,
      'last_archived_timestamp_seconds{table="Orders"}': 1_795_446_313.5,
      'ignored_records_total{table="Orders",kind="remove"}': 20,
      'gaps_total{table="Orders"}': 2,
      'get_records_calls_total{table="Orders"}': 200_000,
      'get_records_dollars_total{table="Orders"}': 0.04,
      'retries_total{table="Orders",cause="throttled"}': 7,
      'retries_total{table="Orders",cause="network"}': 0,
      'health{table="Orders",status="ok"}': 1,
      'health{table="Orders",status="behind"}': 0,
      'build_info{version="1.2.3",node="20.0.0"}': 1,
    };
    const found = Object.keys(expected).map((name) => [name, series.get(`ttl_archive_${name}`)]);
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it('has no lag, instead of zero, while it is not known', () => {
    const series = seriesOf(monitorOf({ lagMs: undefined }).metrics());
    expect(series.get('ttl_archive_lag_known{table="Orders"}')).toBe(0);
    expect([...series.keys()].filter((name) => /lag_seconds|trim|last/.test(name))).toEqual([
      'ttl_archive_max_lag_seconds{table="Orders"}',
      'ttl_archive_last_archived_timestamp_seconds{table="Orders"}',
    ]);
  });

  it('has the uploads only when there are some to make', () => {
    expect(monitorOf().metrics()).not.toContain('upload');
    const upload = { segments: 3, bytes: 10, waitingSegments: 2, waitingBytes: 7, failingMs: 1500, isPaused: true };
    const series = seriesOf(monitorOf({ upload }).metrics());
    expect([...series].filter(([name]) => name.includes('upload')).map(([, value]) => value)).toEqual([
      3, 10, 2, 7, 1.5, 1,
    ]);
  });

  it('costs nothing on an endpoint on this machine', () => {
    const series = seriesOf(monitorOf({ isLoopback: true }).metrics());
    expect(series.get('ttl_archive_get_records_dollars_total{table="Orders"}')).toBe(0);
  });

  it('escapes a table name that would end its label or its line', () => {
    const text = monitorOf({}, 'a"} 1\nevil{x="\\').metrics();
    expect(text).toContain('ttl_archive_ready{table="a\\"} 1\\nevil{x=\\"\\\\"} 1\n');
    expect(text).not.toMatch(/^evil/m);
  });

  it('has no series for ten thousand shards that it does not have for one', async () => {
    const series = [];
    for (const shards of [1, 10_000]) {
      const { clock, model, start } = watchFixture();
      model.createTable({ TableName: 'T', shards });
      const run = start();
      await clock.advance(5000);
      const { monitor } = monitorOf();
      monitor.add(() => [{ table: 'T', progress: run.progress() }]);
      expect(run.progress().shards.open).toBe(shards);
      series.push(seriesOf(monitor.answer('/metrics')?.body ?? ''));
      await run.stop();
    }
    const [one, many] = series.map((each) => [...each.keys()]);
    expect(many?.filter((name) => !one?.includes(name))).toEqual([]);
  });
});

describe('Monitor: /healthz', () => {
  it.each([
    [{ failingMs: HOUR }, 'endpoint-unreachable'],
    [{ stalledMs: HOUR }, 'stalled'],
    [{ lagMs: 13 * HOUR }, 'behind'],
    [{ lagMs: 2 * HOUR, maxLagMs: HOUR }, 'behind'],
  ])('answers 503 for %o, and names it', (progress, status) => {
    const answer = monitorOf(progress).monitor.answer('/healthz');
    expect(answer?.status).toBe(503);
    expect(answer?.body.split('\n')).toHaveLength(2);
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ status, table: 'Orders', reason: expect.any(String) });
  });

  it('names the table that is not healthy, of several', () => {
    const { monitor } = monitorOf();
    monitor.add(() => [{ table: 'Other', progress: { ...PROGRESS, stalledMs: HOUR, lagMs: undefined } }]);
    const { reason, ...body } = JSON.parse(monitor.answer('/healthz')?.body ?? '');
    expect(body).toEqual({ status: 'stalled', table: 'Other' });
    expect(reason).toMatch(/1h/);
  });

  it('says that reading is paused when uploads are the reason', () => {
    const upload = { segments: 0, bytes: 0, waitingSegments: 2, waitingBytes: 7, failingMs: HOUR, isPaused: true };
    expect(monitorOf({ stalledMs: HOUR, upload }).monitor.answer('/healthz')?.body).toMatch(/paused for 1h/);
  });

  it('is 200 while a table is well, and before the first one is watched', () => {
    expect(monitorOf().monitor.answer('/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}\n' });
  });

  it('is endpoint-unreachable for a run whose endpoint has stopped', async () => {
    const { clock, model, start } = watchFixture();
    model.createTable({ TableName: 'T' });
    const calls = { fault: undefined as Fault | undefined };
    const run = start({}, { faults: () => calls.fault });
    const monitor = new Monitor({
      build: { version: '', node: '' },
      signal: new AbortController().signal,
    });
    monitor.add(() => [{ table: 'T', progress: run.progress() }]);
    await clock.advance(MINUTE);
    expect(monitor.answer('/healthz')?.status).toBe(200);
    calls.fault = FAULTS.reset;
    await clock.advance(10 * MINUTE);
    expect(monitor.answer('/healthz')).toMatchObject({
      status: 503,
      body: expect.stringContaining('"endpoint-unreachable"'),
    });
  });
});

describe('Monitor: /readyz', () => {
  it('is 503 before the stream is found, the archive locked and the shards listed, then 200, and 503 at the end', async () => {
    const { clock, model, start } = watchFixture();
    model.createTable({ TableName: 'T' });
    let isDown = true;
    const stopping = new AbortController();
    const monitor = new Monitor({ build: { version: '', node: '' }, signal: stopping.signal });
    const ready = () => monitor.answer('/readyz');
    expect(ready()).toMatchObject({ status: 503, body: '{"status":"starting"}\n' });
    const down = ({ operation }: { operation: string }) =>
      isDown && operation === 'DescribeStream' ? FAULTS.reset : undefined;
    const run = start({}, { faults: down });
    monitor.add(() => [{ table: 'T', progress: run.progress() }]);
    await clock.advance(MINUTE);
    expect(ready()).toMatchObject({ status: 503, body: '{"status":"starting"}\n' });
    isDown = false;
    await clock.advance(MINUTE);
    expect(ready()).toMatchObject({ status: 200, body: '{"status":"ready"}\n' });
    stopping.abort();
    expect(ready()).toMatchObject({ status: 503, body: '{"status":"stopping"}\n' });
    await run.stop();
  });
});

describe('Monitor: several tables', () => {
  const tables = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ table: `T-${String(index).padStart(3, '0')}`, progress: PROGRESS }));

  it('has no more series for a thousand tables than for 101, and adds up those beyond', () => {
    const { monitor, metrics } = monitorOf();
    const before = seriesOf(metrics()).size - 1;
    monitor.add(() => tables(999));
    const series = seriesOf(metrics());
    expect(series.size - 1).toBe(before * 101);
    expect(series.get('ttl_archive_get_records_calls_total{table="(other)"}')).toBe(900 * PROGRESS.getRecordsCalls);
  });

  it('is ready without a table that fails, but its metric says that it is not', () => {
    const { monitor, metrics } = monitorOf({ isReady: true });
    const failing = { table: 'Failing', progress: { ...PROGRESS, isReady: false } };
    let isFailing = false;
    monitor.add(() => [{ ...failing, isFailing }]);
    expect(monitor.answer('/readyz')?.status).toBe(503);
    isFailing = true;
    expect(monitor.answer('/readyz')?.status).toBe(200);
    expect(seriesOf(metrics()).get('ttl_archive_ready{table="Failing"}')).toBe(0);
    expect(monitor.answer('/healthz')?.status).toBe(200);
  });

  it('is not healthy when all tables fail', () => {
    const monitor = new Monitor({
      build: { version: '', node: '' },
      signal: new AbortController().signal,
    });
    monitor.add(() => ['A', 'B'].map((table) => ({ table, progress: PROGRESS, isFailing: true })));
    expect(monitor.answer('/healthz')).toMatchObject({ status: 503, body: expect.stringContaining('"failing"') });
  });
});
