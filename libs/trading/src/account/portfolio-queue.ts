/** Lets the decisions about one portfolio come one after the other, in order of arrival. Those about different ones do not wait for each other. */
export class PortfolioQueue {
  private readonly lasts = new Map<string, Promise<unknown>>();

  async run<T>(portfolioId: string, decide: () => Promise<T>): Promise<T> {
    const before = this.lasts.get(portfolioId);
    const turn = before === undefined ? decide() : before.then(decide);
    const end = turn.catch(() => undefined);
    this.lasts.set(portfolioId, end);
    try {
      return await turn;
    } finally {
      if (this.lasts.get(portfolioId) === end) this.lasts.delete(portfolioId);
    }
  }
}
