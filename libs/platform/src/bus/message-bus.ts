/** Ends one listener's subscription. Never rejects. */
export type Unsubscribe = () => Promise<void>;

/**
 * Short texts between processes, by channel. Each is delivered at most once, and those of one publisher on one channel in the order they were sent. Nothing is kept for
 * who listens later: what must not be lost is stored elsewhere, and a message only says where to look.
 */
export abstract class MessageBus {
  /** Sends without waiting. Never throws: what cannot be sent is dropped, and listeners elsewhere learn of it by {@link onGap} or by a hole in the sender's own numbers. */
  abstract publish(channel: string, message: string): void;

  /**
   * Calls the listener for every message of a channel from the moment this resolves, those this process publishes included; none after the subscription ended. Several
   * listeners of a channel cost one subscription, and one that throws keeps none of the others from hearing. Rejects when the bus does not answer.
   */
  abstract subscribe(channel: string, listener: (message: string) => void): Promise<Unsubscribe>;

  /**
   * Calls the listener each time messages may have been missed, once the bus listens again: messages to this process, or messages of this process to others, so that
   * who publishes can say anew how things stand. Returns what ends it.
   */
  abstract onGap(listener: () => void): () => void;
}
