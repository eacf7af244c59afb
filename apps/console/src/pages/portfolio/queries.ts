import { keepPreviousData, type QueryClient, useQuery, type UseQueryResult } from '@tanstack/preact-query';
import { api, ask, type Schemas } from '../../api/client';
import { isWorking } from './live-changes';

/* What the pages of portfolios ask for. Every key of a portfolio but that of its reports begins with `portfolioKey`. */

type OrderStatus = Schemas['Order']['status'];

const PAGE_SIZE = 20;
const MOST_WORKING = 100;
/** How often the place in the queue of resting orders is looked at: no message tells of it. */
const QUEUE_EVERY_MS = 10_000;
const EXPLAIN_EVERY_MS = 5_000;

type Key = readonly string[];

export const PORTFOLIOS_KEY: Key = ['portfolios'];
export const portfolioKey = (id: string): Key => ['portfolio', id];
export const detailKey = (id: string): Key => [...portfolioKey(id), 'detail'];
export const workingOrdersKey = (id: string): Key => [...portfolioKey(id), 'working-orders'];
export const ordersKey = (id: string): Key => [...portfolioKey(id), 'orders'];
export const explanationsKey = (id: string): Key => [...portfolioKey(id), 'explanation'];
export const tradesKey = (id: string): Key => [...portfolioKey(id), 'trades'];
export const ledgerKey = (id: string): Key => [...portfolioKey(id), 'ledger'];
/** Reports are dear to make, and are not asked for as often as the rest. */
export const reportKey = (id: string): Key => ['portfolio-report', id];

/** Asks for everything about a portfolio again that is shown, after it was changed as a whole. */
export async function refreshPortfolio(queries: QueryClient, id: string): Promise<void> {
  const keys = [portfolioKey(id), reportKey(id), PORTFOLIOS_KEY];
  await Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })));
}

export function usePortfolios(): UseQueryResult<Schemas['Portfolio'][]> {
  return useQuery({
    queryKey: PORTFOLIOS_KEY,
    queryFn: ({ signal }) => ask(api.GET('/portfolios', { signal })),
    staleTime: 0,
  });
}

/** The portfolio with its positions and what it is worth. */
export function usePortfolio(id: string): UseQueryResult<Schemas['PortfolioDetail']> {
  return useQuery({
    queryKey: detailKey(id),
    queryFn: ({ signal }) => ask(api.GET('/portfolios/{id}', { params: { path: { id } }, signal })),
    staleTime: 2_000,
    refetchInterval: 30_000,
  });
}

export interface WorkingOrders {
  /** Newest first. */
  orders: Schemas['Order'][];
  /** How many there are; `orders` may hold fewer. */
  total: number;
}

/** Orders that may still fill. */
export function useWorkingOrders(id: string, isShown: boolean): UseQueryResult<WorkingOrders> {
  return useQuery({
    queryKey: workingOrdersKey(id),
    enabled: isShown,
    queryFn: async ({ signal }): Promise<WorkingOrders> => {
      const lists = await Promise.all(
        (['open', 'partially_filled'] as const).map((status) =>
          ask(
            api.GET('/portfolios/{id}/orders', {
              params: { path: { id }, query: { status, page_size: MOST_WORKING } },
              signal,
            }),
          ),
        ),
      );
      return {
        orders: lists.flatMap(({ orders }) => orders).sort((a, b) => b.created_at.localeCompare(a.created_at)),
        total: lists.reduce((sum, { total }) => sum + total, 0),
      };
    },
    staleTime: 0,
    refetchInterval: ({ state }) => ((state.data?.orders.length ?? 0) > 0 ? QUEUE_EVERY_MS : false),
  });
}

export function useOrders(
  id: string,
  { status, page }: { status: OrderStatus | undefined; page: number },
  isShown: boolean,
): UseQueryResult<Schemas['OrderList']> {
  return useQuery({
    queryKey: [...ordersKey(id), status ?? null, page],
    enabled: isShown,
    queryFn: ({ signal }) =>
      ask(
        api.GET('/portfolios/{id}/orders', {
          params: { path: { id }, query: { ...(status === undefined ? {} : { status }), page, page_size: PAGE_SIZE } },
          signal,
        }),
      ),
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
}

/** An order, why it stands so, and what it waits for. */
export function useOrderExplanation(id: string, orderId: string): UseQueryResult<Schemas['OrderExplanation']> {
  return useQuery({
    queryKey: [...explanationsKey(id), orderId],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/portfolios/{id}/orders/{order_id}/explain', { params: { path: { id, order_id: orderId } }, signal }),
      ),
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data !== undefined && isWorking(state.data.order) ? EXPLAIN_EVERY_MS : false,
  });
}

export function useTrades(id: string, page: number): UseQueryResult<Schemas['TradeList']> {
  return useQuery({
    queryKey: [...tradesKey(id), page],
    queryFn: async ({ signal }) => {
      const params = { path: { id }, query: { page, page_size: PAGE_SIZE } };
      const list = await ask(api.GET('/portfolios/{id}/trades', { params, signal }));
      // Only who asks for CSV is answered with text.
      if (typeof list === 'string') throw new TypeError('the trades came as text');
      return list;
    },
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
}

/** One page of the ledger, the oldest entry first; the last page, which has the newest, where none is named. */
export function useLedger(id: string, page: number | undefined): UseQueryResult<Schemas['Ledger']> {
  return useQuery({
    queryKey: [...ledgerKey(id), page ?? null],
    queryFn: async ({ signal }) => {
      const read = (of: number): Promise<Schemas['Ledger']> =>
        ask(
          api.GET('/portfolios/{id}/ledger', {
            params: { path: { id }, query: { page: of, page_size: PAGE_SIZE } },
            signal,
          }),
        );
      const named = await read(page ?? 1);
      return page === undefined && named.total_pages > 1 ? read(named.total_pages) : named;
    },
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
}

export function useMetrics(id: string): UseQueryResult<Schemas['PortfolioMetrics']> {
  return useQuery({
    queryKey: [...reportKey(id), 'metrics'],
    queryFn: ({ signal }) => ask(api.GET('/portfolios/{id}/metrics', { params: { path: { id } }, signal })),
  });
}

/** @param resolution minutes between the points */
export function useMarkToMarket(id: string, resolution: number): UseQueryResult<Schemas['MarkToMarket']> {
  return useQuery({
    queryKey: [...reportKey(id), 'mtm', resolution],
    queryFn: ({ signal }) =>
      ask(api.GET('/portfolios/{id}/mtm', { params: { path: { id }, query: { resolution } }, signal })),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
}
