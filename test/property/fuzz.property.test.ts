import { describe, expect, it } from 'vitest';
import { fuzzJournals, fuzzResponses } from '../support/fuzz.js';

const seed = Math.floor(Math.random() * 2 ** 31);

describe('watch', () => {
  it(`skips nothing and fails with typed errors only when responses are mutated (seed ${seed})`, async () => {
    expect((await fuzzResponses(1500, seed)).problems).toEqual([]);
  });

  it(`rejects a damaged archive or archives everything once (seed ${seed})`, async () => {
    expect((await fuzzJournals(1500, seed)).problems).toEqual([]);
  });
});
