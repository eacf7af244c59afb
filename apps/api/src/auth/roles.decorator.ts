import type { Role } from '@app/domain';
import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import { ALLOWED_ROLES, RolesGuard } from './roles.guard';

/** For a route, or all of a controller: only callers with one of these roles, or one that includes it. */
export function Roles(...roles: [Role, ...Role[]]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ALLOWED_ROLES, roles),
    UseGuards(RolesGuard),
    ApiSecurity('login', []),
    ApiBearerAuth('bearer'),
    ApiSecurity('token'),
  );
}
