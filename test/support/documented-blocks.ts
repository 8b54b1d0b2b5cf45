import { readdirSync, readFileSync } from 'node:fs';

/** What the comment before a block of commands says: how a test runs it, or why none does. */
type Marker =
  | {
      readonly scenarios: readonly string[];
      /** Runs on while the blocks after it run, until Ctrl-C. */
      readonly inBackground: boolean;
      /** A glob that must match a file before the block is run. */
      readonly onceThereIs: string | undefined;
      /** What runs in the background is ended first, as by Ctrl-C. */
      readonly afterCtrlC: boolean;
    }
  | { readonly notRun: string };

/** A fenced block of commands in a document. */
export interface DocumentedBlock {
  /** `README.md:14`, the line of its fence. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
  /** The text between this block and the next heading or block. */
  readonly after: string;
  /** Undefined: no comment stands before it, or one that does not say either. */
  readonly marker: Marker | undefined;
}

/** The languages whose blocks need a marker. */
const LANGUAGES = new Set(['sh', 'console', 'sql', 'python']);

/** Every block of commands, in the order in which a reader meets them: README.md, CONTRIBUTING.md, then docs/. */
export function documentedBlocks(): DocumentedBlock[] {
  const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  return ['README.md', 'CONTRIBUTING.md', ...pages.toSorted()].flatMap(blocksOf);
}

function blocksOf(document: string): DocumentedBlock[] {
  const lines = readFileSync(document, 'utf8').split('\n');
  const blocks: DocumentedBlock[] = [];
  for (let start = 0; start < lines.length; start++) {
    const [, language] = /^```(\w*)$/.exec(lines[start] ?? '') ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf('```', start + 1);
    if (end < 0) throw new Error(`${document}:${start + 1} begins a block that does not end`);
    if (LANGUAGES.has(language)) {
      const next = lines.findIndex((line, index) => index > end && /^(?:#|<!--|```)/.test(line));
      blocks.push({
        place: `${document}:${start + 1}`,
        language,
        text: lines.slice(start + 1, end).join('\n'),
        after: lines.slice(end + 1, next < 0 ? undefined : next).join('\n'),
        marker: markerOf(lines[start - 1] ?? ''),
      });
    }
    start = end;
  }
  return blocks;
}

/** `<!-- not run: reason -->`, or `<!-- run: one, another; in the background -->`. */
function markerOf(comment: string): Marker | undefined {
  const [, reason] = /^<!-- not run: (.+) -->$/.exec(comment) ?? [];
  if (reason !== undefined) return { notRun: reason };
  const [, scenarios, how = ''] = /^<!-- run: ([\w, ]+)(?:; (.+))? -->$/.exec(comment) ?? [];
  if (scenarios === undefined) return undefined;
  const [, onceThereIs] = /^once there is: (\S+)$/.exec(how) ?? [];
  const inBackground = how === 'in the background';
  const afterCtrlC = how === 'after Ctrl-C';
  if (how !== '' && !inBackground && !afterCtrlC && onceThereIs === undefined) return undefined;
  return { scenarios: scenarios.split(', '), inBackground, onceThereIs, afterCtrlC };
}

/** The commands of a block; in a `console` block those after `$ `, each with the lines that it goes on in. */
export function commandsOf({ language, text }: Pick<DocumentedBlock, 'language' | 'text'>): string[] {
  if (language !== 'console') return [text.trimEnd()];
  const commands: string[] = [];
  let open = false;
  for (const line of text.split('\n')) {
    if (open) commands.push(`${commands.pop()}\n${line}`);
    else if (line.startsWith('$ ')) commands.push(line.slice(2));
    else continue;
    open = /[\\|]$/.test(line);
  }
  return commands;
}
