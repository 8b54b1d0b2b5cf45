// Writes what the documents take from the commander program, between markers such as `<!-- options:watch -->` and
// `<!-- /options:watch -->`: a command's options (`connection` and `log` are what commands share), and `commands`: every
// command as a section. Also the man page, and docs/api.md from the library's types. With --check it writes nothing and exits 1 when a document is not what it would write. Reads
// dist: build first.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { buildProgram } from '../dist/cli/program.js';
import { apiReference } from './api-reference.mjs';
import { manPage, nameOf } from './man-page.mjs';

const DOCUMENTS = ['docs/cli.md'];
const MAN_PAGE = 'docs/ttl-archive.1';
const API = 'docs/api.md';
const SHARED = { connection: 'Connection:', s3: 'Connection to S3:', log: 'Log (on stderr):' };

let help = '';
const io = {
  stdout: { columns: 120, write: (text) => (help += text) },
  stderr: { write: () => true },
  env: {},
  cwd: '/',
  signal: new AbortController().signal,
  ask: () => undefined,
  flush: () => undefined,
};
const program = buildProgram(io, () => () => undefined);
const { commands } = program;
const blocks = new Map(
  commands.map((command) => [
    `options:${command.name()}`,
    table(command.options.filter((option) => !isShared(option))),
  ]),
);
for (const [name, heading] of Object.entries(SHARED)) {
  const isIts = ({ helpGroupHeading }) => helpGroupHeading === heading;
  // A command that has some of them in another group lists only the others.
  const [options] = commands.map((each) => each.options.filter(isIts)).toSorted((a, b) => b.length - a.length);
  blocks.set(`options:${name}`, table(options));
}
blocks.set('commands', commands.map(section).join('\n'));

process.exitCode = main(process.argv.includes('--check'));

function main(check) {
  const problems = [];
  for (const document of [...DOCUMENTS, MAN_PAGE, API]) {
    const before = existsSync(document) ? readFileSync(document, 'utf8') : '';
    const found = [];
    const text = textOf(document, before, found);
    if (check && text !== before) found.push(`${document} is not up to date: run \`npm run docs\``);
    if (!check && found.length === 0) writeFileSync(document, text);
    problems.push(...found);
  }
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? 0 : 1;
}

/** What the document has to hold; adds what is wrong to `problems`. */
function textOf(document, before, problems) {
  if (document === MAN_PAGE) return manPage(program, helpOf);
  if (document !== API) return fill(document, before, problems);
  const api = apiReference();
  problems.push(...api.problems);
  return api.text;
}

/** The text with each block between its markers; adds what is wrong with the markers to `problems`. */
function fill(document, before, problems) {
  const markers = [...before.matchAll(/<!-- (options:\S+|commands) -->/g)];
  if (markers.length === 0) problems.push(`${document} has no marker such as <!-- options:watch -->`);
  let text = before;
  for (const [start, name] of markers) {
    const end = `<!-- /${name} -->`;
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    const block = blocks.get(name);
    if (block === undefined) problems.push(`${document} has the marker ${start}, but there is no such command`);
    else if (to < from) problems.push(`${document} has no marker ${end} after ${start}`);
    else text = `${text.slice(0, from + start.length)}\n${block}${text.slice(to)}`;
  }
  return text;
}

/** A command as a section: what it does, its arguments and options, its examples. */
function section(command) {
  const own = command.options.filter((option) => !isShared(option));
  const shared = Object.entries(SHARED).filter(([, heading]) =>
    command.options.some(({ helpGroupHeading }) => helpGroupHeading === heading),
  );
  const links = shared.map(([name]) => `[${name} options](#${name}-options)`).join(' and the ');
  const text = helpOf(command);
  const example = text
    .slice(text.indexOf('\nExamples:\n') + '\nExamples:\n'.length)
    .replace(/^ {2}/gm, '')
    .trim();
  return [
    `### ${command.name()}`,
    '',
    cell(command.description()),
    '',
    ...command.registeredArguments.map((argument) => `- \`${nameOf(argument)}\`: ${cell(argument.description)}\n`),
    ...(own.length > 0 ? [table(own)] : []),
    `${own.length > 0 ? 'Also' : 'It takes'} the ${links}.`,
    '',
    '<!-- not run: examples; a test parses them -->',
    '```sh',
    example,
    '```',
    '',
  ].join('\n');
}

function helpOf(command) {
  help = '';
  command.outputHelp();
  return help;
}

function isShared({ helpGroupHeading }) {
  return Object.values(SHARED).includes(helpGroupHeading);
}

/** A Markdown table of options; empty when there are none. */
function table(options) {
  if (options.length === 0) return '';
  const rows = options.map((option) => {
    const [, meaning, inWords = ''] = /^(.*?)(?: ?\(?default: ([^)]*)\)?)?$/s.exec(option.description) ?? [];
    const choices = (option.argChoices ?? []).every((choice) => meaning.includes(choice))
      ? ''
      : `: ${option.argChoices.map(code).join(', ')}`;
    return `| ${code(option.flags)} | ${cell(meaning || inWords)}${choices} | ${meaning === '' ? '' : cell(inWords) || defaultOf(option)} |`;
  });
  return ['| option | meaning | default |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

function defaultOf({ defaultValue, defaultValueDescription, negate }) {
  if (negate || defaultValue === undefined) return '';
  return code(defaultValueDescription ?? String(defaultValue));
}

function code(text) {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
