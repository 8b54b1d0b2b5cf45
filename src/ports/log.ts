/**
 * What one log line says to a program: `event` names what happened and keeps its name when the sentence is reworded; the
 * other members have AWS's names where AWS has one. Above debug none of them holds an item's content or key.
 */
export interface LogFacts {
  /** Lower case with a dot, as `stream.gone`; docs/log-events.md has a row for each. */
  readonly event: `${Lowercase<string>}.${Lowercase<string>}`;
  readonly [member: string]: unknown;
}

/** pino's shape: the facts first, then the sentence for people. */
export interface Log {
  debug(facts: LogFacts, message: string): void;
  info(facts: LogFacts, message: string): void;
  warn(facts: LogFacts, message: string): void;
  error(facts: LogFacts, message: string): void;
}
