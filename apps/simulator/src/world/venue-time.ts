/** The date spellings found in the venue's answers. Arguments are Unix seconds unless they say ms. */

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** `2026-07-24T08:05:00Z` */
export function isoSeconds(seconds: number): string {
  return `${iso(Math.floor(seconds)).slice(0, 19)}Z`;
}

/** `2026-07-23T08:06:42.566385Z`; trailing zeros of the fraction are left out, as the venue does. */
export function isoMicros(seconds: number, micros: number): string {
  const fraction = micros.toString().padStart(6, '0').replace(/0+$/, '');
  return fraction === '' ? isoSeconds(seconds) : `${isoSeconds(seconds).slice(0, 19)}.${fraction}Z`;
}

/** `2026-07-24` */
export function isoDay(seconds: number): string {
  return iso(seconds).slice(0, 10);
}

/** `2026-07-24 08:05:18+00`: a space and a two-digit zone, not ISO 8601. */
export function spaced(seconds: number): string {
  const text = iso(Math.floor(seconds));
  return `${text.slice(0, 10)} ${text.slice(11, 19)}+00`;
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
