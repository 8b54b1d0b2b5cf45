import { readFileSync } from 'node:fs';
import type { AgentOptions } from 'node:https';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import type { Variables } from './smithy-config.js';

/** The proxy and the CA bundle, taken from the same settings as by the AWS CLI. */
export interface Network {
  readonly proxy?: Proxy;
  readonly caBundle?: CaBundle;
}

interface Proxy {
  /** With its user name and password. */
  readonly url: string;
  /** The variable that names it. */
  readonly variable: string;
}

interface CaBundle {
  readonly path: string;
  /** PEM. They replace the certificates that Node.js trusts, as with the AWS CLI. */
  readonly certificates: string;
}

/**
 * The proxy for a URL: HTTPS_PROXY or HTTP_PROXY by its scheme, unless NO_PROXY names its host. A loopback endpoint is
 * never behind a proxy. Throws USAGE when the variable is not a URL.
 */
export function proxyFor(target: URL, loopback: boolean, env: Variables): Proxy | undefined {
  const upper = target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  // The lower-case name takes precedence, as with the AWS CLI and curl.
  const variable = env[upper.toLowerCase()] ? upper.toLowerCase() : upper;
  const value = env[variable];
  if (!value || loopback || isExcepted(target, env['no_proxy'] || env['NO_PROXY'] || '')) return undefined;
  const url = value.includes('://') ? value : `http://${value}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return { url, variable };
  throw new TtlArchiveError('USAGE', `${variable} is not the URL of an HTTP proxy.`, {
    remedy: `Set ${variable} to a URL like http://proxy.example.com:3128, or unset it.`,
  });
}

/** A name in NO_PROXY stands for the host and its subdomains; with a port, for that port only. `*` stands for all. */
function isExcepted({ hostname, port, protocol }: URL, list: string): boolean {
  const host = hostname.toLowerCase();
  const usedPort = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => {
      if (entry === '') return false;
      if (entry === '*') return true;
      const [, name = entry, wanted] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      const bare = name.replace(/^\*?\./, '');
      return (host === bare || host.endsWith(`.${bare}`)) && (wanted === undefined || wanted === usedPort);
    });
}

/** Reads a bundle of CA certificates. Throws USAGE when it cannot be read or holds none. */
export function readCaBundle(path: string, setting: string): CaBundle {
  let certificates: string;
  try {
    certificates = readFileSync(path, 'utf8');
  } catch (cause) {
    throw unusable(path, setting, 'cannot be read', cause);
  }
  if (!certificates.includes('-----BEGIN CERTIFICATE-----')) throw unusable(path, setting, 'holds no PEM certificate');
  return { path, certificates };
}

function unusable(path: string, setting: string, why: string, cause?: unknown): TtlArchiveError {
  return new TtlArchiveError('USAGE', `The CA bundle ${escapeText(path)} of ${setting} ${why}.`, {
    remedy: `Set ${setting} to a file with CA certificates in PEM format, or unset it.`,
    cause,
  });
}

/** The agents of an SDK client. The proxy library is loaded only when there is a proxy. */
export async function agentsFor({ proxy, caBundle }: Network, options: AgentOptions) {
  const secure = { ...options, ...(caBundle !== undefined && { ca: caBundle.certificates }) };
  if (proxy === undefined) return { httpAgent: options, httpsAgent: secure };
  const [{ HttpProxyAgent }, { HttpsProxyAgent }] = await Promise.all([
    import('http-proxy-agent'),
    import('https-proxy-agent'),
  ]);
  const httpsAgent = new HttpsProxyAgent(proxy.url, secure);
  // The constructor's options are for the connection to the proxy; these, for the one through it.
  Object.assign(httpsAgent.options, secure);
  return { httpAgent: new HttpProxyAgent(proxy.url, options), httpsAgent };
}

/** The proxy for a message, without user name and password. */
export function shownProxy({ url, variable }: Proxy): string {
  const { protocol, host } = new URL(url);
  return `the proxy ${protocol}//${host} of ${variable}`;
}
