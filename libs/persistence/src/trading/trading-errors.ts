/** The portfolio was changed since it was read: nothing was written. Whoever meets it reads again and decides again. */
export class PortfolioConflict extends Error {
  constructor(portfolioId: string) {
    super(`portfolio ${portfolioId} was changed since it was read`);
    this.name = 'PortfolioConflict';
  }
}

/** The portfolio has an order of that client order id: nothing was written. */
export class DuplicateClientOrderId extends Error {
  constructor(portfolioId: string) {
    super(`portfolio ${portfolioId} has an order of that client order id`);
    this.name = 'DuplicateClientOrderId';
  }
}

/** The idempotency key belongs to another request: nothing was written. */
export class IdempotencyKeyTaken extends Error {
  constructor() {
    super('the idempotency key belongs to another request');
    this.name = 'IdempotencyKeyTaken';
  }
}
