/** Dollars for 100,000 GetRecords calls beyond the free ones (DynamoDB on-demand pricing, DynamoDB Streams). */
const DOLLARS_PER_100K = 0.02;
/** GetRecords calls a month that are free. */
const FREE_CALLS = 2_500_000;
const MONTH_MS = 30 * 24 * 60 * 60 * 1000;

/** What so many GetRecords calls in so many milliseconds come to in a month of 30 days. */
export function monthlyCost(calls: number, elapsedMs: number): { callsAMonth: number; dollars: number } {
  const callsAMonth = elapsedMs <= 0 ? 0 : Math.round((calls * MONTH_MS) / elapsedMs);
  return { callsAMonth, dollars: (Math.max(0, callsAMonth - FREE_CALLS) / 100_000) * DOLLARS_PER_100K };
}

/** As a text: `1,234 a month at this pace, $0.00`. */
export function formatMonthlyCost(calls: number, elapsedMs: number): string {
  const { callsAMonth, dollars } = monthlyCost(calls, elapsedMs);
  return `${callsAMonth.toLocaleString('en-US')} a month at this pace, $${dollars.toFixed(2)}`;
}
