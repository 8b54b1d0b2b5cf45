import { env, stdout } from 'node:process';
import { pino } from 'pino';
import { systemClock } from '../lib/system-clock.js';
import type { Log } from '../ports/index.js';
import { createS3Storage } from '../s3/s3-storage.js';
import { type BatchResponse, createHandler, type Handler } from './create-handler.js';
import { type Settings, settingsOf } from './settings.js';

export type { BatchResponse } from './create-handler.js';

/** The waits between so many attempts add up to at most 13 seconds; then Lambda retries the batch. */
const ATTEMPTS = 8;

let made: Handler | undefined;

/**
 * The AWS Lambda function that archives what TTL deletes from a table to S3. It is set up by the environment variables that
 * docs/on-aws.md lists.
 */
export async function handler(event: unknown): Promise<BatchResponse> {
  made ??= fromEnvironment(settingsOf(env));
  return made(event);
}

function fromEnvironment({ bucket, prefix, endpointUrl, logLevel, failed, ...rule }: Settings): Handler {
  const log: Log = pino(
    {
      level: logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    stdout,
  );
  const context = { clock: systemClock, random: Math.random, attempts: ATTEMPTS };
  return createHandler({ storage: createS3Storage({ bucket, prefix, endpointUrl }, context), log, failed }, rule);
}
