/** Earliest year a venue date can mean; the zero time of Go services lies before it. */
const EARLIEST_YEAR = 1970;
const DAYS_BEFORE_TIME = 10;
const ZONE = /^(?:[Zz]|([+-])(\d{2}):?(\d{2})?)?$/;

/**
 * Reads the venue's date forms: RFC 3339 with 0 to 9 decimals, `2026-07-24 00:00:16+00` (space, two-digit zone), and `2026-07-24`.
 * Without a zone the time is taken as UTC. Read by hand: a page of markets holds a thousand dates.
 * @returns the moment to the millisecond, or null when the text is no such date or no such day exists.
 */
export function parseVenueDate(text: string): Date | null {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  // NaN fails every comparison, so a missing digit anywhere ends here.
  if (!(year >= EARLIEST_YEAR && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return null;
  if (text[4] !== '-' || text[7] !== '-') return null;
  if (text.length === DAYS_BEFORE_TIME) return new Date(Date.UTC(year, month - 1, day));

  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return null;
  if ((text[10] !== 'T' && text[10] !== ' ') || text[13] !== ':' || text[16] !== ':') return null;

  let end = 19;
  let milliseconds = 0;
  if (text[end] === '.') {
    const start = end + 1;
    end = start;
    while (end - start < 9 && isDigit(text.charCodeAt(end))) end += 1;
    if (end === start) return null;
    milliseconds = Number(text.slice(start, Math.min(end, start + 3)).padEnd(3, '0'));
  }
  const zoneMinutes = end === text.length - 1 && text[end] === 'Z' ? 0 : zoneOffset(text.slice(end));
  if (zoneMinutes === null) return null;
  return new Date(Date.UTC(year, month - 1, day, hour, minute - zoneMinutes, second, milliseconds));
}

/** Whether a text is the zero value of a Go `time.Time`, written where the venue has no date. */
export function isZeroTime(text: string): boolean {
  return text.startsWith('0001-01-01');
}

function zoneOffset(text: string): number | null {
  const match = ZONE.exec(text);
  if (match === null) return null;
  const hours = Number(match[2] ?? 0);
  const minutes = Number(match[3] ?? 0);
  if (hours > 23 || minutes > 59) return null;
  return (match[1] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at);
  const ones = text.charCodeAt(at + 1);
  return isDigit(tens) && isDigit(ones) ? (tens - 48) * 10 + (ones - 48) : NaN;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
