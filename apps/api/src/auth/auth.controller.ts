import { AccountsService, type Credentials, type RequestContext, SettingsService } from '@app/accounts';
import {
  type ChangePasswordRequest,
  changePasswordRequestSchema,
  type LoginRequest,
  loginRequestSchema,
  type OwnAccountBody,
  ownAccountSchema,
  type PasswordChangedBody,
  passwordChangedSchema,
  type RefreshedTokenBody,
  refreshedTokenSchema,
  type RegisteredBody,
  registeredSchema,
  type RegisterRequest,
  registerRequestSchema,
  type RoleListBody,
  roleListSchema,
  type SessionBody,
  sessionSchema,
  type TokenForm,
  tokenFormSchema,
  toOwnAccount,
  toPasswordChanged,
  toRefreshedToken,
  toRegistered,
  toRoleList,
  toSession,
} from '@app/contracts';
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiConsumes, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems, type NamedProblem } from '../openapi/api-problems.decorator';
import { NoQuery } from '../openapi/no-query.decorator';
import { RateLimitGroup } from '../throttling/rate-limit-group.decorator';
import type { Caller } from './access-token';
import { AccessTokenService } from './access-token.service';
import { CurrentCaller } from './caller.decorator';
import { CurrentOrigin } from './request-origin.decorator';
import { Roles } from './roles.decorator';

const EMAIL_TAKEN: NamedProblem = { code: 'AUTH.EMAIL_TAKEN', when: 'The address has an account already.' };
const BAD_CREDENTIALS: NamedProblem = {
  code: 'AUTH.BAD_CREDENTIALS',
  when: 'The address or the password is wrong, or the account is locked or disabled.',
};
const BUSY: NamedProblem = {
  code: 'AUTH.BUSY',
  when: 'Too many passwords are being checked, or the database cannot be reached; `Retry-After` says when to try again.',
};

@ApiTags('auth')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly settings: SettingsService,
    private readonly tokens: AccessTokenService,
  ) {}

  @Post('register')
  @NoQuery()
  @RateLimitGroup('register')
  @ApiOperation({ summary: 'Open an account', description: 'The address is unique whatever its case.' })
  @ApiCreatedResponse({ description: 'The account is ready.', standardSchema: registeredSchema })
  @ApiProblems(400, EMAIL_TAKEN, 413, 415, 422, BUSY)
  async register(
    @Body({ schema: registerRequestSchema }) { email, password }: RegisterRequest,
    @CurrentOrigin() origin: RequestContext,
  ): Promise<RegisteredBody> {
    return toRegistered(await this.accounts.register({ email, password }, origin));
  }

  @Post('token')
  @HttpCode(200)
  @NoQuery()
  @RateLimitGroup('login')
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiOperation({
    summary: 'Log in with the OAuth2 password form',
    description:
      'A wrong password, an unknown address, and a locked or disabled account are answered alike. Too many wrong passwords in a row lock the account for a while.',
  })
  @ApiOkResponse({ description: 'Logged in.', standardSchema: sessionSchema })
  @ApiProblems(400, BAD_CREDENTIALS, 413, 415, 422, BUSY)
  async issueToken(
    @Body({ schema: tokenFormSchema }) { username, password }: TokenForm,
    @CurrentOrigin() origin: RequestContext,
  ): Promise<SessionBody> {
    return this.openSession({ email: username, password }, origin);
  }

  @Post('login')
  @HttpCode(200)
  @NoQuery()
  @RateLimitGroup('login')
  @ApiOperation({ summary: 'Log in with JSON', description: 'The same as `POST /auth/token`.' })
  @ApiOkResponse({ description: 'Logged in.', standardSchema: sessionSchema })
  @ApiProblems(400, BAD_CREDENTIALS, 413, 415, 422, BUSY)
  async logIn(
    @Body({ schema: loginRequestSchema }) { email, password }: LoginRequest,
    @CurrentOrigin() origin: RequestContext,
  ): Promise<SessionBody> {
    return this.openSession({ email, password }, origin);
  }

  @Post('refresh')
  @HttpCode(200)
  @NoQuery()
  @Roles('user')
  @ApiOperation({
    summary: 'Get a fresh token for one that is still good',
    description:
      'The older one stays good until it expires. Twelve hours after the login (`JWT_SESSION_MAX_HOURS`) there is no fresh one: log in again.',
  })
  @ApiOkResponse({ description: 'The fresh token.', standardSchema: refreshedTokenSchema })
  @ApiProblems(401, 403, 422, 503)
  async refresh(@CurrentCaller() caller: Caller): Promise<RefreshedTokenBody> {
    const account = await this.accounts.refresh({ sub: caller.id, ver: caller.tokenVersion });
    return toRefreshedToken(await this.tokens.renew(account, caller.authenticatedAt));
  }

  @Get('me')
  @NoQuery()
  @Roles('user')
  @ApiOperation({ summary: 'Whose the token is, and what its account may do' })
  @ApiOkResponse({ description: 'The account.', standardSchema: ownAccountSchema })
  @ApiProblems(401, 403, 422, 503)
  readOwn(@CurrentCaller() caller: Caller): OwnAccountBody {
    return toOwnAccount(caller, this.settings.limitsOf(caller.role));
  }

  @Get('roles')
  @NoQuery()
  @ApiOperation({ summary: 'What accounts of each role may have and use' })
  @ApiOkResponse({ description: 'Every role, least first.', standardSchema: roleListSchema })
  @ApiProblems(422)
  listRoles(): RoleListBody {
    return toRoleList((role) => this.settings.limitsOf(role));
  }

  @Post('change-password')
  @HttpCode(200)
  @NoQuery()
  @Roles('user')
  @ApiOperation({
    summary: 'Change the password',
    description: 'Every token issued before stops working at once; log in again.',
  })
  @ApiOkResponse({ description: 'Changed.', standardSchema: passwordChangedSchema })
  @ApiProblems(400, 401, 403, 413, 415, 422, BUSY)
  async changePassword(
    @Body({ schema: changePasswordRequestSchema }) body: ChangePasswordRequest,
    @CurrentCaller() caller: Caller,
    @CurrentOrigin() origin: RequestContext,
  ): Promise<PasswordChangedBody> {
    await this.accounts.changePassword(caller.id, body.current_password, body.new_password, origin);
    return toPasswordChanged(caller);
  }

  private async openSession(credentials: Credentials, origin: RequestContext): Promise<SessionBody> {
    const account = await this.accounts.logIn(credentials, origin);
    return toSession({
      accessToken: await this.tokens.issue(account),
      lifeSeconds: this.tokens.lifeSeconds,
      userId: account.id,
      role: account.role,
    });
  }
}
