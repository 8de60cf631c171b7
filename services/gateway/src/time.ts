const yearMin = 1970;
const yearMax = 9999;

/** Whether a parsed time is a real one that PostgreSQL and RFC 3339 both hold. */
export function isUsableTime(time: Date): boolean {
  const year = time.getUTCFullYear();
  // Not for a time that is none, whose year is NaN.
  return year >= yearMin && year <= yearMax;
}

/** What is wrong with a time that is not. */
export const unusableTime = `must be a real time from ${yearMin} to ${yearMax}`;
