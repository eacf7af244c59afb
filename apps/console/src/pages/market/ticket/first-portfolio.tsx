import { useMutation, useQueryClient } from '@tanstack/preact-query';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api, ask, idempotencyKey } from '../../../api/client';
import { Intent } from '../../../api/intent';
import { ProblemNotice } from '../../../ui/query-view';
import { PORTFOLIOS_KEY } from '../../portfolio/queries';
import { choosePortfolio } from './chosen-portfolio';

const FIRST = { name: 'My first portfolio', initial_balance: 10_000 };

/** Offers a portfolio to who has none. */
export function FirstPortfolio(): JSX.Element {
  const queries = useQueryClient();
  const [intent] = useState(() => new Intent(idempotencyKey));
  const open = useMutation({
    mutationFn: () =>
      ask(api.POST('/portfolios', { body: FIRST, params: { header: { 'Idempotency-Key': intent.keyOf(FIRST) } } })),
    onSuccess: async ({ id }) => {
      choosePortfolio(id);
      await queries.invalidateQueries({ queryKey: PORTFOLIOS_KEY });
    },
  });
  return (
    <>
      <p>Orders are placed from a portfolio, and you have none yet.</p>
      {open.error !== null && <ProblemNotice error={open.error} />}
      <button type="button" class="primary" disabled={open.isPending} onClick={() => open.mutate()}>
        Open one with $10,000 of paper money
      </button>
    </>
  );
}
