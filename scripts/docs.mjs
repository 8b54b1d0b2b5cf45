// Writes the README's option tables from the commander program, between `<!-- options:watch -->` and
// `<!-- /options:watch -->` (`connection` and `log` are what commands share). With --check it writes nothing and
// exits 1 when README.md is not what it would write. Reads dist: build first.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { buildProgram } from '../dist/cli/program.js';

const README = 'README.md';
const SHARED = { connection: 'Connection:', log: 'Log (on stderr):' };

const nobody = { write: () => true };
const io = {
  stdout: nobody,
  stderr: nobody,
  env: {},
  cwd: '/',
  signal: new AbortController().signal,
  ask: () => undefined,
  flush: () => undefined,
};
const { commands } = buildProgram(io, () => () => undefined);

const tables = new Map(
  commands.map((command) => [
    command.name(),
    table(command.options.filter(({ helpGroupHeading }) => !isShared(helpGroupHeading))),
  ]),
);
for (const [name, heading] of Object.entries(SHARED)) {
  const [command] = commands.filter(({ options }) =>
    options.some(({ helpGroupHeading }) => helpGroupHeading === heading),
  );
  tables.set(name, table(command.options.filter(({ helpGroupHeading }) => helpGroupHeading === heading)));
}

process.exitCode = main(process.argv.includes('--check'));

function main(check) {
  if (!existsSync(README)) {
    console.error(`${README} does not exist yet: there is nothing to write option tables into`);
    return 0;
  }
  const before = readFileSync(README, 'utf8');
  const { text, problems } = fill(before);
  if (check && text !== before) problems.push(`${README} is not up to date: run \`npm run docs\``);
  for (const problem of problems) console.error(problem);
  if (!check && problems.length === 0) writeFileSync(README, text);
  return problems.length === 0 ? 0 : 1;
}

/** The text with each table between its markers, and what is wrong with the markers. */
function fill(before) {
  const problems = [];
  let text = before;
  for (const [name, content] of tables) {
    const [start, end] = [`<!-- options:${name} -->`, `<!-- /options:${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 && to < 0) continue;
    if (from < 0 || to < from) {
      problems.push(`${README} has only one of the markers ${start} and ${end}, or the second one first`);
      continue;
    }
    text = `${text.slice(0, from + start.length)}\n${content}${text.slice(to)}`;
  }
  const markers = [...before.matchAll(/<!-- options:(\S+) -->/g)];
  if (markers.length === 0) problems.push(`${README} has no marker <!-- options:watch --> to write a table at`);
  for (const [marker, name] of markers) {
    if (!tables.has(name)) problems.push(`${README} has the marker ${marker}, but there is no such command`);
  }
  return { text, problems };
}

function isShared(heading) {
  return Object.values(SHARED).includes(heading);
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
