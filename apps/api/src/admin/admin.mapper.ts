import type { AccountsService, AuditService, UserChange } from '@app/accounts';
import type { AuditListQuery, UserChangeRequest, UserListQuery } from '@app/contracts';

/** The accounts a query asks for. */
export function toUserQuery(query: UserListQuery): Parameters<AccountsService['listUsers']>[0] {
  return {
    ...(query.role === undefined ? {} : { role: query.role }),
    ...(query.status === undefined ? {} : { status: query.status }),
    ...(query.email === undefined ? {} : { email: query.email }),
    page: query.page,
    pageSize: query.page_size,
  };
}

/** What an admin asks to change of an account. */
export function toUserChange(body: UserChangeRequest): UserChange {
  return {
    ...(body.role === undefined ? {} : { role: body.role }),
    ...(body.status === undefined ? {} : { status: body.status }),
    ...(body.unlock === undefined ? {} : { unlock: body.unlock }),
  };
}

/** The entries a query asks for. */
export function toAuditQuery(query: AuditListQuery): Parameters<AuditService['list']>[0] {
  return {
    ...(query.action === undefined ? {} : { action: query.action }),
    ...(query.user_id === undefined ? {} : { userId: query.user_id }),
    ...(query.from === undefined ? {} : { from: query.from }),
    ...(query.to === undefined ? {} : { to: query.to }),
    page: query.page,
    pageSize: query.page_size,
  };
}
