import { BusListeners } from './bus-listeners';
import { MessageBus, type Unsubscribe } from './message-bus';

/** Messages between the modules that share this process: heard soon after they are sent, never within `publish`. */
export class InProcessMessageBus extends MessageBus {
  private readonly listeners = new BusListeners();
  private sent: { channel: string; message: string }[] = [];

  override publish(channel: string, message: string): void {
    if (!this.listeners.has(channel)) return;
    if (this.sent.push({ channel, message }) === 1) queueMicrotask(() => this.deliver());
  }

  override subscribe(channel: string, listener: (message: string) => void): Promise<Unsubscribe> {
    const end = this.listeners.add(channel, listener);
    return Promise.resolve(() => {
      end();
      return Promise.resolve();
    });
  }

  override onGap(listener: () => void): () => void {
    return this.listeners.addOfGaps(listener);
  }

  private deliver(): void {
    const { sent } = this;
    this.sent = [];
    for (const { channel, message } of sent) this.listeners.deliver(channel, message);
  }
}
