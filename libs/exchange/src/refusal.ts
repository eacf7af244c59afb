import type { DomainErrorCode } from '@app/domain';

/** Why an order is not accepted. */
export interface Refusal {
  code: DomainErrorCode;
  /** The venue's own text first where it has one, then what was found and what would be accepted. */
  message: string;
  /** The field as requests spell it; null when no field alone is to blame. */
  field: string | null;
}
