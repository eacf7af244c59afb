import {
  type LedgerBody,
  type LedgerQuery,
  ledgerQuerySchema,
  ledgerSchema,
  portfolioIdPathSchema,
  toLedger,
} from '@app/contracts';
import { PortfoliosService } from '@app/trading';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../auth/access-token';
import { CurrentCaller } from '../auth/caller.decorator';
import { Roles } from '../auth/roles.decorator';
import { ApiProblems } from '../openapi/api-problems.decorator';
import { ownerOf } from './owner';
import { OWN_PORTFOLIO } from './portfolio-problems';

@ApiTags('portfolios')
@Roles('user')
@Controller('portfolios/:id/ledger')
export class LedgerController {
  constructor(private readonly portfolios: PortfoliosService) {}

  @Get()
  @ApiOperation({
    summary: 'Every movement of paper money',
    description:
      'In order over all runs, with the balance after it. Double entry: the postings of every entry sum to zero, and all of them to the balances.',
  })
  @ApiOkResponse({ description: 'One page, the oldest first.', standardSchema: ledgerSchema })
  @ApiProblems(...OWN_PORTFOLIO)
  async list(
    @Param('id', { schema: portfolioIdPathSchema }) id: string,
    @Query({ schema: ledgerQuerySchema }) query: LedgerQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<LedgerBody> {
    const page = { page: query.page, pageSize: query.page_size };
    const { entries, total } = await this.portfolios.ledger(ownerOf(caller), id, page);
    return toLedger(entries, total, query.page, query.page_size);
  }
}
