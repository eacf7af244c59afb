/** The date spellings found in the venue's answers. Arguments are Unix seconds unless they say ms. */

const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => value.toString().padStart(2, '0'));
const DAYS = new Map<number, string>();

function dayText(day: number): string {
  const known = DAYS.get(day);
  if (known !== undefined) return known;
  const text = new Date(day * 86_400_000).toISOString().slice(0, 10);
  DAYS.set(day, text);
  return text;
}

function clockText(secondOfDay: number): string {
  const minute = Math.floor(secondOfDay / 60);
  return `${TWO_DIGITS[Math.floor(minute / 60)]}:${TWO_DIGITS[minute % 60]}:${TWO_DIGITS[secondOfDay % 60]}`;
}

function stamp(seconds: number, separator: 'T' | ' '): string {
  const whole = Math.floor(seconds);
  const day = Math.floor(whole / 86_400);
  return `${dayText(day)}${separator}${clockText(whole - day * 86_400)}`;
}

/** `2026-07-24T08:05:00Z` */
export function isoSeconds(seconds: number): string {
  return `${stamp(seconds, 'T')}Z`;
}

/** `2026-07-23T08:06:42.566385Z`; trailing zeros of the fraction are left out, as the venue does. */
export function isoMicros(seconds: number, micros: number): string {
  const fraction = micros.toString().padStart(6, '0').replace(/0+$/, '');
  return fraction === '' ? isoSeconds(seconds) : `${stamp(seconds, 'T')}.${fraction}Z`;
}

/** `2026-07-24` */
export function isoDay(seconds: number): string {
  return dayText(Math.floor(seconds / 86_400));
}

/** `2026-07-24 08:05:18+00`: a space and a two-digit zone, not ISO 8601. */
export function spaced(seconds: number): string {
  return `${stamp(seconds, ' ')}+00`;
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

export function monthName(seconds: number): string {
  return MONTHS[new Date(seconds * 1000).getUTCMonth()] ?? '';
}

export function year(seconds: number): number {
  return new Date(seconds * 1000).getUTCFullYear();
}

/** `November 7, 2026` */
export function longDate(seconds: number): string {
  return `${monthName(seconds)} ${new Date(seconds * 1000).getUTCDate()}, ${year(seconds)}`;
}

/** `July 24` */
export function dayOfMonth(seconds: number): string {
  return `${monthName(seconds)} ${new Date(seconds * 1000).getUTCDate()}`;
}

/** `4:05AM`, in the fixed UTC-5 the simulator calls ET. */
export function easternClock(seconds: number): string {
  const date = new Date((seconds - 5 * 3600) * 1000);
  const hour = date.getUTCHours();
  const minute = date.getUTCMinutes().toString().padStart(2, '0');
  return `${hour % 12 === 0 ? 12 : hour % 12}:${minute}${hour < 12 ? 'AM' : 'PM'}`;
}
