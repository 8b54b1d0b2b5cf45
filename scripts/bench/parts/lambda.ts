import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BUCKET, startS3Server } from '../../../test/support/s3-server/s3-server.js';
import { PROGRAMS, ROOT, runToEnd } from '../processes.js';
import { interleave, median } from '../statistics.js';
import type { BenchContext, Row } from '../types.js';

const ITEM = 600;
/** https://aws.amazon.com/s3/pricing/: us-east-1, Standard. */
const DOLLARS_A_PUT = 0.005 / 1000;

/** What the program says on stderr. */
interface Handled {
  readonly ms: number;
  readonly cpuMs: number;
  readonly objects: number;
  readonly bytes: number;
}

/** A million TTL deletions through the Lambda handler, beside the logic of AWS's sample, with an S3 that takes no time. */
export async function lambda({ runs, quick, tell }: BenchContext): Promise<Row[]> {
  const records = quick ? 100_000 : 1_000_000;
  const peaks: number[] = [];
  const handled = (contender: string) => async () => {
    const args = [PROGRAMS.lambdaEvents, contender, String(records), String(ITEM)];
    const { stderr, peakMb } = await runToEnd(process.execPath, args, { usage: true });
    if (contender === 'ours') peaks.push(peakMb);
    const used: Handled = JSON.parse(stderr);
    return used;
  };
  const { ours, sample } = await interleave(
    runs,
    { ours: handled('ours'), sample: handled('sample') },
    (name, { cpuMs }) => tell(`${name} ${Math.round((records / cpuMs) * 1000)} records a CPU second`),
  );
  const cold = await coldStarts(runs * 2);
  const { size } = await stat(join(ROOT, 'dist/lambda-function/index.mjs'));
  const perSecond = (all: readonly Handled[], used: 'ms' | 'cpuMs') => all.map((each) => (records / each[used]) * 1000);
  const puts = ours.map(({ objects }) => (objects / records) * 1_000_000);
  const row = (measure: string, unit: string, samples: readonly number[]) => ({
    part: 'lambda',
    measure,
    unit,
    samples,
  });
  const [own, theirs] = [perSecond(ours, 'cpuMs'), perSecond(sample, 'cpuMs')];
  return [
    { ...row('records a CPU second', '/s', own), ratio: median(own) / median(theirs), baseline: "AWS's sample logic" },
    row("records a CPU second, AWS's sample logic", '/s', theirs),
    row('records a second', '/s', perSecond(ours, 'ms')),
    { ...row('peak memory, events included', 'MB', peaks), note: `events of 10,000 items of ${ITEM} bytes` },
    { ...row('S3 puts for a million', '', puts), note: `$${(median(puts) * DOLLARS_A_PUT).toFixed(4)}` },
    row(
      'stored for a million',
      'MB',
      ours.map(({ bytes }) => ((bytes / records) * 1_000_000) / 2 ** 20),
    ),
    { ...row('cold start, first batch archived', 'ms', cold.first), note: 'the whole process, S3 on loopback' },
    row('node -e 0', 'ms', cold.empty),
    row('bundle', 'KB', [size / 1024]),
  ];
}

async function coldStarts(runs: number) {
  const server = await startS3Server();
  const env = { TTL_ARCHIVE_BUCKET: BUCKET, AWS_ENDPOINT_URL_S3: server.endpointUrl };
  const ms = (args: readonly string[]) => async () => (await runToEnd(process.execPath, args, { env })).ms;
  try {
    return await interleave(runs, { first: ms([PROGRAMS.lambdaCold]), empty: ms(['-e', '0']) });
  } finally {
    await server.close();
  }
}
