/** The oldest supported Node.js, as in package.json. */
const MIN_VERSION: readonly [major: number, minor: number] = [20, 19];

/** Why this Node.js (`process.versions.node`) is too old, in one sentence; undefined when it is not. */
export function whyUnsupported(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > MIN_VERSION[0] || (major === MIN_VERSION[0] && minor >= MIN_VERSION[1])) return undefined;
  return `ttl-archive needs Node.js ${MIN_VERSION.join('.')} or newer, and this is ${version}: install a newer one (https://nodejs.org).`;
}
