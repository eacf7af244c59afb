const LOCALE = 'en-US';
const DASH = '–';

const money = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const exactMoney = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 6 });
const shares = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 6 });
const price = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 4 });
const compact = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

type Amount = number | null | undefined;

const orDash =
  <T>(format: (value: T) => string) =>
  (value: T | null | undefined): string =>
    value === null || value === undefined ? DASH : format(value);

/** USDC to the cent. */
export const formatMoney: (usdc: Amount) => string = orDash((usdc) => `$${money.format(usdc)}`.replace('$-', '-$'));
/** USDC to the last digit there is. */
export const formatExactMoney: (usdc: Amount) => string = orDash((usdc) =>
  `$${exactMoney.format(usdc)}`.replace('$-', '-$'),
);
/** USDC gained or lost, with its sign. */
export const formatGain: (usdc: Amount) => string = orDash((usdc) => (usdc > 0 ? '+' : '') + formatMoney(usdc));
export const formatShares: (quantity: Amount) => string = orDash((quantity) => shares.format(quantity));
/** USDC a share, from 0 to 1. */
export const formatPrice: (usdc: Amount) => string = orDash((usdc) => price.format(usdc));
/** A large sum, rounded: 1.2M. */
export const formatCompact: (value: Amount) => string = orDash((value) => compact.format(value));
/** A fraction of 1. */
export const formatPercent: (fraction: Amount) => string = orDash((fraction) => percent.format(fraction));
export const formatCount: (count: Amount) => string = orDash((count) => whole.format(count));

type Instant = string | number | Date | null | undefined;

export const formatDateTime: (instant: Instant) => string = orDash((instant) => dateTime.format(new Date(instant)));
export const formatDate: (instant: Instant) => string = orDash((instant) => date.format(new Date(instant)));
export const formatTime: (instant: Instant) => string = orDash((instant) => time.format(new Date(instant)));

const UNITS: readonly [string, number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
];

/** Seconds in the largest unit that fits: 42 s, 3 min, 2 h, 5 d. */
export function formatSeconds(seconds: number): string {
  for (const [unit, size] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  return `${Math.max(0, Math.round(seconds))} s`;
}
