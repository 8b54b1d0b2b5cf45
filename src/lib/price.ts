/** https://aws.amazon.com/dynamodb/pricing/on-demand/: DynamoDB Streams, GetRecords calls. Every other call is free. */
export const DOLLARS_PER_CALL = 0.02 / 100_000;
const FREE_CALLS_A_MONTH = 2_500_000;
const MONTH_MS = 30 * 86_400_000;

export interface MonthlyPrice {
  readonly callsPerMonth: number;
  /** US dollars, after the free calls. */
  readonly dollars: number;
}

/** A shorter run says nothing about the pace of a month. */
const MIN_ELAPSED_MS = 60_000;

/** The price of GetRecords calls at this pace in a month of 30 days; undefined in the first minute. */
export function monthlyPrice(calls: number, elapsedMs: number): MonthlyPrice | undefined {
  if (elapsedMs < MIN_ELAPSED_MS) return undefined;
  const callsPerMonth = Math.round((calls / elapsedMs) * MONTH_MS);
  return { callsPerMonth, dollars: Math.max(0, callsPerMonth - FREE_CALLS_A_MONTH) * DOLLARS_PER_CALL };
}

/** `$0.00 a month at this pace (1,000,000 calls)`. */
export function formatPrice({ callsPerMonth, dollars }: MonthlyPrice): string {
  return `$${dollars.toFixed(2)} a month at this pace (${callsPerMonth.toLocaleString('en-US')} calls)`;
}
