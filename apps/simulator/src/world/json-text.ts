/**
 * Writes one JSON object that begins with an id, field by field, in order. It is several times faster than building the object first, which decides how many
 * pages a simulator serves.
 */
export class JsonText {
  private out: string;

  /** @param id the first field */
  constructor(id: string) {
    this.out = `{"id":"${id}"`;
  }

  /** Any text, escaped. */
  text(key: string, value: string): this {
    this.out += `,"${key}":${JSON.stringify(value)}`;
    return this;
  }

  /** Text that holds nothing to escape: digits, hex, dates, slugs. */
  plain(key: string, value: string): this {
    this.out += `,"${key}":"${value}"`;
    return this;
  }

  /** A finite number or a boolean. */
  value(key: string, value: number | boolean): this {
    this.out += `,"${key}":${value}`;
    return this;
  }

  /** JSON text, as it is. */
  raw(key: string, json: string): this {
    this.out += `,"${key}":${json}`;
    return this;
  }

  /** Fields already written, without braces. */
  fields(fields: string): this {
    if (fields !== '') this.out += `,${fields}`;
    return this;
  }

  /** The object without its closing brace, to add fields to. */
  open(): string {
    return this.out;
  }
}

/** Writes constant fields once, for `JsonText.fields`. */
export function constantFields(fields: Record<string, unknown>): string {
  return JSON.stringify(fields).slice(1, -1);
}
