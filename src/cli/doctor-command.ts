import { type Command, Option } from 'commander';
import { POLICY_COMMANDS } from '../table/iam-policy.js';
import { addConnectionOptions, deletionsOption, newCommand, outOption, type Run } from './command.js';
import { addS3Options } from './s3-options.js';
import { addTableChoice } from './table-choice.js';

/** `doctor`: checks whether a table can be archived. */
export function doctorCommand(run: Run): Command {
  const command = newCommand('doctor', {
    summary: 'check whether a table can be archived, and suggest fixes',
    details:
      'Makes each call of watch once, looks at the archive folder, and at the TTL attribute of up to 100 items: one page of a ' +
      'Scan, which costs up to 128 read units. Prints no key and no value. Exits with the status that watch would exit with on this table; warnings ' +
      'do not change it.',
    examples: `
      ttl-archive doctor --local
      ttl-archive doctor --table Orders --no-scan --json
      ttl-archive doctor --iam-policy --table Orders --upload s3://my-bucket/orders
      ttl-archive doctor --iam-policy --table-pattern 'prod-*' --tag archive=yes
      ttl-archive doctor --iam-policy restore --table arn:aws:dynamodb:eu-west-1:123456789012:table/Orders`,
  })
    .addOption(outOption('the archive folder to check, by creating and removing a hidden file'))
    .option(
      '--upload <url>',
      'the archive in S3 that watch will upload to: its bucket is listed, and an empty object created',
    )
    .addOption(deletionsOption('which deletions to archive, as for watch'))
    .option('--no-scan', 'do not look at items')
    .addOption(
      new Option(
        '--iam-policy [command]',
        'check nothing, and print the IAM policy with the least that a command needs (default: watch); connects only to look ' +
          'up an ARN that --table does not give',
      )
        .choices(POLICY_COMMANDS)
        .preset('watch'),
    )
    .option('--json', 'print one JSON object per check');
  addTableChoice(addS3Options(addConnectionOptions(command)), 'with --iam-policy: ');
  return command.action(run(async () => (await import('./doctor.js')).runDoctor));
}
