import { describe, expect, it } from 'vitest';
import { withMonitor } from '../../../src/cli/watch-monitor.js';
import { fakeIo } from '../../support/fake-io.js';
import { notedLog } from '../../support/noted-log.js';

const run = (options: Parameters<typeof withMonitor>[0], work: (url: string) => Promise<unknown>) => {
  const log = notedLog();
  const urlOf = () => String(log.lines.find(({ event }) => event === 'monitor.started')?.facts['url']);
  return withMonitor(options, { io: fakeIo(), log }, () => work(urlOf()));
};

describe('withMonitor', () => {
  it('rejects --metrics-host without a port', async () => {
    await expect(run({ metricsHost: '0.0.0.0' }, async () => undefined)).rejects.toMatchObject({
      code: 'USAGE',
      message: '--metrics-host needs --metrics-port.',
    });
  });

  it('opens no port when none is given', async () => {
    await run({}, async (url) => expect(url).toBe('undefined'));
  });

  it.each(['ends', 'fails'])('serves on loopback while the work runs, and no longer when it %s', async (how) => {
    let served = '';
    const done = run({ metricsPort: 0 }, async (url) => {
      served = url;
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^ttl_archive_build_info\{version="\d+\.\d+\.\d+"/m);
      expect((await fetch(`${url}/readyz`)).status).toBe(503);
      if (how === 'fails') throw new Error('work failed');
    });
    expect(await done.catch((error: unknown) => String(error))).toBe(
      how === 'fails' ? 'Error: work failed' : undefined,
    );
    await expect(fetch(`${served}/metrics`)).rejects.toThrow('fetch failed');
  });
});
