import { type RequestContext, SettingsService } from '@app/accounts';
import {
  fromSettings,
  type SettingsBody,
  type SettingsRequest,
  settingsRequestSchema,
  settingsSchema,
  toSettings,
} from '@app/contracts';
import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../auth/access-token';
import { CurrentCaller } from '../auth/caller.decorator';
import { CurrentOrigin } from '../auth/request-origin.decorator';
import { Roles } from '../auth/roles.decorator';
import { ApiProblems, type NamedProblem } from '../openapi/api-problems.decorator';
import { NoQuery } from '../openapi/no-query.decorator';

const CONFLICT: NamedProblem = {
  code: 'SETTING.CONFLICT',
  when: 'Another admin changed the settings at the same moment.',
};

@ApiTags('admin')
@Roles('admin')
@Controller('admin/settings')
export class SettingsController {
  constructor(private readonly settings: SettingsService) {}

  @Get()
  @NoQuery()
  @ApiOperation({ summary: 'What accounts of each role may have and use, and when accounts are locked' })
  @ApiOkResponse({ description: 'The settings.', standardSchema: settingsSchema })
  @ApiProblems(401, 403, 422, 503)
  read(): SettingsBody {
    return toSettings(this.settings.current());
  }

  @Put()
  @NoQuery()
  @ApiOperation({
    summary: 'Set what accounts may have and use, and when they are locked',
    description:
      'What is not named stays. Every server follows within five seconds. `requests_per_minute` is the rate limit of the role, as `/admin/rate-limits` shows it.',
  })
  @ApiOkResponse({ description: 'The settings after it.', standardSchema: settingsSchema })
  @ApiProblems(400, 401, 403, CONFLICT, 413, 415, 422, 503)
  async change(
    @Body({ schema: settingsRequestSchema }) body: SettingsRequest,
    @CurrentCaller() caller: Caller,
    @CurrentOrigin() origin: RequestContext,
  ): Promise<SettingsBody> {
    return toSettings(await this.settings.update(caller, fromSettings(body), origin));
  }
}
