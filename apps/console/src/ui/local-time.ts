/** An instant as a field for date and time holds it, on this machine's clock; empty when it is none. */
export function toLocalInput(instant: string | undefined): string {
  const at = new Date(instant ?? '');
  if (Number.isNaN(at.getTime())) return '';
  const [date, time] = [
    [at.getFullYear(), at.getMonth() + 1, at.getDate()],
    [at.getHours(), at.getMinutes()],
  ].map((parts) => parts.map((part) => String(part).padStart(2, '0')));
  return `${date?.join('-') ?? ''}T${time?.join(':') ?? ''}`;
}

/** What a field for date and time holds, as an instant; empty when it holds none. */
export function fromLocalInput(text: string): string {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
}
