import { SystemClock } from '@app/platform';
import { type MarketChannelMessage, MarketStream, parseVerifiedBook, type StreamEvent } from '@app/polymarket';
import { startTestSimulator, type TestSimulator, waitFor } from '@app/testing';

describe('MarketStream against the simulated venue', () => {
  let simulator: TestSimulator;
  let stream: MarketStream;
  let messages: MarketChannelMessage[];
  let slug: string;
  let tokenIds: [string, string];

  beforeEach(async () => {
    simulator = await startTestSimulator({ markets: 200 });
    const open = (await simulator.markets({ listed: true })).find(
      (row) => row.acceptingOrders === true && Number(row.bestBid) > 0.1 && Number(row.bestAsk) < 0.9,
    );
    slug = String(open?.slug);
    tokenIds = JSON.parse(String(open?.clobTokenIds)) as [string, string];
    messages = [];
    stream = new MarketStream(
      { url: simulator.marketStreamUrl, clock: new SystemClock(), random: () => 0 },
      (event: StreamEvent) => {
        if (event.kind === 'message') messages.push(event.message);
      },
    );
    stream.subscribe(tokenIds);
    await heard('book');
  });
  afterEach(async () => {
    await stream.close();
    await simulator.stop();
  });

  const of = <Type extends MarketChannelMessage['type']>(type: Type): Extract<MarketChannelMessage, { type: Type }>[] =>
    messages.filter((message): message is Extract<MarketChannelMessage, { type: Type }> => message.type === type);
  const heard = (type: MarketChannelMessage['type'], times = 1): Promise<unknown> =>
    waitFor(() => of(type).length >= times, { what: `${times} ${type}` });

  it('understands every kind of message, and leaves none unread', async () => {
    await simulator.step(300);
    await simulator.trade(slug, { side: 'SELL', outcome: 1, size: '3.25' });
    await simulator.change(slug, { tick_size: 0.001 });
    await simulator.addMarkets(1);
    await simulator.change(slug, { resolve: 0 });
    await heard('market_resolved');
    const kinds: MarketChannelMessage['type'][] = [
      'book',
      'price_change',
      'last_trade_price',
      'tick_size_change',
      'best_bid_ask',
      'new_market',
      'market_resolved',
    ];
    expect(kinds.filter((kind) => of(kind).length === 0)).toEqual([]);
    expect(of('last_trade_price').at(-1)).toMatchObject({ tokenId: tokenIds[1], side: 'SELL', size: 3_250_000n });
    expect(of('market_resolved')).toMatchObject([{ winningTokenId: tokenIds[0], tokenIds }]);
    expect(stream.stats()).toMatchObject({ unknownKinds: 0, unreadable: 0, invalidOperations: 0, reconnects: 0 });
  });

  it('hears books that are those of REST, where their hash verifies', async () => {
    await simulator.trade(slug, { side: 'BUY', size: '1' });
    await heard('book', 4);
    const answer: unknown = await (await fetch(`${simulator.clobUrl}/book?token_id=${tokenIds[0]}`)).json();
    const rest = parseVerifiedBook(answer, 'book');
    expect(rest).toMatchObject({ ok: true });
    expect(rest.ok && rest.value).toEqual(
      of('book')
        .filter(({ book }) => book.tokenId === tokenIds[0])
        .at(-1)?.book,
    );
  });
});
