/** The oldest Node.js that this program runs on, as in package.json. */
const OLDEST: readonly [major: number, minor: number] = [20, 19];

/** Why this Node.js (`process.versions.node`) is too old, in one sentence; undefined when it is not. */
export function whyUnsupported(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined;
  return `ttl-archive needs Node.js ${OLDEST.join('.')} or newer, and this is ${version}: install a newer one (https://nodejs.org).`;
}
