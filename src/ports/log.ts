/**
 * The members of one log line: `event` names what happened, and stays when the message is reworded; the others have AWS's
 * names where AWS has one. Above debug none of them holds an item's content or key.
 */
export interface LogFacts {
  /** Lower case with a dot, as `stream.gone`; docs/log-events.md has a row for each. */
  readonly event: `${Lowercase<string>}.${Lowercase<string>}`;
  readonly [member: string]: unknown;
}

/** As in pino: the facts first, then the message for people. */
export interface Log {
  debug(facts: LogFacts, message: string): void;
  info(facts: LogFacts, message: string): void;
  warn(facts: LogFacts, message: string): void;
  error(facts: LogFacts, message: string): void;
}
