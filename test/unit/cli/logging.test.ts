import { describe, expect, it } from 'vitest';
import { createLog } from '../../../src/cli/logging.js';
import { fakeIo } from '../../support/fake-io.js';

const OPTIONS = { logLevel: 'info', color: true } as const;

describe('createLog', () => {
  it('writes JSON lines when stderr is no terminal', async () => {
    const io = fakeIo();
    const log = createLog(OPTIONS, io);
    log.debug({ event: 'test.page' }, 'not at info');
    log.info({ event: 'test.page', ShardId: 'shard\n\u202e' }, 'page');
    const [line, rest] = io.err().split('\n');
    expect(JSON.parse(line ?? '')).toMatchObject({
      level: 'info',
      event: 'test.page',
      ShardId: 'shard\n\u202e',
      msg: 'page',
    });
    expect(line).not.toContain('\u202e');
    expect(rest).toBe('');
  });

  it('writes colored text on a terminal', async () => {
    const io = fakeIo({ stderr: { isTTY: true } });
    createLog(OPTIONS, io).info({ event: 'test.page', ShardId: 'a' }, 'page');
    expect(io.err()).toContain('\u001b[32mINFO');
    expect(io.err()).toContain('{"ShardId":"a"}');
  });

  it.each([
    [{ ...OPTIONS, color: false }, {}],
    [OPTIONS, { NO_COLOR: '1' }],
    [OPTIONS, { TERM: 'dumb' }],
  ])('has no colour and nothing that acts on a terminal with %j %j', async (options, env) => {
    const io = fakeIo({ stderr: { isTTY: true }, env });
    const log = createLog(options, io);
    log.warn(
      { event: 'test.odd', table: 'x\u001b]0;title\u0007\u009b31m', err: new Error('\u001b[2J') },
      'odd\u001b[1m',
    );
    expect(io.err()).toContain('odd\\u001b[1m');
    // oxlint-disable-next-line no-control-regex -- they are what it looks for
    expect(io.err()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it.each([80, 40])('breaks no word of a message on a terminal with %i columns', (columns) => {
    const io = fakeIo({ stderr: { isTTY: true, columns } });
    const log = createLog({ ...OPTIONS, color: false }, io);
    log.info({ event: 'test.page', ShardId: 'shardId-1' }, 'page');
    log.warn(
      { event: 'test.page', port: 8123, host: 'all' },
      'a sentence that is long enough to fill more than one line of it',
    );
    const lines = io.err().trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines[0]).toMatch(columns === 80 ? /INFO: page \{/ : /INFO: page$/);
    expect(lines.at(-1)).toBe('           {"port":8123,"host":"all"}');
  });

  it('shows time, level, message and other members on one line, and a stack below', () => {
    const io = fakeIo({ stderr: { isTTY: true } });
    const log = createLog({ ...OPTIONS, color: false }, io);
    log.warn({ event: 'test.page', ShardId: 'a', calls: 2 }, 'page');
    log.error({ event: 'test.page' }, 'alone');
    log.error({ event: 'test.odd', err: new TypeError('broken') }, 'odd');
    const [page, alone, odd, frame, ...frames] = io.err().trimEnd().split('\n');
    expect(page).toMatch(/^\[\d\d:\d\d:\d\d\] WARN: page \{"ShardId":"a","calls":2\}$/);
    expect(alone).toMatch(/\] ERROR: alone$/);
    expect(odd).toMatch(/\] ERROR: odd \{"err":\{"type":"TypeError","message":"broken"\}\}$/);
    expect(frame).toBe('    TypeError: broken');
    expect(frames[0]).toMatch(/^ {8}at .*logging\.test\.ts/);
  });

  it('obeys --log-format and --log-level silent', async () => {
    const json = fakeIo({ stderr: { isTTY: true } });
    createLog({ ...OPTIONS, logFormat: 'json' }, json).info({ event: 'test.page' }, 'page');
    expect(() => JSON.parse(json.err())).not.toThrow();
    const silent = fakeIo();
    createLog({ ...OPTIONS, logLevel: 'silent' }, silent).error({ event: 'test.page' }, 'page');
    expect(silent.err()).toBe('');
  });
});
