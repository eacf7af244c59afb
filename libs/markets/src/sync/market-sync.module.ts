import { Module } from '@nestjs/common';
import { SyncEngine } from './sync-engine';

/** The sync of the catalogue. Stands on the global persistence and platform modules and on the venue module. */
@Module({ providers: [SyncEngine], exports: [SyncEngine] })
export class MarketSyncModule {}
