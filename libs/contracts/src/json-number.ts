/**
 * A number of a JSON body that no double shows as it was written, such as 1e400 or one of forty digits: its source text, so that a field
 * that takes exact decimals can refuse it by what was sent and every other field takes it for no number at all.
 */
export class UnroundedNumber {
  constructor(readonly text: string) {}
}
