import {
  assetIdsPathSchema,
  type LatestStreamedBody,
  latestStreamedSchema,
  type StreamedBooksBody,
  streamedBooksSchema,
  type StreamStartedBody,
  streamStartedSchema,
  type StreamStoppedBody,
  streamStoppedSchema,
} from '@app/contracts';
import { INTEREST_TTL_MS } from '@app/live-data';
import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../auth/access-token';
import { CurrentCaller } from '../auth/caller.decorator';
import { Roles } from '../auth/roles.decorator';
import { ApiProblems, type NamedProblem } from '../openapi/api-problems.decorator';
import { NoBody } from '../openapi/no-body.decorator';
import { NoQuery } from '../openapi/no-query.decorator';
import { MarketStreamService } from './market-stream.service';

const KEPT_SECONDS = INTEREST_TTL_MS / 1_000;

const REFUSALS: readonly NamedProblem[] = [
  { code: 'MARKET.NOT_FOUND', when: 'No market has one of the tokens, here or at Polymarket.' },
  { code: 'MARKET.NO_ORDER_BOOK', when: 'The market of one of the tokens has no order book; `detail` says why.' },
  { code: 'SUBSCRIPTION.LIMIT', when: 'More tokens than the role may follow: `ws_subscriptions` of `GET /auth/me`.' },
];

@ApiTags('market stream')
@Roles('user')
@Controller('market-stream')
export class MarketStreamController {
  constructor(private readonly stream: MarketStreamService) {}

  @Post('start/:asset_ids')
  @HttpCode(200)
  @NoQuery()
  @NoBody()
  @ApiOperation({
    summary: 'Follow the order books of some tokens',
    description: `Beside those started before. Each is followed for ${KEPT_SECONDS} seconds after it was last looked at, for this account alone. All are started, or none. In a minute as many may be started anew as the account may make requests (429 otherwise), counted apart from those.`,
  })
  @ApiOkResponse({ description: 'Started.', standardSchema: streamStartedSchema })
  @ApiProblems(401, 422, ...REFUSALS, 502, 503)
  async start(
    @Param('asset_ids', { schema: assetIdsPathSchema }) tokenIds: string[],
    @CurrentCaller() caller: Caller,
  ): Promise<StreamStartedBody> {
    await this.stream.start(caller, tokenIds);
    const message = `${told(tokenIds.length)} followed for you, until ${KEPT_SECONDS} s after you last looked.`;
    return { status: 'started', asset_id: tokenIds.join(','), message, started_by: caller.id };
  }

  @Post('stop')
  @HttpCode(200)
  @NoQuery()
  @NoBody()
  @ApiOperation({
    summary: 'Follow nothing for this account any more',
    description: 'What others started, and what is subscribed over /ws/live, goes on.',
  })
  @ApiOkResponse({ description: 'Stopped.', standardSchema: streamStoppedSchema })
  @ApiProblems(401, 422, 503)
  async stop(@CurrentCaller() caller: Caller): Promise<StreamStoppedBody> {
    const message = `${told(await this.stream.stop(caller))} no longer followed for you.`;
    return { status: 'stopped', message, stopped_by: caller.id };
  }

  @Get('orderbook')
  @NoQuery()
  @ApiOperation({
    summary: 'The order books of the tokens this account started',
    description:
      'Looking keeps them followed. Only a book in state `live` can be believed; while the stream of a market is only beginning its book is asked for over REST.',
  })
  @ApiOkResponse({ description: 'The books, by token id.', standardSchema: streamedBooksSchema })
  @ApiProblems(401, 422, 502, 503)
  async getBooks(@CurrentCaller() caller: Caller): Promise<StreamedBooksBody> {
    const messages = await this.stream.books(caller);
    return { status: 'ok', count: Object.keys(messages).length, messages };
  }

  @Get('latest')
  @NoQuery()
  @ApiOperation({
    summary: 'The book that changed last among those this account started',
    description: 'Looking keeps them followed.',
  })
  @ApiOkResponse({ description: 'The book, or null.', standardSchema: latestStreamedSchema })
  @ApiProblems(401, 422, 502, 503)
  async getLatest(@CurrentCaller() caller: Caller): Promise<LatestStreamedBody> {
    const message = await this.stream.latest(caller);
    return { status: message === null ? 'no_data' : 'ok', message };
  }
}

function told(tokens: number): string {
  return tokens === 1 ? '1 token is' : `${tokens} tokens are`;
}
