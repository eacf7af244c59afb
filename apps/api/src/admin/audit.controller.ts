import { AuditService } from '@app/accounts';
import {
  type AuditListBody,
  type AuditListQuery,
  auditListQuerySchema,
  auditListSchema,
  toAuditList,
} from '@app/contracts';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/roles.decorator';
import { ApiProblems } from '../openapi/api-problems.decorator';
import { toAuditQuery } from './admin.mapper';

@ApiTags('admin')
@Roles('admin')
@Controller('admin/audit')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @ApiOperation({
    summary: 'Who did what',
    description:
      'Registrations, logins, lockouts, changes of passwords, roles, settings and rate limits, and refreshes. Filters combine; entries are removed after a time.',
  })
  @ApiOkResponse({ description: 'One page, the latest first.', standardSchema: auditListSchema })
  @ApiProblems(401, 403, 422, 503)
  async list(@Query({ schema: auditListQuerySchema }) query: AuditListQuery): Promise<AuditListBody> {
    const { entries, total } = await this.audit.list(toAuditQuery(query));
    return toAuditList(entries, total, query.page, query.page_size);
  }
}
