const LOCALE = 'en-US';
const DASH = '–';

/** What rounds to nothing has no sign. */
const numbers = (digits: Intl.NumberFormatOptions): Intl.NumberFormat =>
  new Intl.NumberFormat(LOCALE, { signDisplay: 'negative', ...digits });
const dollars = { style: 'currency', currency: 'USD', minimumFractionDigits: 2 } as const;

const money = numbers({ ...dollars, maximumFractionDigits: 2 });
const exactMoney = numbers({ ...dollars, maximumFractionDigits: 6 });
const gain = numbers({ ...dollars, maximumFractionDigits: 2, signDisplay: 'exceptZero' });
const shares = numbers({ maximumFractionDigits: 6 });
const price = numbers({ minimumFractionDigits: 2, maximumFractionDigits: 4 });
const compact = numbers({ notation: 'compact', maximumFractionDigits: 1 });
const percent = numbers({ style: 'percent', maximumFractionDigits: 2 });
const whole = numbers({ maximumFractionDigits: 0 });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

type Amount = number | null | undefined;

const orDash =
  <T>(format: (value: T) => string) =>
  (value: T | null | undefined): string =>
    value === null || value === undefined ? DASH : format(value);

/** USDC to the cent. */
export const formatMoney: (usdc: Amount) => string = orDash((usdc) => money.format(usdc));
/** USDC to the last digit there is. */
export const formatExactMoney: (usdc: Amount) => string = orDash((usdc) => exactMoney.format(usdc));
/** USDC gained or lost to the cent, with its sign. */
export const formatGain: (usdc: Amount) => string = orDash((usdc) => gain.format(usdc));
export const formatShares: (quantity: Amount) => string = orDash((quantity) => shares.format(quantity));
/** USDC a share, from 0 to 1. */
export const formatPrice: (usdc: Amount) => string = orDash((usdc) => price.format(usdc));

/** Formats prices with as many places as their smallest step has, so that they stand below each other. */
export function priceFormatOf(tick: number | null): (usdc: Amount) => string {
  const places = String(tick ?? 0).split('.')[1]?.length ?? 0;
  const stepped = numbers({ minimumFractionDigits: Math.max(2, places), maximumFractionDigits: Math.max(4, places) });
  return orDash((usdc) => stepped.format(usdc));
}

/** A large sum, rounded: 1.2M. */
export const formatCompact: (value: Amount) => string = orDash((value) => compact.format(value));
/** A fraction of 1. */
export const formatPercent: (fraction: Amount) => string = orDash((fraction) => percent.format(fraction));
export const formatCount: (count: Amount) => string = orDash((count) => whole.format(count));

type Instant = string | number | Date | null | undefined;

/** Keeps a time in one line. */
const unbroken = (text: string): string => text.replace(/ (?=[AP]M$)/, '\u00a0');

export const formatDateTime: (instant: Instant) => string = orDash((instant) =>
  unbroken(dateTime.format(new Date(instant))),
);
export const formatDate: (instant: Instant) => string = orDash((instant) => date.format(new Date(instant)));
export const formatTime: (instant: Instant) => string = orDash((instant) => unbroken(time.format(new Date(instant))));

const UNITS: readonly [string, number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
];

/** Seconds in the largest unit that fits: 42 s, 3 min, 2 h, 5 d. */
export function formatSeconds(seconds: number): string {
  for (const [unit, size] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  return `${Math.max(0, Math.floor(seconds))} s`;
}
