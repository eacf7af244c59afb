import { AccountsService, type RequestContext } from '@app/accounts';
import {
  toUser,
  toUserList,
  type UserBody,
  type UserChangeRequest,
  userChangeRequestSchema,
  userIdPathSchema,
  type UserListBody,
  type UserListQuery,
  userListQuerySchema,
  userListSchema,
  userSchema,
} from '@app/contracts';
import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../auth/access-token';
import { CurrentCaller } from '../auth/caller.decorator';
import { CurrentOrigin } from '../auth/request-origin.decorator';
import { Roles } from '../auth/roles.decorator';
import { ApiProblems, type NamedProblem } from '../openapi/api-problems.decorator';
import { NoQuery } from '../openapi/no-query.decorator';
import { toUserChange, toUserQuery } from './admin.mapper';

const NOT_FOUND: NamedProblem = { code: 'USER.NOT_FOUND', when: 'There is no account of this id.' };
const CONFLICT: NamedProblem = {
  code: 'USER.LAST_ADMIN',
  when: 'It would leave no active admin, or close the own account.',
};

@ApiTags('admin')
@Roles('admin')
@Controller('admin/users')
export class UsersController {
  constructor(private readonly accounts: AccountsService) {}

  @Get()
  @ApiOperation({ summary: 'List accounts', description: 'Filters combine. A page beyond the last is empty.' })
  @ApiOkResponse({ description: 'One page.', standardSchema: userListSchema })
  @ApiProblems(401, 403, 422, 503)
  async list(@Query({ schema: userListQuerySchema }) query: UserListQuery): Promise<UserListBody> {
    const { users, total } = await this.accounts.listUsers(toUserQuery(query));
    return toUserList(users, total, query.page, query.page_size);
  }

  @Patch(':id')
  @NoQuery()
  @ApiOperation({
    summary: "Change an account's role or status, or unlock it",
    description:
      'Another role and a closed account end every access token issued before, at once on every server, and connections of `/ws/live` within seconds. The last active admin stays one, and nobody closes the own account.',
  })
  @ApiOkResponse({ description: 'The account after it.', standardSchema: userSchema })
  @ApiProblems(400, 401, 403, NOT_FOUND, CONFLICT, 413, 415, 422, 503)
  async change(
    @Param('id', { schema: userIdPathSchema }) id: string,
    @Body({ schema: userChangeRequestSchema }) body: UserChangeRequest,
    @CurrentCaller() caller: Caller,
    @CurrentOrigin() origin: RequestContext,
  ): Promise<UserBody> {
    return toUser(await this.accounts.updateUser(caller, id, toUserChange(body), origin));
  }
}
