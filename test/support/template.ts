import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string;
}

/** The properties of resources that tests look into; `Pattern` is an `!If`. */
interface Properties {
  readonly ArchiveFunction: { readonly Environment: { readonly Variables: Readonly<Record<string, string>> } };
  readonly ArchiveRole: { readonly Policies: readonly { PolicyDocument: { Statement: readonly Statement[] } }[] };
  readonly ArchiveBucket: {
    readonly BucketEncryption: object;
    readonly PublicAccessBlockConfiguration: object;
    readonly VersioningConfiguration: { readonly Status: string };
    readonly LifecycleConfiguration: { readonly Rules: readonly { readonly Prefix: string }[] };
  };
  readonly StreamMapping: {
    readonly FilterCriteria: { readonly Filters: readonly { Pattern: [condition: string, yes: string, no: string] }[] };
  };
}

/**
 * A resource's properties in `deploy/template.yaml`. CloudFormation's functions are their arguments: `!Ref X` is `X`,
 * `!If [A, b, c]` is that list.
 */
export function templateResource<Name extends keyof Properties>(name: Name): Properties[Name] {
  const template = parse(readFileSync('deploy/template.yaml', 'utf8'), { logLevel: 'silent' });
  return template.Resources[name].Properties;
}

/** The pattern by which the event source mapping lets records through. */
export function filterPattern(deletions: 'ttl' | 'inferred'): Pattern {
  const [filter] = templateResource('StreamMapping').FilterCriteria.Filters;
  return JSON.parse(filter?.Pattern[deletions === 'ttl' ? 1 : 2] ?? '');
}

type Pattern = { readonly [member: string]: readonly unknown[] | Pattern };

/** Whether Lambda lets a record through: each member of the pattern names the values that the record's member may have. */
export function passes(pattern: Pattern, record: unknown): boolean {
  if (typeof record !== 'object' || record === null) return false;
  return Object.entries(pattern).every(([name, wanted]) => {
    const value: unknown = (record as Record<string, unknown>)[name];
    return Array.isArray(wanted) ? wanted.includes(value) : passes(wanted as Pattern, value);
  });
}
