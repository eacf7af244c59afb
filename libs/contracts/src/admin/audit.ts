import { type AuditAction, AUDIT_ACTIONS } from '@app/domain';
import { z } from 'zod';
import { type PageBody, pageFields, pageParameters, toPageBody } from '../pagination';
import { checkRange, choiceParameter, querySchema, ruledParameter, timeParameter } from '../parameters';
import { textField, timestampField } from '../scalars';

const USER_ID = '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10';
const ADMIN_ID = '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e11';
const LONGEST_ID = 128;

/** Query of `GET /admin/audit`. */
export const auditListQuerySchema = querySchema({
  action: choiceParameter(AUDIT_ACTIONS, { description: 'Only this kind of entry.', example: 'user.login' }).optional(),
  user_id: ruledParameter(
    (text) => (text !== '' && text.length <= LONGEST_ID ? null : `must have 1 to ${LONGEST_ID} characters`),
    (text) => text,
    { description: 'Only what this account did, or what was done to it.', example: USER_ID },
  ).optional(),
  from: timeParameter({ description: 'Only entries since then.', example: '2026-02-01T00:00:00Z' }).optional(),
  to: timeParameter({ description: 'Only entries before then.', example: '2026-02-28T00:00:00Z' }).optional(),
  ...pageParameters,
}).superRefine((query, context) => {
  checkRange(context, { name: 'from', value: query.from }, { name: 'to', value: query.to });
});

export type AuditListQuery = z.output<typeof auditListQuerySchema>;

const ENTRY_EXAMPLE = {
  id: '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e12',
  at: '2026-02-07T09:30:00.000Z',
  action: 'user.role_changed',
  actor_id: ADMIN_ID,
  actor_email: 'admin@example.com',
  subject_id: USER_ID,
  address: '203.0.113.7',
  request_id: '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e13',
  detail: { from: 'user', to: 'premium_user' },
} as const;

/** Schema of one entry of the audit log. */
export const auditEntrySchema = z
  .strictObject({
    id: textField('Id of the entry.', ENTRY_EXAMPLE.id),
    at: timestampField('When it happened.'),
    action: z.enum(AUDIT_ACTIONS).meta({ description: 'What happened.', example: ENTRY_EXAMPLE.action }),
    actor_id: textField('Who did it; null for somebody who is no account.', ADMIN_ID).nullable(),
    actor_email: textField('The address of who did it, as it was given.', ENTRY_EXAMPLE.actor_email).nullable(),
    subject_id: textField('The account, or other thing, it was done to.', USER_ID).nullable(),
    address: textField('The network address it was done from.', ENTRY_EXAMPLE.address).nullable(),
    request_id: textField('The request it was done by; finds it in the log.', ENTRY_EXAMPLE.request_id),
    detail: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .meta({ description: 'What else there is to say, by name.', example: ENTRY_EXAMPLE.detail }),
  })
  .meta({ id: 'AuditEntry', description: 'Who did what, and when.', example: ENTRY_EXAMPLE });

export type AuditEntryBody = z.infer<typeof auditEntrySchema>;

export interface AuditEntrySource {
  id: string;
  at: Date;
  action: AuditAction;
  actorId: string | null;
  actorEmail: string | null;
  subjectId: string | null;
  address: string | null;
  requestId: string;
  detail: Readonly<Record<string, string | number | boolean | null>>;
}

export function toAuditEntry(entry: AuditEntrySource): AuditEntryBody {
  return {
    id: entry.id,
    at: entry.at.toISOString(),
    action: entry.action,
    actor_id: entry.actorId,
    actor_email: entry.actorEmail,
    subject_id: entry.subjectId,
    address: entry.address,
    request_id: entry.requestId,
    detail: { ...entry.detail },
  };
}

/** Schema of one page of the audit log. */
export const auditListSchema = z
  .strictObject({ entries: z.array(auditEntrySchema).meta({ description: 'The page.' }), ...pageFields })
  .meta({
    id: 'AuditList',
    description: 'One page of the audit log, the latest first.',
    example: {
      entries: [ENTRY_EXAMPLE],
      total: 1,
      page: 1,
      page_size: 20,
      total_pages: 1,
      has_next: false,
      has_prev: false,
    },
  });

export interface AuditListBody extends PageBody {
  entries: AuditEntryBody[];
}

export function toAuditList(
  entries: readonly AuditEntrySource[],
  total: number,
  page: number,
  pageSize: number,
): AuditListBody {
  return { entries: entries.map(toAuditEntry), ...toPageBody(total, page, pageSize) };
}
