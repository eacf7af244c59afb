import type { JSX } from 'preact';
import { Choice } from '../../../ui/choice';
import { Field } from '../../../ui/field';
import { choiceOf } from '../../../ui/form';
import { formatPrice, formatShares } from '../../../ui/format';
import { isByAmount, mayRest, type OrderDraft, timeInForceOf, TIMES } from './order-draft';
import { TIME_WORDS } from './ticket-words';

interface FieldsProps {
  draft: OrderDraft;
  change: (changed: Partial<OrderDraft>) => void;
  /** What is wrong with a field of the request. */
  faultOf: (field: string) => string | undefined;
}

interface SizeAndPriceProps extends FieldsProps {
  tickSize: number | null;
  minOrderSize: number | null;
}

export function SizeAndPrice({ draft, change, faultOf, tickSize, minOrderSize }: SizeAndPriceProps): JSX.Element {
  const isLimit = draft.type === 'limit';
  const smallest = minOrderSize === null ? undefined : `${formatShares(minOrderSize)} or more if it may rest`;
  const steps =
    tickSize === null
      ? undefined
      : `${formatPrice(tickSize)} to ${formatPrice(1 - tickSize)}, steps of ${formatPrice(tickSize)}`;
  return (
    <>
      {draft.type === 'market' && draft.side === 'buy' && (
        <Choice
          label="Size in"
          options={[
            { key: 'shares', title: 'Shares' },
            { key: 'usdc', title: 'USDC to spend' },
          ]}
          value={draft.sizeIn}
          onChoose={(sizeIn) => change({ sizeIn })}
        />
      )}
      <div class="ticket-pair">
        {isByAmount(draft) ? (
          <Field label="Amount, USDC" error={faultOf('amount')} hint="Fees come on top">
            {(control) => (
              <input
                {...control}
                name="amount"
                inputMode="decimal"
                autocomplete="off"
                required
                value={draft.amount}
                onInput={({ currentTarget }) => change({ amount: currentTarget.value })}
              />
            )}
          </Field>
        ) : (
          <Field
            label="Shares"
            error={faultOf('quantity')}
            {...(isLimit && smallest !== undefined && { hint: smallest })}
          >
            {(control) => (
              <input
                {...control}
                name="quantity"
                inputMode="decimal"
                autocomplete="off"
                required
                value={draft.quantity}
                onInput={({ currentTarget }) => change({ quantity: currentTarget.value })}
              />
            )}
          </Field>
        )}
        <Field
          label={isLimit ? 'Limit price' : 'Worst price (any if empty)'}
          error={faultOf('price')}
          {...(steps !== undefined && { hint: steps })}
        >
          {(control) => (
            <input
              {...control}
              name="price"
              inputMode="decimal"
              autocomplete="off"
              required={isLimit}
              value={isLimit ? draft.limit : draft.worst}
              onInput={({ currentTarget: { value } }) => change(isLimit ? { limit: value } : { worst: value })}
            />
          )}
        </Field>
      </div>
    </>
  );
}

export function TimeFields({ draft, change, faultOf }: FieldsProps): JSX.Element {
  const times = TIMES[draft.type];
  const choose = (text: string): void => {
    const time = choiceOf(times, text);
    if (time !== undefined) change(draft.type === 'limit' ? { limitTime: time } : { marketTime: time });
  };
  const time = timeInForceOf(draft);
  const postOnlyFault = faultOf('post_only');
  return (
    <>
      <Field label="How long it works" error={faultOf('time_in_force')}>
        {(control) => (
          <select {...control} value={time} onChange={({ currentTarget }) => choose(currentTarget.value)}>
            {times.map((each) => (
              <option key={each} value={each}>
                {TIME_WORDS[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {time === 'gtd' && (
        <Field
          label="Ends at"
          error={faultOf('expires_at')}
          hint="More than a minute from now; it stops resting a minute before"
        >
          {(control) => (
            <input
              {...control}
              type="datetime-local"
              required
              value={draft.expiresAt}
              onInput={({ currentTarget }) => change({ expiresAt: currentTarget.value })}
            />
          )}
        </Field>
      )}
      {mayRest(draft) && (
        <label class="check">
          <input
            type="checkbox"
            checked={draft.postOnly}
            onChange={({ currentTarget }) => change({ postOnly: currentTarget.checked })}
          />
          Post-only: refuse it rather than let it take
        </label>
      )}
      {postOnlyFault !== undefined && <p class="hint bad">{postOnlyFault}</p>}
    </>
  );
}
