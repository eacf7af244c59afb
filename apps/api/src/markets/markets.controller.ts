import { SettingsService } from '@app/accounts';
import {
  conditionIdPathSchema,
  type MarketDetailBody,
  marketDetailQuerySchema,
  marketDetailSchema,
  type MarketListBody,
  type MarketListQuery,
  marketListQuerySchema,
  marketListSchema,
  type MarketStatsBody,
  marketStatsSchema,
  type MarketSummaryBody,
  marketSummarySchema,
  type OpenInterestBody,
  openInterestListSchema,
  type OpenInterestRequest,
  openInterestRequestSchema,
  type OrderBookBody,
  orderBookQuerySchema,
  orderBookSchema,
  type PriceHistoryBody,
  type PriceHistoryQuery,
  priceHistoryQuerySchema,
  priceHistorySchema,
  slugPathSchema,
  SLUG_RULE,
  toMarketDetail,
  toMarketList,
  toMarketStats,
  toMarketSummary,
  toOpenInterest,
  toOrderBook,
  toPriceHistory,
  type TopMarketsQuery,
  topMarketsQuerySchema,
} from '@app/contracts';
import { DomainError, type DomainErrorCode } from '@app/domain';
import { MarketCatalogue, OpenInterestService, PriceHistoryService } from '@app/markets';
import { Clock } from '@app/platform';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../auth/access-token';
import { OptionalCaller } from '../auth/caller.decorator';
import { ApiProblems } from '../openapi/api-problems.decorator';
import { NoQuery } from '../openapi/no-query.decorator';
import { DisplayedBooks } from './displayed-books';
import { toHistoryRequest, toMarketFilter, toMarketSort, toSyncPassSource } from './markets.mapper';

interface HeaderReply {
  header(name: string, value: string): unknown;
}

/** Says why an older answer stands in for one that could not be had. */
const STALE_HEADER = 'x-served-stale';
const STALE_HEADER_DOC = {
  [STALE_HEADER]: {
    description: 'Why an older answer is given although a fresher one was wanted, such as VENUE.UNAVAILABLE.',
    schema: { type: 'string' as const },
  },
};

/** Says how many days of a history the caller may have, where more was asked for. */
const HISTORY_LIMIT_HEADER = 'x-history-limit-days';
const HISTORY_HEADER_DOCS = {
  ...STALE_HEADER_DOC,
  [HISTORY_LIMIT_HEADER]: {
    description: 'How many days back the history may go for this caller; given where older points were asked for.',
    schema: { type: 'integer' as const },
  },
};

