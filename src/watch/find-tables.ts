import { TtlArchiveError } from '../errors.js';
import { parseTableArn } from '../lib/table-arn.js';
import type { TablesClient } from '../ports/index.js';
import type { Retrier } from '../stream/retry.js';
import { findTable } from '../table/wait-for-table.js';
import type { TableChoice, TableTag } from './tables-options.js';

/** AWS allows an account at most 10,000 tables a region (ServiceQuotas.html). A list of more comes from a faulty server. */
const MAX_TABLES = 100_000;

interface Context {
  readonly tables: TablesClient;
  readonly retrier: Retrier;
  readonly signal: AbortSignal;
}

export interface FoundTables {
  /** Names of all tables of the region. Untrusted. */
  readonly existing: ReadonlySet<string>;
  /** Those that were chosen. */
  readonly chosen: readonly string[];
}

/** Finds the tables that patterns and tags choose. */
export class TableFinder {
  readonly #context: Context;
  readonly #matches: (name: string) => boolean;
  readonly #tags: readonly TableTag[];
  /** ARNs by the names of tables; a table that is created again has the same one. */
  readonly #arns = new Map<string, string>();

  constructor(context: Context, { patterns = [], tags = [] }: TableChoice) {
    this.#context = context;
    const expressions = patterns.map(patternExpression);
    this.#matches = (name) => expressions.length === 0 || expressions.some((expression) => expression.test(name));
    this.#tags = tags;
  }

  /** Lists the tables, in the order of their names. Throws what cannot be retried, and the signal's reason. */
  async find(): Promise<FoundTables> {
    const existing = await this.#list();
    const chosen: string[] = [];
    for (const name of [...existing].filter(this.#matches).toSorted()) {
      if (this.#tags.length === 0 || (await this.#hasTags(name))) chosen.push(name);
    }
    return { existing, chosen };
  }

  async #list(): Promise<Set<string>> {
    const { tables, retrier, signal } = this.#context;
    const names = new Set<string>();
    let start: { ExclusiveStartTableName?: string } = {};
    for (;;) {
      const page = await retrier.attempt('ListTables', () => tables.listTables(start, signal), signal);
      const before = names.size;
      for (const name of page.TableNames) names.add(name);
      const { LastEvaluatedTableName: last } = page;
      // The pages of a faulty server may form a circle, or never end.
      if (last === undefined || names.size === before) return names;
      if (names.size > MAX_TABLES) throw tooMany();
      start = { ExclusiveStartTableName: last };
    }
  }

  async #hasTags(name: string): Promise<boolean> {
    const { tables, retrier, signal } = this.#context;
    const describe = () => findTable({ tables, signal }, name);
    const arn = this.#arns.get(name) ?? (await retrier.attempt('DescribeTable', describe, signal))?.TableArn;
    // It was deleted meanwhile, or is one of another kind of server.
    if (arn === undefined || parseTableArn(arn) === undefined) return false;
    this.#arns.set(name, arn);
    const found = new Map<string, string>();
    let next: { NextToken?: string } = {};
    for (;;) {
      const list = () => tables.listTagsOfResource({ ResourceArn: arn, ...next }, signal);
      const { Tags, NextToken } = await retrier.attempt('ListTagsOfResource', list, signal);
      const before = found.size;
      for (const { Key, Value } of Tags) found.set(Key, Value);
      if (NextToken === undefined || found.size === before) break;
      next = { NextToken };
    }
    return this.#tags.every(({ key, value }) => found.get(key) === value);
  }
}

/** A pattern as an expression: `*` stands for any characters, `?` for one, and everything else for itself. */
function patternExpression(pattern: string): RegExp {
  const parts = pattern.replaceAll(/\*+/g, '*').replaceAll(/[^\w*?]/g, String.raw`\$&`);
  return new RegExp(`^${parts.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}

function tooMany(): TtlArchiveError {
  return new TtlArchiveError('BAD_RESPONSE', `The list of tables has more than ${MAX_TABLES} names.`, {
    remedy: 'Check what answers at the endpoint.',
  });
}
