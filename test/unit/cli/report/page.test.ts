import { createHash } from 'node:crypto';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { describe, expect, it } from 'vitest';
import { type ReportFacts, reportPage } from '../../../../src/cli/report/page.js';
import { addItem, newTotals } from '../../../../src/report/collect.js';

type Node = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

const HOSTILE = `</title><script>alert(1)</script><img src=x onerror=alert(1)>"' onload='x\u001b[2J\u202e\n&amp;`;

function facts(more: Partial<ReportFacts> = {}): ReportFacts {
  const totals = newTotals();
  for (let day = 1; day <= 40; day++) {
    addItem(totals, {
      file: 'a.json',
      sha256: '',
      size: 100,
      eventID: `${day}`,
      ShardId: 's',
      SequenceNumber: `${day}`,
      Keys: {},
      deletedAt: new Date(Date.UTC(2026, 9, day)).toISOString(),
      provenance: 'ttl',
      ttl: Date.UTC(2026, 9, day) / 1000 - 7200,
    });
  }
  return {
    table: 'Orders',
    place: 'archive',
    form: 'layout files, format item',
    createdAt: '2026-11-26T00:00:00.000Z',
    totals,
    gaps: [],
    gapCount: 0,
    pruned: undefined,
    ...more,
  };
}

/** All elements of a page. Throws when it is not valid HTML as a parser sees it. */
function elementsOf(html: string): Element[] {
  const errors: string[] = [];
  const document = parse(html, { onParseError: ({ code }) => errors.push(code) });
  if (errors.length > 0) throw new Error(errors.join(', '));
  const elements: Element[] = [];
  const walk = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if ('tagName' in node) elements.push(node);
      if ('childNodes' in node) walk(node.childNodes);
    }
  };
  walk(document.childNodes);
  return elements;
}

function attribute(element: Element | undefined, name: string): string | undefined {
  return element?.attrs.find((each) => each.name === name)?.value;
}

function textOf(element: Element | undefined): string {
  const texts = (element?.childNodes ?? []).map((node) =>
    'value' in node ? node.value : 'tagName' in node ? textOf(node) : '',
  );
  return texts.join('');
}

const gap = { stream: 's', ShardId: HOSTILE, reason: HOSTILE, to: '2026-11-24T00:00:00Z', at: '2026-11-24T00:00:00Z' };

describe('reportPage', () => {
  it('is valid, loads nothing and runs nothing, also with hostile texts in it', () => {
    const hostile = facts({ table: HOSTILE, place: HOSTILE, form: HOSTILE, gaps: [gap], gapCount: 1 });
    hostile.totals.provenance.set(HOSTILE, 1);
    const html = reportPage(hostile);
    const elements = elementsOf(html);
    const [plain, tags] = [elementsOf(reportPage(facts())), new Set(elements.map(({ tagName }) => tagName))];
    for (const tag of ['script', 'img', 'link', 'iframe', 'object', 'a', 'image', 'use'])
      expect(tags.has(tag)).toBe(false);
    const names = new Set(elements.flatMap(({ attrs }) => attrs.map(({ name }) => name)));
    for (const name of names) expect(name).not.toMatch(/^on|^src|href$|^style$|^action$/);
    // Only rows are added: for the provenance and for the gap.
    expect(new Set(plain.map(({ tagName }) => tagName))).toEqual(tags);
    expect(textOf(elements.find(({ tagName }) => tagName === 'title'))).toContain(
      `</title><script>alert(1)</script><img src=x onerror=alert(1)>"' onload='x\\u001b[2J\\u202e\\n&amp;`,
    );
    // oxlint-disable-next-line no-control-regex -- it must find them
    expect(html).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('allows by its policy nothing but its own style', () => {
    const elements = elementsOf(reportPage(facts()));
    const meta = elements.find((each) => attribute(each, 'http-equiv') === 'Content-Security-Policy');
    const style = textOf(elements.find(({ tagName }) => tagName === 'style'));
    const hash = createHash('sha256').update(style).digest('base64');
    expect(attribute(meta, 'content')?.split('; ')).toEqual([
      `default-src 'none'`,
      `style-src 'sha256-${hash}'`,
      `base-uri 'none'`,
      `form-action 'none'`,
    ]);
    expect(style).not.toMatch(/url\(|@import/);
    expect(style).toContain('prefers-color-scheme: dark');
  });

  it('has a name, a description and a table for each chart', () => {
    const elements = elementsOf(reportPage(facts()));
    const ids = new Map(elements.map((element) => [attribute(element, 'id'), element]));
    const figures = elements.filter(({ tagName }) => tagName === 'figure');
    expect(figures).toHaveLength(3);
    for (const figure of figures) {
      const within = elementsOf(
        `<!DOCTYPE html><title>x</title>${reportPage(facts()).split('<figure>')[1 + figures.indexOf(figure)]?.split('</figure>')[0] ?? ''}`,
      );
      const svg = within.find(({ tagName }) => tagName === 'svg');
      expect(attribute(svg, 'role')).toBe('img');
      const named = (attribute(svg, 'aria-labelledby') ?? '').split(' ').map((id) => ids.get(id)?.tagName);
      expect(named).toEqual(['title', 'desc']);
      const bars = within.filter(({ tagName }) => tagName === 'rect').length;
      expect(within.filter((each) => attribute(each, 'scope') === 'row')).toHaveLength(bars);
      expect(bars).toBeGreaterThan(7);
    }
  });

  it('shows times at the ends of what a date can be', () => {
    const { totals } = facts();
    for (const year of ['-271821-04-20', '+275760-09-13']) {
      const entry = { file: '', sha256: '', size: 1, eventID: year, ShardId: '', SequenceNumber: '1', Keys: {} };
      addItem(totals, { ...entry, deletedAt: `${year}T00:00:00.000Z`, provenance: 'ttl', ttl: 1e300 });
    }
    expect(reportPage(facts({ totals }))).toContain('<dd>-271821-04-20');
  });

  it('says what it counts', () => {
    const html = reportPage(facts({ gaps: undefined, pruned: { items: 7, before: '2026-01-01T00:00:00.000Z' } }));
    const elements = elementsOf(html);
    const values = elements.filter(({ tagName }) => tagName === 'dd').map(textOf);
    expect(values).toEqual(['40', '3.9 KB', '2026-10-01 00:00:00', '2026-11-09 00:00:00', '2h', '2h', '7']);
    expect(html).toContain('does not record gaps');
  });
});
