import { AccountsService } from '@app/accounts';
import { type AccountMessage, accountChannel, encodeAccountMessage, type PortfolioBody } from '@app/contracts';
import { MessageBus } from '@app/platform';
import { waitFor } from '@app/testing';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { WebSocket } from 'ws';
import { PATIENT, startTestApi, type TestApi } from './api-harness';
import { LiveClient } from './live-client';
import { findTradedMarkets, PortfolioClient } from './portfolio-client';

const CONTEXT = { address: null, requestId: 'test' };

describe('connections of /ws/live', () => {
  let api: TestApi;
  let isStopped = false;
  const clients: LiveClient[] = [];

  beforeAll(async () => {
    api = await startTestApi({
      markets: 120,
      venueOptions: PATIENT,
      live: { accessCheckMs: 100, connectionsAllowed: 3, pingMs: 3_000, closingMs: 500 },
    });
  });
  afterAll(async () => {
    if (!isStopped) await api?.stop();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });

  function open(token: string | null, options: { autoPong?: boolean } = {}): LiveClient {
    const client = LiveClient.open(api.url, token, options);
    clients.push(client);
    return client;
  }

  async function connect(token: string): Promise<LiveClient> {
    const client = open(token);
    await client.next('connected');
    return client;
  }

  it('greet whoever has a good token, and say that the markets are simulated', async () => {
    const token = await api.tokenFor({ id: 'ann', role: 'user' });
    const client = await connect(token);
    expect(client.messages[0]).toMatchObject({ type: 'connected', user_id: 'ann', market_data: 'simulated' });
  });

  it('take the token from the header too', async () => {
    const token = await api.tokenFor({ id: 'header', role: 'user' });
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws/live`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const greeting = await new Promise<string>((resolve) => {
      socket.once('message', (data: Buffer) => resolve(data.toString('utf8')));
    });
    expect(JSON.parse(greeting)).toMatchObject({ type: 'connected', user_id: 'header' });
    socket.terminate();
  });

  it.each([
    ['no token', () => Promise.resolve(null), /Send an access token/],
    ['a token that is none', () => Promise.resolve('nonsense'), /not valid/],
    ['an expired token', () => api.tokenFor({ id: 'late', role: 'user' }, -10), /expired/],
  ])('are closed with 1008 for %s', async (_what, token, reason) => {
    const client = open(await token());
    expect(await client.ended()).toEqual({ code: 1008, reason: expect.stringMatching(reason) });
    expect(client.messages).toEqual([]);
  });

  it('handle what was sent before the greeting', async () => {
    const client = open(await api.tokenFor({ id: 'eager', role: 'user' }));
    client.socket.once('open', () => client.send({ action: 'ping' }));
    await client.next('pong');
    expect(client.messages.map(({ type }) => type)).toEqual(['connected', 'pong']);
  });

  it('end with their token, after a warning', async () => {
    const client = await connect(await api.tokenFor({ id: 'brief', role: 'user' }, 8));
    const warning = await client.next('token_expiring');
    expect(warning.message).toMatch(/ends in [1-8] s/);
    expect(await client.ended()).toEqual({ code: 1008, reason: 'The access token has expired; log in again.' });
  });

  it('end when the account is disabled or has another role', async () => {
    const accounts = api.app.get(AccountsService, { strict: false });
    await api.tokenFor({ id: 'boss', role: 'admin' });
    const boss = { id: 'boss', email: 'boss@example.com' };
    const [disabled, promoted, bystander] = await Promise.all([
      connect(await api.tokenFor({ id: 'disabled', role: 'user' })),
      connect(await api.tokenFor({ id: 'promoted', role: 'user' })),
      connect(await api.tokenFor({ id: 'bystander', role: 'user' })),
    ]);
    await accounts.updateUser(boss, 'disabled', { status: 'disabled' }, CONTEXT);
    await accounts.updateUser(boss, 'promoted', { role: 'premium_user' }, CONTEXT);
    for (const client of [disabled, promoted]) {
      expect(await client.ended()).toEqual({ code: 1008, reason: 'The access token no longer counts; log in again.' });
    }
    await bystander.settle();
  });

  it.each([
    ['no JSON', 'hello', /one JSON object/],
    ['an unknown action', { action: 'buy' }, /action: must be/],
    ['an unknown field', { action: 'ping', hurry: true }, /"hurry" is not a known field/],
    ['binary', Buffer.from([1, 2, 3]), /one JSON object/],
  ])('answer %s with an error, and go on', async (_what, message, sentence) => {
    const client = await connect(await api.tokenFor({ id: `clumsy-${_what.replaceAll(' ', '-')}`, role: 'user' }));
    if (Buffer.isBuffer(message)) client.socket.send(message);
    else client.send(message);
    expect(await client.next('error')).toMatchObject({
      code: 'REQUEST.UNACCEPTABLE',
      message: expect.stringMatching(sentence),
    });
    await client.settle();
  });

  it('end when a message is too long, or when there are too many', async () => {
    const long = await connect(await api.tokenFor({ id: 'long', role: 'user' }));
    long.send('x'.repeat(64 * 1024 + 1));
    expect((await long.ended()).code).toBe(1009);
    const many = await connect(await api.tokenFor({ id: 'many', role: 'user' }));
    for (let sent = 0; sent <= 100; sent += 1) many.send({ action: 'ping' });
    expect(await many.ended()).toEqual({ code: 1008, reason: 'More than 100 messages in 10 s.' });
  });

  it('are so many for an account, and no more', async () => {
    const token = await api.tokenFor({ id: 'crowd', role: 'user' });
    const first = await connect(token);
    await connect(token);
    await connect(token);
    expect(await open(token).ended()).toEqual({
      code: 1008,
      reason: 'An account may have 3 connections; close one first.',
    });
    await first.close();
    // The server may hear of the end a moment later.
    await waitFor(async () => {
      const client = open(token);
      await waitFor(() => client.closed !== null || client.messages.length > 0);
      return client.closed === null;
    });
  });

  it('are pinged, and cut when nobody answers', async () => {
    const [alive, dead] = [
      open(await api.tokenFor({ id: 'alive', role: 'user' })),
      open(await api.tokenFor({ id: 'dead', role: 'user' }), { autoPong: false }),
    ];
    expect(await dead.ended()).toMatchObject({ code: 1006 });
    expect(dead.pings).toBe(1);
    expect(alive.pings).toBeGreaterThan(0);
    await alive.settle();
  });

  it('are not to be had at other paths, which answer as ever', async () => {
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws/other`);
    const [refusal] = (await once(socket, 'error')) as [Error];
    expect(refusal.message).toContain('404');
  });

  it.each([
    ['GET', '/health/live', '', 200],
    ['POST', '/auth/login', JSON.stringify({ email: 'nobody@example.com', password: 'not one at all' }), 401],
  ])('leave a %s alone that offers another protocol', async (method, path, body, status) => {
    const { port } = new URL(api.url);
    const socket = createConnection(Number(port), '127.0.0.1');
    const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';
    const content = body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${offer}${content}\r\n${body}`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    socket.destroy();
  });

  describe('of a portfolio', () => {
    const changed = (portfolio: PortfolioBody, version: number): AccountMessage => ({
      portfolio_id: portfolio.id,
      version,
      part: 1,
      parts: 1,
      run: 1,
      at: '2026-11-01T12:00:00.000Z',
      cash_balance: 9_000.5,
      reserved_cash: 12,
      orders: [],
      fills: [],
      positions: [],
      settlements: [],
    });

    async function openPortfolio(): Promise<{ owner: PortfolioClient; portfolio: PortfolioBody; client: LiveClient }> {
      const owner = await PortfolioClient.of(api);
      const path = await owner.open();
      const portfolio = await owner.detail(path);
      const client = await connect((owner.headers['authorization'] ?? '').replace('Bearer ', ''));
      return { owner, portfolio, client };
    }

    it('begin with how it stands, and tell what changes', async () => {
      const { portfolio, client } = await openPortfolio();
      const bus = api.app.get(MessageBus, { strict: false });
      const { portfolio_ids: ids } = await client.subscribe({ portfolio_ids: [portfolio.id] });
      expect(ids).toEqual([portfolio.id]);
      const { version, ...stands } = await client.next('portfolio');
      expect(stands).toMatchObject({ portfolio_id: portfolio.id, cash_balance: 10_000, reserved_cash: 0 });
      bus.publish(accountChannel(portfolio.id), encodeAccountMessage(changed(portfolio, version + 1)));
      expect(await client.next('portfolio')).toMatchObject({ version: version + 1, cash_balance: 9_000.5 });
      client.send({ action: 'unsubscribe', portfolio_ids: [portfolio.id] });
      await client.next('unsubscribed');
      const before = client.messages.length;
      bus.publish(accountChannel(portfolio.id), encodeAccountMessage(changed(portfolio, version + 2)));
      await client.settle();
      expect(client.messages.slice(before).map(({ type }) => type)).toEqual(['pong']);
    });

    it('tell an order, its fills and the position they made', async () => {
      const { owner, portfolio, client } = await openPortfolio();
      const [traded] = await findTradedMarkets(api, await api.storeListedMarkets(), 1);
      await client.subscribe({ portfolio_ids: [portfolio.id] });
      const { version } = await client.next('portfolio');
      const order = await owner.place(`/portfolios/${portfolio.id}`, {
        market_id: traded?.market.slug,
        outcome_index: 0,
        side: 'buy',
        type: 'market',
        amount: 20,
      });
      const [filled] = order.fills;
      expect(await client.next('fill')).toMatchObject({ portfolio_id: portfolio.id, fill: filled });
      const update = await client.next('order_update', (message) => message.order.status === 'filled');
      expect(update.order).toMatchObject({ id: order.id, filled_quantity: order.filled_quantity });
      expect(update.version).toBeGreaterThan(version);
      const { position } = await client.next('position');
      expect(position).toMatchObject({ market_id: traded?.market.slug, quantity: order.filled_quantity });
    });

    it('say when a change was not told', async () => {
      const { portfolio, client } = await openPortfolio();
      const bus = api.app.get(MessageBus, { strict: false });
      await client.subscribe({ portfolio_ids: [portfolio.id] });
      const { version } = await client.next('portfolio');
      bus.publish(accountChannel(portfolio.id), encodeAccountMessage(changed(portfolio, version + 2)));
      expect(await client.next('resync')).toMatchObject({ portfolio_id: portfolio.id, reason: 'gap' });
      expect(client.all('portfolio').map((told) => told.version)).toEqual([version, version + 2]);
    });

    it('are refused for one that is somebody else’s, in the words for one there is none of', async () => {
      const { portfolio } = await openPortfolio();
      const { client } = await openPortfolio();
      const nobodys = '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e20';
      expect(await client.subscribe({ portfolio_ids: [portfolio.id, nobodys] })).toMatchObject({ portfolio_ids: [] });
      const refusals = client.all('error').map(({ code, portfolio_id: id, message }) => {
        return { code, id, message: message.replace(id ?? '', 'ID') };
      });
      const refusalOf = (id: string): unknown => ({ code: 'PORTFOLIO.NOT_FOUND', id, message: refusals[0]?.message });
      expect(refusals).toHaveLength(2);
      expect(refusals).toEqual(expect.arrayContaining([refusalOf(portfolio.id), refusalOf(nobodys)]));
    });
  });

  it('are told to go elsewhere when the server stops', async () => {
    const client = await connect(await api.tokenFor({ id: 'last', role: 'user' }));
    isStopped = true;
    await api.stop();
    expect(client.closed).toEqual({ code: 1001, reason: 'The server is stopping; connect again.' });
  });
});
