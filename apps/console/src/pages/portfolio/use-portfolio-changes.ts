import { useQueryClient } from '@tanstack/preact-query';
import { useCallback, useEffect, useMemo } from 'preact/hooks';
import type { Schemas } from '../../api/client';
import { type PortfolioMessage, useLivePortfolio } from '../../live/live';
import { atMostEvery } from './at-most-every';
import { changedDetail, changedOrder, changedOrders, changedTrades, changedWorkingOrders } from './live-changes';
import {
  detailKey,
  explanationsKey,
  ordersKey,
  portfolioKey,
  reportKey,
  tradesKey,
  type WorkingOrders,
  workingOrdersKey,
} from './queries';

/** An account may ask a hundred times a minute, and what a message tells is shown without asking. */
const ASK_EVERY_MS = 3_000;
const REPORT_EVERY_MS = 15_000;

/** Keeps what is shown of a portfolio as it is while the component is there: by its messages, and by asking for what they do not tell. */
export function usePortfolioChanges(id: string): void {
  const queries = useQueryClient();
  const [askAgain, askForReports] = useMemo(
    () => [
      atMostEvery(ASK_EVERY_MS, () => void queries.invalidateQueries({ queryKey: portfolioKey(id) })),
      // One that is on its way is not begun anew.
      atMostEvery(
        REPORT_EVERY_MS,
        () => void queries.invalidateQueries({ queryKey: reportKey(id) }, { cancelRefetch: false }),
      ),
    ],
    [id, queries],
  );
  useEffect(
    () => () => {
      askAgain.cancel();
      askForReports.cancel();
    },
    [askAgain, askForReports],
  );

  const missed = useCallback(() => {
    askAgain();
    askForReports();
  }, [askAgain, askForReports]);
  const hear = useCallback(
    (message: PortfolioMessage) => {
      const change = <T>(queryKey: readonly unknown[], changed: (before: T) => T): void => {
        queries.setQueriesData<T>({ queryKey }, (before) => (before === undefined ? undefined : changed(before)));
      };
      change<Schemas['PortfolioDetail']>(detailKey(id), (detail) => changedDetail(detail, message));
      change<WorkingOrders>(workingOrdersKey(id), (list) => changedWorkingOrders(list, message));
      change<Schemas['OrderList']>(ordersKey(id), (list) => changedOrders(list, message));
      change<Schemas['TradeList']>([...tradesKey(id), 1], (list) => changedTrades(list, message));
      change<Schemas['OrderExplanation']>(explanationsKey(id), (explained) => {
        const order = changedOrder(explained.order, message);
        return order === explained.order ? explained : { ...explained, order };
      });
      askAgain();
      if (message.type === 'fill' || message.type === 'settlement') askForReports();
    },
    [id, queries, askAgain, askForReports],
  );
  useLivePortfolio(id, hear, missed);
}
