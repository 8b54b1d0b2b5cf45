import { describe, expect, it } from 'vitest';
import { whyNoNamespaces } from '../support/namespaces.js';
import { soakKills } from '../support/soak-kills.js';
import { soakNamespaces } from '../support/soak-namespaces.js';

const seed = Math.floor(Math.random() * 2 ** 31);

describe('watch', () => {
  it.concurrent.each(['files', 'segments'] as const)(
    `loses, doubles and halves nothing when it is killed at random moments (%s, seed ${seed})`,
    { timeout: 120_000 },
    async (layout) => {
      const { problems, ...figures } = await soakKills({ kills: 10, layout, seed });
      expect(problems).toEqual([]);
      expect(figures.archived).toBe(figures.expected);
      expect(figures.expected).toBeGreaterThan(100);
    },
  );

  it.skipIf(whyNoNamespaces())(
    `lets one of two containers have the folder, and the other one end with 6 (seed ${seed})`,
    { timeout: 120_000 },
    async () => {
      const { problems, ...figures } = await soakNamespaces({ runs: 2, seed });
      expect(problems).toEqual([]);
      expect(figures.archived).toBe(figures.expected);
      expect(figures.expected).toBeGreaterThan(20);
    },
  );
});
