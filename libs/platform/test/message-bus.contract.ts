import { waitFor } from '@app/testing';
import type { MessageBus } from '../src';

/** Where messages are sent and where they are heard: one bus, or two of different processes. */
export interface BusPair {
  sender: MessageBus;
  hearer: MessageBus;
}

/** What every `MessageBus` promises. */
export function itKeepsTheMessageBusContract(create: () => Promise<BusPair> | BusPair): void {
  let buses: BusPair;
  let channel: string;
  let number = 0;

  beforeEach(async () => {
    buses = await create();
    number += 1;
    channel = `contract:${number}`;
  });

  /** Everything sent before is heard once this resolves: one more message of the same sender, heard by a listener of its own. */
  async function everythingIsHeard(): Promise<void> {
    let isHeard = false;
    const end = await buses.hearer.subscribe(channel, (message) => (isHeard ||= message === 'the last one'));
    buses.sender.publish(channel, 'the last one');
    await waitFor(() => isHeard, { what: 'the last message' });
    await end();
  }

  it('tells every listener of a channel every message once, in the order they were sent', async () => {
    const heard: [string[], string[]] = [[], []];
    for (const messages of heard) await buses.hearer.subscribe(channel, (message) => messages.push(message));
    const sent = Array.from({ length: 500 }, (_, index) => `message ${index}`);
    for (const [index, message] of sent.entries()) {
      buses.sender.publish(channel, message);
      if (index % 100 === 0) await Promise.resolve();
    }
    await everythingIsHeard();
    expect(heard).toEqual([
      [...sent, 'the last one'],
      [...sent, 'the last one'],
    ]);
  });

  it('keeps channels apart, and loses what nobody listens to', async () => {
    const heard: string[] = [];
    buses.sender.publish(channel, 'too early');
    await everythingIsHeard();
    await buses.hearer.subscribe(`${channel}:other`, (message) => heard.push(message));
    buses.sender.publish(channel, 'of another channel');
    buses.sender.publish(`${channel}:other`, 'mine');
    await waitFor(() => heard.length > 0);
    await everythingIsHeard();
    expect(heard).toEqual(['mine']);
  });

  it('never hears within publish, and hears its own process', async () => {
    const heard: string[] = [];
    await buses.sender.subscribe(channel, (message) => heard.push(message));
    buses.sender.publish(channel, 'own');
    expect(heard).toEqual([]);
    await waitFor(() => heard.length === 1);
    expect(heard).toEqual(['own']);
  });

  it('ends one subscription and leaves the others, also those of the same function', async () => {
    const heard: string[] = [];
    const listener = (message: string): void => void heard.push(message);
    const end = await buses.hearer.subscribe(channel, listener);
    await buses.hearer.subscribe(channel, listener);
    await end();
    await end();
    buses.sender.publish(channel, 'once');
    await everythingIsHeard();
    expect(heard).toEqual(['once', 'the last one']);
  });

  it('hears nothing after the last subscription ended, and again after a new one', async () => {
    const heard: string[] = [];
    const listen = (): Promise<() => Promise<void>> =>
      buses.hearer.subscribe(channel, (message) => heard.push(message));
    await (
      await listen()
    )();
    buses.sender.publish(channel, 'nobody listens');
    await everythingIsHeard();
    const ending = (await listen())();
    const again = listen();
    await Promise.all([ending, again]);
    buses.sender.publish(channel, 'heard');
    await everythingIsHeard();
    expect(heard).toEqual(['heard', 'the last one']);
  });

  it('does not let a listener that throws keep others from hearing', async () => {
    const heard: string[] = [];
    await buses.hearer.subscribe(channel, () => {
      throw new Error('a failing listener');
    });
    await buses.hearer.subscribe(channel, (message) => heard.push(message));
    buses.sender.publish(channel, 'first');
    buses.sender.publish(channel, 'second');
    await everythingIsHeard();
    expect(heard).toEqual(['first', 'second', 'the last one']);
  });

  it('carries long messages of any characters', async () => {
    const heard: string[] = [];
    const text = JSON.stringify({ outcome: 'São Paulo “50–50” 🗳', levels: Array.from({ length: 20_000 }, String) });
    await buses.hearer.subscribe(channel, (message) => heard.push(message));
    buses.sender.publish(channel, text);
    buses.sender.publish(channel, '');
    await everythingIsHeard();
    expect(heard).toEqual([text, '', 'the last one']);
  });

  it('tells of no gap while nothing is lost', async () => {
    let gaps = 0;
    const end = buses.hearer.onGap(() => (gaps += 1));
    for (let index = 0; index < 1_000; index += 1) buses.sender.publish(channel, String(index));
    await everythingIsHeard();
    expect(gaps).toBe(0);
    end();
  });
}
