export { ApiModule, type ApiOptions } from './api.module';
export { apiEnv, apiEnvRules, type ApiEnv } from './api.env';
export { type Caller, type Role, ROLES } from './auth/access-token';
export { AccessTokenService } from './auth/access-token.service';
export { AuthModule, type AuthOptions } from './auth/auth.module';
export { configureApi } from './configure-api';
export { createApiApp } from './create-api-app';
