import type { OrderBody, OrderBookBody, PortfolioBody, PortfolioDetailBody, ProblemBody } from '@app/contracts';
import { isTradeable, type Market, type Role } from '@app/domain';
import type { TestAnswer, TestApi } from './api-harness';

/** One account that trades through a test api. */
export class PortfolioClient {
  private constructor(
    readonly api: TestApi,
    readonly headers: Record<string, string>,
    readonly userId: string,
  ) {}

  private static accounts = 0;

  /** A client of an account of its own. */
  static async of(api: TestApi, role: Role = 'user'): Promise<PortfolioClient> {
    PortfolioClient.accounts += 1;
    const id = `trader-${PortfolioClient.accounts}`;
    return new PortfolioClient(api, { authorization: `Bearer ${await api.tokenFor({ id, role })}` }, id);
  }

  ask<T = ProblemBody>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<TestAnswer<T>> {
    return this.api.send<T>(method, path, body, { ...this.headers, ...headers });
  }

  get<T = ProblemBody>(path: string): Promise<TestAnswer<T>> {
    return this.ask<T>('GET', path);
  }

  post<T = ProblemBody>(path: string, body?: unknown, headers?: Record<string, string>): Promise<TestAnswer<T>> {
    return this.ask<T>('POST', path, body, headers);
  }

  /** Opens a portfolio and returns its path. */
  async open(change: Record<string, unknown> = {}): Promise<string> {
    const opened = await this.post<PortfolioBody>('/portfolios', { name: 'A portfolio', latency: 'ideal', ...change });
    if (opened.status !== 201) throw new Error(`opening a portfolio: ${JSON.stringify(opened.body)}`);
    return `/portfolios/${opened.body.id}`;
  }

  /** What a portfolio has. */
  async detail(path: string): Promise<PortfolioDetailBody> {
    const { status, body } = await this.get<PortfolioDetailBody>(path);
    if (status !== 200) throw new Error(`reading ${path}: ${JSON.stringify(body)}`);
    return body;
  }

  /** Places an order that must be accepted. */
  async place(path: string, order: Record<string, unknown>): Promise<OrderBody> {
    const placed = await this.post<OrderBody>(`${path}/orders`, order);
    if (placed.status !== 201) throw new Error(`placing an order: ${JSON.stringify(placed.body)}`);
    return placed.body;
  }
}

/** A market whose order book has both sides and several levels of asks, at a tick of a cent, that holds no taker back. */
export interface TradedMarket {
  market: Market;
  /** Of the first outcome. */
  book: OrderBookBody;
}

/** Finds markets to trade in among those that are stored. */
export async function findTradedMarkets(
  api: TestApi,
  markets: readonly Market[],
  count: number,
): Promise<TradedMarket[]> {
  const found: TradedMarket[] = [];
  for (const market of markets) {
    const isPlain = isTradeable(market) && market.outcomes.length === 2 && market.tickSize === 10_000n;
    if (!isPlain || (market.secondsDelay ?? 0) > 0 || market.fees?.type?.includes('crypto') === true) continue;
    const { status, body } = await api.get<OrderBookBody>(`/markets/by-slug/${market.slug}/book`);
    if (status !== 200 || body.asks.length < 3 || body.bids.length < 3) continue;
    const midpoint = body.midpoint ?? 0;
    if (midpoint < 0.2 || midpoint > 0.8) continue;
    found.push({ market, book: body });
    if (found.length === count) return found;
  }
  throw new Error(`only ${found.length} of ${markets.length} markets can be traded in`);
}

/** Decimal numbers added up in millionths, so that sums compare exactly. */
export function sumMicro(...amounts: (number | null)[]): number {
  return amounts.reduce<number>((sum, amount) => sum + Math.round((amount ?? 0) * 1e6), 0);
}
