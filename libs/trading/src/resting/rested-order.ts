import type { MicroPrice, MicroShares, Order } from '@app/domain';

/** An order from when it was placed in a resting book until it leaves it. What fills it in between rests on what was known of it when it was placed. */
export class RestedOrder {
  readonly orderId: string;
  readonly portfolioId: string;
  arrivalMidpoint: MicroPrice | null;
  /** Its place in the queue as stored. */
  noted: MicroShares | null;
  /** Whether it was found to be stored as something else than the book takes it for: nothing that is not stored yet counts. */
  isDoubted = false;

  /** @param printsBefore keys of the prints that had filled it when it was placed */
  constructor(
    order: Order,
    readonly printsBefore: ReadonlySet<string>,
  ) {
    this.orderId = order.id;
    this.portfolioId = order.portfolioId;
    this.arrivalMidpoint = order.arrivalMidpoint;
    this.noted = order.queueAhead;
  }
}
