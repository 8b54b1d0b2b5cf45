import { describe, expect, it } from 'vitest';
import { canBeMerged, generationOf, mergedName } from '../../../src/compact/merged-name.js';
import type { ItemEntry } from '../../../src/ports/index.js';

const FOLDER = 'year=2026/month=11/day=23/hour=12';
const entry = (more: Partial<ItemEntry> = {}): ItemEntry => ({
  eventID: 'e1',
  ShardId: '',
  SequenceNumber: '1',
  Keys: {},
  deletedAt: '2026-11-23T12:00:07.000Z',
  provenance: 'ttl',
  file: '',
  sha256: 'aa',
  size: 1,
  ...more,
});
const merged = [`${FOLDER}/20261123T120007Z-a.json.gz`, `${FOLDER}/20261123T120008Z-b.json.gz`];
const data = Buffer.from('x');

describe('mergedName', () => {
  it('sorts behind what it replaces, in every generation', () => {
    let name = mergedName([entry()], { merged, data });
    expect(name).toMatch(new RegExp(`^${FOLDER}/merged-0001-20261123T120007Z-[0-9a-f]{32}\\.json\\.gz$`));
    for (let generation = 1; generation < 12; generation++) {
      expect(generationOf(name)).toBe(generation);
      const next = mergedName([entry()], { merged: [...merged, name], data });
      for (const each of [...merged, name]) expect(next > each).toBe(true);
      name = next;
    }
  });

  it('differs when anything in the object or its manifest does', () => {
    const names = [
      mergedName([entry()], { merged, data }),
      mergedName([entry({ eventID: 'e2' })], { merged, data }),
      mergedName([entry({ sha256: 'bb' })], { merged, data }),
      mergedName([entry()], { merged, data: Buffer.from('y') }),
      mergedName([entry()], { merged: merged.slice(1), data }),
      mergedName([entry(), entry()], { merged, data }),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  it('ends with the generation that four digits hold', () => {
    expect(canBeMerged(`${FOLDER}/merged-9998-x.json.gz`)).toBe(true);
    expect(canBeMerged(`${FOLDER}/merged-9999-x.json.gz`)).toBe(false);
    expect(generationOf(merged[0] ?? '')).toBe(0);
  });
});
