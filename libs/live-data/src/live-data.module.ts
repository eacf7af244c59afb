import { Module } from '@nestjs/common';
import { LiveBookReader } from './books/live-book-reader';
import { InterestRegistry } from './interest/interest-registry';

/** What is followed, and the books of it. Stands on the global platform module. */
@Module({
  providers: [InterestRegistry, LiveBookReader],
  exports: [InterestRegistry, LiveBookReader],
})
export class LiveDataModule {}
