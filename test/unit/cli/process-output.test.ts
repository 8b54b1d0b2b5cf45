import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileOutput, isFileLike, streamOutput } from '../../../src/cli/process-output.js';

const { signal } = new AbortController();
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'process-output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('fileOutput', () => {
  it('writes all, in order, and closes the file', async () => {
    const fd = openSync(join(folder, 'out'), 'w');
    const errors: unknown[] = [];
    const output = fileOutput(fd, { onError: (error) => errors.push(error) });
    const long = 'é'.repeat(300_000);
    output.write(long);
    output.write('\nend\n');
    await output.finish();
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe(`${long}\nend\n`);
    expect(errors).toEqual([]);
    expect(() => closeSync(fd)).toThrow('EBADF');
  });

  it('reports each failed write', () => {
    const fd = openSync('/dev/full', 'w');
    const errors: unknown[] = [];
    const output = fileOutput(fd, { onError: (error) => errors.push(error) });
    output.write('a');
    output.write('b');
    closeSync(fd);
    expect(errors).toMatchObject([{ code: 'ENOSPC' }, { code: 'ENOSPC' }]);
  });
});

describe('isFileLike', () => {
  it('is true of files and of devices that are no terminal', () => {
    for (const path of [join(folder, 'out'), '/dev/null', '/dev/full']) {
      const fd = openSync(path, 'w');
      expect([isFileLike(fd, false), path]).toEqual([true, path]);
      closeSync(fd);
    }
    const device = openSync('/dev/null', 'w');
    expect(isFileLike(device, true)).toBe(false);
    closeSync(device);
  });
});

describe('streamOutput', () => {
  const slow = () => new PassThrough({ highWaterMark: 10 });

  it('does not wait while the reader keeps up', () => {
    const output = streamOutput(slow(), { onError: () => undefined, signal });
    output.write('short');
    expect(output.drained?.()).toBeUndefined();
  });

  it('waits for a slow reader', async () => {
    const stream = slow();
    const output = streamOutput(stream, { onError: () => undefined, signal });
    output.write('longer than the buffer');
    const drained = output.drained?.();
    expect(drained).toBeInstanceOf(Promise);
    let done = false;
    void drained?.then(() => {
      done = true;
    });
    await Promise.resolve();
    expect(done).toBe(false);
    stream.resume();
    await drained;
  });

  it('stops waiting when the signal aborts', async () => {
    const stop = new AbortController();
    const output = streamOutput(slow(), { onError: () => undefined, signal: stop.signal });
    output.write('longer than the buffer');
    const drained = output.drained?.();
    stop.abort();
    await drained;
    expect(output.drained?.()).toBeUndefined();
  });
});
