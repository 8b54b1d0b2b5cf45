import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { METRICS } from '../../../src/monitor/metrics.js';
import { HEALTH_STATUSES } from '../../../src/watch/health.js';

const BUILD_INFO = 'ttl_archive_build_info';
const NAMES = new Set([BUILD_INFO, ...METRICS.map(({ name }) => name)]);
const read = (name: string) => readFileSync(`docs/operations/${name}`, 'utf8');
const unknownIn = (text: string) => (text.match(/\bttl_archive_\w+/g) ?? []).filter((name) => !NAMES.has(name));

describe('the names of the metrics', () => {
  it('follow the conventions of Prometheus: _total for counters alone, seconds and bytes', () => {
    for (const { name, type } of METRICS) {
      expect(name).toMatch(/^ttl_archive_[a-z][a-z_]*[a-z]$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(name).not.toMatch(/_(ms|milliseconds|kb|mb|hours|minutes)\b/);
    }
    expect(NAMES.size).toBe(METRICS.length + 1);
  });

  it('have a help text of one line', () => {
    for (const { help } of METRICS) expect(help).toMatch(/^[^\\\n]+\.$/);
  });
});

describe('docs/operations/metrics.md', () => {
  it('lists every metric as the code has it', () => {
    const rows = [...read('metrics.md').matchAll(/^\| `(ttl_archive_\w+)` \| (\w+) \| (.*?) ?\| (.+) \|$/gm)];
    const listed = rows.map(([, name, type, label = '', help]) => [name, type, label.replaceAll('`', ''), help]);
    const inCode = METRICS.map(({ name, type, label = '', help }) => [name, type, label, help]);
    expect(listed.filter(([name]) => name !== BUILD_INFO)).toEqual(inCode);
    expect(unknownIn(read('metrics.md'))).toEqual([]);
  });

  it('explains every status of /healthz', () => {
    const explained = [...read('metrics.md').matchAll(/^\| `([a-z-]+)` \| /gm)].map(([, status]) => status);
    expect(explained).toEqual(HEALTH_STATUSES.filter((status) => status !== 'ok'));
  });
});

describe('docs/operations/alerts.yaml', () => {
  const { groups } = parse(read('alerts.yaml')) as { groups: { rules: Record<string, unknown>[] }[] };
  const rules = groups.flatMap((group) => group.rules);

  it('uses only metrics that there are', () => {
    expect(rules.length).toBeGreaterThan(5);
    for (const { expr } of rules) expect(unknownIn(String(expr))).toEqual([]);
  });

  it('says of each alert how severe it is, what has happened and what to do', () => {
    for (const rule of rules) {
      expect(rule).toMatchObject({
        alert: expect.stringMatching(/^TtlArchive\w+$/),
        expr: expect.any(String),
        labels: { severity: expect.stringMatching(/^(critical|warning)$/) },
        annotations: { summary: expect.any(String), description: expect.any(String) },
      });
    }
  });
});

describe('docs/operations/dashboard.json', () => {
  const { panels } = JSON.parse(read('dashboard.json')) as {
    panels: { id: number; title: string; targets: { expr: string; legendFormat: string }[] }[];
  };

  it('uses only metrics and labels that there are, for the chosen tables', () => {
    expect(panels.length).toBeGreaterThan(5);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const labels = new Set(['table', ...METRICS.map(({ label }) => label)]);
    for (const { targets } of panels) {
      for (const { expr, legendFormat } of targets) {
        expect(expr).toMatch(/ttl_archive_\w+\{table=~"\$table"\}/);
        expect(unknownIn(expr)).toEqual([]);
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(labels).toContain(label);
      }
    }
    expect(unknownIn(read('dashboard.json'))).toEqual([]);
  });
});
