// Draws docs/watch.svg: what `watch` shows on a terminal of 80 columns while TTL deletes three items and somebody deletes
// one by hand. It is the screen of a real run, on DynamoDB Local, as tmux captures it. Needs tmux; reads dist: build first.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDynamoDbLocal } from '../dist/local/dynamodb-local.js';

const [COLUMNS, ROWS] = [80, 12];
const [CELL, LINE, MARGIN] = [8.4, 18, 14];
const TIMEOUT_MS = 60_000;
/** SGR codes → colours on a dark background. */
const COLOURS = {
  30: '#8b949e',
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  36: '#a5d6ff',
  90: '#8b949e',
};
/** Before each SGR code. */
const ESCAPE = '\u001b[';
const BIN = resolve('dist/bin.js');
const SESSION = `ttl-archive-picture-${process.pid}`;

const folder = mkdtempSync(join(tmpdir(), 'ttl-archive-picture-'));
const local = await startDynamoDbLocal();
const at = ['--table', 'Orders', '--endpoint-url', local.endpointUrl];
const run = (...args) => execFileSync(process.execPath, [BIN, ...args], { cwd: folder, stdio: 'ignore' });
const tmux = (...args) => execFileSync('tmux', args, { encoding: 'utf8' });

try {
  run('setup', ...at);
  const shell = `export TTL_ARCHIVE_TABLE=Orders AWS_ENDPOINT_URL=${local.endpointUrl}; cd ${folder}; PS1='$ '; ttl-archive() { ${process.execPath} ${BIN} "$@"; }`;
  writeFileSync(join(folder, 'rc'), shell);
  tmux(
    'new-session',
    '-d',
    '-s',
    SESSION,
    '-x',
    `${COLUMNS}`,
    '-y',
    `${ROWS}`,
    `bash --noprofile --rcfile ${folder}/rc`,
  );
  await until(() => screen().startsWith('$'));
  tmux('send-keys', '-t', SESSION, 'ttl-archive watch', 'Enter');
  await until(() => screen().includes('reading the stream'));
  await putItems();
  await until(() => screen().includes('1 shard | 3 archived'));
  writeFileSync('docs/watch.svg', svgOf(tmux('capture-pane', '-p', '-e', '-t', SESSION)));
} finally {
  try {
    tmux('kill-session', '-t', SESSION);
  } catch {
    // It never began.
  }
  await local.stop();
  rmSync(folder, { recursive: true, force: true });
}

function screen() {
  return tmux('capture-pane', '-p', '-t', SESSION);
}

async function until(condition) {
  const giveUpAt = Date.now() + TIMEOUT_MS;
  while (!condition()) {
    if (Date.now() > giveUpAt) throw new Error(`not within ${TIMEOUT_MS} ms:\n${screen()}`);
    await sleep(100);
  }
}

async function putItems() {
  const ttl = { N: String(Math.floor(Date.now() / 1000) + 1) };
  for (const key of ['order-17', 'order-18', 'order-19']) await call('PutItem', { Item: { PK: { S: key }, ttl } });
  await call('PutItem', { Item: { PK: { S: 'by hand' } } });
  await call('DeleteItem', { Key: { PK: { S: 'by hand' } } });
}

async function call(operation, input) {
  const authorization =
    'AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `DynamoDB_20120810.${operation}`,
    authorization,
  };
  const body = JSON.stringify({ TableName: 'Orders', ...input });
  const answer = await fetch(local.endpointUrl, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(await answer.text());
}

/** A screen with SGR codes as an image: a line of text each, with a span for each change of colour. */
function svgOf(captured) {
  const lines = captured.trimEnd().split('\n');
  const [width, height] = [Math.ceil(COLUMNS * CELL) + 2 * MARGIN, lines.length * LINE + 2 * MARGIN];
  let colour = '#e6edf3';
  const texts = lines.map((line, row) => {
    let column = 0;
    let spans = '';
    for (const part of line.split(ESCAPE)) {
      const [, code, text = part] = /^([\d;]*)m(.*)$/.exec(part) ?? [];
      if (code !== undefined) colour = COLOURS[code.split(';').at(-1)] ?? '#e6edf3';
      if (text === '') continue;
      spans += `<tspan x="${(MARGIN + column * CELL).toFixed(1)}" fill="${colour}">${escapeXml(text)}</tspan>`;
      column += text.length;
    }
    return `<text y="${MARGIN + row * LINE + 13}" xml:space="preserve">${spans}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="ttl-archive watch on a terminal">
<rect width="${width}" height="${height}" rx="6" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">
${texts.join('\n')}
</g>
</svg>
`;
}

function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
