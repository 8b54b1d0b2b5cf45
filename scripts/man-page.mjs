// The man page, from the commander program. Macros of man(7), which groff and mandoc both read.

/** `help` returns what a command prints for --help. */
export function manPage(program, help) {
  const commands = program.commands.flatMap((command) => [
    `.SS ${command.name()}`,
    roff(command.description()),
    ...command.registeredArguments.flatMap((argument) => tagged(nameOf(argument), argument.description)),
    ...command.options.flatMap(({ flags, description }) => tagged(flags, description)),
    '.PP',
    '.nf',
    ...examplesOf(help(command)).map(roff),
    '.fi',
  ]);
  return [
    '.TH TTL-ARCHIVE 1 "" ttl-archive "User Commands"',
    '.SH NAME',
    `ttl-archive \\- ${roff(lowerFirst(program.description().replace(/\.$/, '')))}`,
    '.SH SYNOPSIS',
    '.B ttl-archive',
    '.I command',
    '[options]',
    '.SH DESCRIPTION',
    'Tails every shard of the stream of a DynamoDB table, and archives the items that TTL deletes: durably, each exactly once.',
    'The archive can be verified, searched and restored.',
    '.SH COMMANDS',
    ...commands,
    '.SH ENVIRONMENT',
    ...tagged('TTL_ARCHIVE_TABLE', 'The table of every command that is given none.'),
    ...tagged(
      'TTL_ARCHIVE_OUT and others',
      'Every option of watch can be set by a variable: \\-\\-poll\\-interval by TTL_ARCHIVE_POLL_INTERVAL; an option without a value by 1 or 0.',
    ),
    ...tagged('AWS_*', 'As for the AWS CLI: region, profile, keys, endpoints, CA bundle, proxies.'),
    ...tagged('NO_COLOR', 'No colors.'),
    '.SH EXIT STATUS',
    '0: done. 1: a bug. 2: usage. 3: the table or the archive. 4: credentials or permissions. 5: records may have been lost.',
    '6: another process uses the archive. 7: the disk. 8: timed out. 9: items not restored. 10: not verified. 11: endpoint not reached.',
    '',
  ].join('\n');
}

/** An argument as in the usage of its command. */
export function nameOf(argument) {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function tagged(tag, text) {
  return ['.TP', `\\fB${roff(tag)}\\fR`, roff(text)];
}

function examplesOf(help) {
  const [, examples = ''] = help.split(/\nExamples?:\n/);
  return examples.trimEnd().split('\n');
}

/** Text of one line: no control line, no escape, no hyphen where a minus is meant. */
function roff(text) {
  return text
    .replaceAll('\\-', '-')
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
}

function lowerFirst(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