@ApiTags('markets')
@Controller('markets')
export class MarketsController {
  constructor(
    private readonly catalogue: MarketCatalogue,
    private readonly prices: PriceHistoryService,
    private readonly books: DisplayedBooks,
    private readonly openInterest: OpenInterestService,
    private readonly settings: SettingsService,
    private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'List markets',
    description:
      'Filters combine. Ranges include both ends. Rows may be two seconds old, totals a few more. A page beyond the last is empty.',
  })
  @ApiOkResponse({ description: 'One page.', standardSchema: marketListSchema })
  @ApiProblems(422, 503)
  async list(@Query({ schema: marketListQuerySchema }) query: MarketListQuery): Promise<MarketListBody> {
    const page = { skip: (query.page - 1) * query.page_size, limit: query.page_size };
    const { rows, total } = await this.catalogue.listPage(toMarketFilter(query), toMarketSort(query), page);
    return toMarketList(rows, total, query.page, query.page_size);
  }

  @Get('top')
  @ApiOperation({
    summary: 'The largest markets',
    description: 'By volume, liquidity or date; open ones unless told otherwise.',
  })
  @ApiOkResponse({ description: 'Largest first.', standardSchema: marketSummarySchema, isArray: true })
  @ApiProblems(422, 503)
  async listTop(@Query({ schema: topMarketsQuerySchema }) query: TopMarketsQuery): Promise<MarketSummaryBody[]> {
    const rows = await this.catalogue.listTop({ key: query.sort_by, descending: true }, query.limit, query.active_only);
    return rows.map(toMarketSummary);
  }

  @Get('stats')
  @NoQuery()
  @ApiOperation({ summary: 'What is stored, and how fresh it is' })
  @ApiOkResponse({ description: 'Counts, and the latest sync pass of each kind.', standardSchema: marketStatsSchema })
  @ApiProblems(422, 503)
  async readStats(): Promise<MarketStatsBody> {
    const { counts, oldestSync, newestSync, coverage } = await this.catalogue.readStats();
    return toMarketStats({
      total: counts.total,
      active: counts.active,
      closed: counts.closed,
      oldestSync,
      newestSync,
      full: toSyncPassSource('full', coverage.full),
      incremental: toSyncPassSource('incremental', coverage.incremental),
    });
  }

  @Get('by-slug/:slug')
  @ApiOperation({
    summary: 'One market by slug',
    description: 'A market that is not stored yet is fetched from Polymarket, stored and answered.',
  })
  @ApiOkResponse({ description: 'The market.', standardSchema: marketDetailSchema, headers: STALE_HEADER_DOC })
  @ApiProblems(404, 422, 502, 503)
  async getBySlug(
    @Param('slug', { schema: slugPathSchema }) slug: string,
    @Query({ schema: marketDetailQuerySchema }) query: { force_refresh: boolean },
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<MarketDetailBody> {
    const found = await this.catalogue.getBySlug(slug, { forceRefresh: query.force_refresh });
    markStale(reply, found.staleBecause);
    return toMarketDetail(found.market);
  }

  @Get('by-condition/:condition_id')
  @ApiOperation({
    summary: 'One market by on-chain id',
    description: 'A market that is not stored yet is fetched from Polymarket, stored and answered.',
  })
  @ApiOkResponse({ description: 'The market.', standardSchema: marketDetailSchema, headers: STALE_HEADER_DOC })
  @ApiProblems(404, 422, 502, 503)
  async getByConditionId(
    @Param('condition_id', { schema: conditionIdPathSchema }) conditionId: string,
    @Query({ schema: marketDetailQuerySchema }) query: { force_refresh: boolean },
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<MarketDetailBody> {
    const found = await this.catalogue.getByConditionId(conditionId, { forceRefresh: query.force_refresh });
    markStale(reply, found.staleBecause);
    return toMarketDetail(found.market);
  }

  @Get('by-slug/:slug/prices')
  @ApiOperation({
    summary: 'Price history of one outcome',
    description:
      'Kept here by token and grain, for half its grain and at most ten minutes. A closed market comes at 720 minutes or coarser, which is all Polymarket keeps. An empty history is a normal answer. How far back it goes depends on the role, counted from now or from the end of a closed market: `limits` of `GET /auth/me`; without a token, as for `user`.',
  })
  @ApiOkResponse({ description: 'The history.', standardSchema: priceHistorySchema, headers: HISTORY_HEADER_DOCS })
  @ApiProblems(404, 422, 502, 503)
  async getPrices(
    @Param('slug', { schema: slugPathSchema }) slug: string,
    @Query({ schema: priceHistoryQuerySchema }) query: PriceHistoryQuery,
    @OptionalCaller() caller: Caller | null,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<PriceHistoryBody> {
    const request = toHistoryRequest(query, this.clock.now());
    const { priceHistoryDays: depthDays } = this.settings.limitsOf(caller?.role ?? 'user');
    const options = { forceRefresh: query.force_refresh, depthDays };
    const history = await this.prices.getHistory(slug, query.outcome_index, request, options);
    markStale(reply, history.staleBecause);
    if (history.isCutShort) reply.header(HISTORY_LIMIT_HEADER, String(depthDays));
    return toPriceHistory({
      slug: history.slug,
      outcome: history.outcome.name,
      outcomeIndex: history.outcome.index,
      tokenId: history.outcome.tokenId,
      points: history.points,
      cachedAt: history.cachedAt,
    });
  }

  @Get('by-slug/:slug/book')
  @ApiOperation({
    summary: 'Order book of one outcome',
    description:
      'Kept up to date by the stream while the market is followed, else asked for and at most a second old. The book of the second outcome of a pair mirrors that of the first: never add them.',
  })
  @ApiOkResponse({ description: 'The book.', standardSchema: orderBookSchema })
  @ApiProblems(404, 422, 502, 503)
  async getBook(
    @Param('slug', { schema: slugPathSchema }) slug: string,
    @Query({ schema: orderBookQuerySchema }) query: { outcome_index: number },
  ): Promise<OrderBookBody> {
    return toOrderBook(await this.books.get(slug, query.outcome_index));
  }

  @Post('open-interest')
  @NoQuery()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Open interest of several markets',
    description: 'One row a market, in the order asked; a row without a value says why in `error`. Kept for a minute.',
  })
  @ApiOkResponse({ description: 'One row a market asked for.', standardSchema: openInterestListSchema })
  @ApiProblems(400, 413, 415, 422, 502, 503)
  async listOpenInterest(
    @Body({ schema: openInterestRequestSchema }) body: OpenInterestRequest,
  ): Promise<OpenInterestBody[]> {
    const rows = await this.openInterest.list(
      body.slugs === undefined ? { conditionIds: body.condition_ids ?? [] } : { slugs: body.slugs },
    );
    return rows.map(toOpenInterest);
  }

  /** Paths below a slug that no route takes: most often a slug with a slash in it. */
  @Get('by-slug/*')
  @ApiExcludeEndpoint()
  refuseSlug(): never {
    throw new DomainError('REQUEST.UNACCEPTABLE', `slug: ${SLUG_RULE}`, {
      fields: [{ field: 'slug', message: SLUG_RULE }],
    });
  }
}

function markStale(reply: HeaderReply, because: DomainErrorCode | null): void {
  if (because !== null) reply.header(STALE_HEADER, because);
}
