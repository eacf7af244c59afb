import type { AuditAction } from '@app/domain';
import {
  type AuditDetail,
  type AuditEntry,
  AuditLogRepository,
  type AuditQuery,
  type StoreTransaction,
} from '@app/persistence';
import { Clock, newId } from '@app/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Actor, RequestContext } from '../account';
import { ACCOUNTS_OPTIONS, type AccountsOptions } from '../accounts.options';

const DAY_MS = 86_400_000;

/** What somebody did, for the audit log. */
export interface AuditNote {
  action: AuditAction;
  /** Null when it cannot be said who it was. */
  actor: Actor | null;
  /** The account it was done to. */
  subjectId?: string | null;
  context: RequestContext;
  /** Never a password, a hash or a token. */
  detail?: AuditDetail;
}

/** Writes and reads the audit log. */
@Injectable()
export class AuditService {
  private readonly retentionMs: number;

  constructor(
    private readonly log: AuditLogRepository,
    private readonly clock: Clock,
    @Inject(ACCOUNTS_OPTIONS) options: AccountsOptions,
  ) {
    this.retentionMs = options.auditRetentionDays * DAY_MS;
  }

  /** Notes something; within the transaction that does it, when there is one. */
  async record(note: AuditNote, transaction?: StoreTransaction): Promise<void> {
    const at = this.clock.now();
    await this.log.append(
      {
        id: newId(at.getTime()),
        at,
        action: note.action,
        actorId: note.actor?.id ?? null,
        actorEmail: note.actor?.email ?? null,
        subjectId: note.subjectId ?? null,
        address: note.context.address,
        requestId: note.context.requestId,
        detail: note.detail ?? {},
      },
      new Date(at.getTime() + this.retentionMs),
      transaction,
    );
  }

  /** Returns one page of entries, the newest first. */
  async list(query: AuditQuery): Promise<{ entries: AuditEntry[]; total: number }> {
    return this.log.list(query);
  }
}
