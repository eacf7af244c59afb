import { MicroUsdc } from '@app/domain';
import { Parsed } from '../wire/refusal';
import { parseRow, WireObject } from '../wire/wire-object';

/** A price of an asset outside the venue. */
export interface AssetPrice {
  value: MicroUsdc;
  venueTime: Date;
}

/** A price frame of the real-time data socket: one price, or the backlog that answers a subscription. Source: recorded June 2026. */
export interface RtdsPriceMessage {
  topic: string;
  type: string;
  symbol: string;
  prices: AssetPrice[];
  venueTime: Date;
}

export function parseRtdsPriceMessage(value: unknown, path: string): Parsed<RtdsPriceMessage> {
  return parseRow(value, path, (row) => {
    const payload = row.object('payload');
    return {
      topic: row.text('topic'),
      type: row.text('type'),
      symbol: payload.text('symbol'),
      prices: payload.has('data') ? payload.requiredList('data', readAssetPrice) : [readAssetPrice(payload)],
      venueTime: row.milliseconds('timestamp'),
    };
  });
}

function readAssetPrice(point: WireObject): AssetPrice {
  return {
    value: point.amount('value') ?? point.refuse('value', 'a price of 0 or more'),
    venueTime: point.milliseconds('timestamp'),
  };
}
