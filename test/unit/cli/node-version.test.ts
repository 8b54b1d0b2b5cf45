import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { whyUnsupported } from '../../../src/cli/node-version.js';

describe('whyUnsupported', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0'])('accepts %s', (version) => {
    expect(whyUnsupported(version)).toBeUndefined();
  });

  it.each(['20.18.3', '18.20.0', '16.0.0', '9.11.2'])('rejects %s in one sentence', (version) => {
    expect(whyUnsupported(version)).toMatch(new RegExp(`^ttl-archive needs Node.js .* and this is ${version}: .*\\.$`));
  });

  it('requires the same version as package.json', () => {
    const { engines } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    const [major = 0, minor = 0] = engines.node.replace('>=', '').split('.').map(Number);
    expect(whyUnsupported(`${major}.${minor}.0`)).toBeUndefined();
    expect(whyUnsupported(`${major}.${minor - 1}.9`)).toContain(`Node.js ${major}.${minor} or newer`);
  });
});
