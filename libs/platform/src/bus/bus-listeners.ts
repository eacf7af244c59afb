import { Logger } from '@nestjs/common';

type MessageListener = (message: string) => void;

/** Who listens to what in this process. A listener that throws is logged, and keeps nobody else from hearing. */
export class BusListeners {
  private readonly logger = new Logger('MessageBus');
  /** Each subscription is an object of its own: one function may listen twice. */
  private readonly byChannel = new Map<string, Set<{ readonly hear: MessageListener }>>();
  private readonly ofGaps = new Set<{ readonly hear: () => void }>();

  has(channel: string): boolean {
    return this.byChannel.has(channel);
  }

  /** Returns what ends it; that answers whether it was the end of the channel's last listener. */
  add(channel: string, hear: MessageListener): () => boolean {
    const listener = { hear };
    const listeners = this.byChannel.get(channel) ?? new Set();
    listeners.add(listener);
    this.byChannel.set(channel, listeners);
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return false;
      this.byChannel.delete(channel);
      return true;
    };
  }

  /** Returns whether anybody listens. */
  deliver(channel: string, message: string): boolean {
    const listeners = this.byChannel.get(channel);
    if (listeners === undefined) return false;
    for (const { hear } of listeners) this.guarded(() => hear(message));
    return true;
  }

  addOfGaps(hear: () => void): () => void {
    const listener = { hear };
    this.ofGaps.add(listener);
    return () => void this.ofGaps.delete(listener);
  }

  tellGap(): void {
    for (const { hear } of this.ofGaps) this.guarded(hear);
  }

  private guarded(hear: () => void): void {
    try {
      hear();
    } catch (err) {
      this.logger.error({ err, msg: 'A listener of the message bus failed' });
    }
  }
}
