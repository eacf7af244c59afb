import { INTEREST_CHANNEL } from '@app/contracts';
import { InProcessInterestStore, InProcessMessageBus } from '@app/platform';
import { ManualClock, waitFor } from '@app/testing';
import { portfolioHolder, socketHolder, userHolder } from './interest-holder';
import { INTEREST_TTL_MS, InterestRegistry } from './interest-registry';

const YES = { conditionId: '0xa', tokenId: '1' };
const NO = { conditionId: '0xa', tokenId: '2' };
const OTHER = { conditionId: '0xb', tokenId: '3' };

/** A store on the other side of a lost connection. */
class LostStore extends InProcessInterestStore {
  private readonly lost = (): Promise<never> => Promise.reject(new Error('connection is closed'));
  override readonly add = this.lost;
  override readonly remove = this.lost;
  override readonly removeAll = this.lost;
  override readonly list = this.lost;
}

describe('InterestRegistry', () => {
  let clock: ManualClock;
  let store: InProcessInterestStore;
  let bus: InProcessMessageBus;
  let registry: InterestRegistry;
  let announced: string[];

  beforeEach(async () => {
    clock = new ManualClock();
    store = new InProcessInterestStore(clock);
    bus = new InProcessMessageBus();
    registry = new InterestRegistry(store, bus);
    announced = [];
    await bus.subscribe(INTEREST_CHANNEL, (message) => announced.push(message));
  });

  it('follows a market as long as anybody wants one of its tokens: one stop never ends another’s interest', async () => {
    await registry.add(userHolder('1'), [YES, NO]);
    await registry.add(userHolder('2'), [YES, OTHER]);
    expect(await registry.listMarkets()).toEqual(['0xa', '0xb']);

    expect(await registry.withdrawAll(userHolder('1'))).toEqual([YES, NO]);
    expect(await registry.listMarkets()).toEqual(['0xa', '0xb']);
    expect(await registry.listOf(userHolder('1'))).toEqual([]);
    expect(await registry.listOf(userHolder('2'))).toEqual([YES, OTHER]);

    await registry.withdraw(userHolder('2'), [YES]);
    expect(await registry.listMarkets()).toEqual(['0xb']);
  });

  it('tells holders of different kinds apart', async () => {
    await registry.add(userHolder('1'), [YES]);
    await registry.add(socketHolder('1'), [YES]);
    await registry.add(portfolioHolder('1'), [YES]);
    await registry.withdrawAll(socketHolder('1'));
    expect(await registry.listOf(userHolder('1'))).toEqual([YES]);
    expect(await registry.listOf(portfolioHolder('1'))).toEqual([YES]);
  });

  it('announces each market once that somebody begins or ceases to want', async () => {
    await registry.add(userHolder('1'), [YES, NO, OTHER]);
    await waitFor(() => announced.length === 2);
    await registry.withdraw(userHolder('1'), [OTHER]);
    await registry.withdrawAll(userHolder('1'));
    await registry.withdrawAll(userHolder('1'));
    await waitFor(() => announced.length === 4);
    expect(announced).toEqual(['0xa', '0xb', '0xb', '0xa']);
  });

  it('forgets who does not renew, and keeps who does, of many holders at once', async () => {
    const holders = Array.from({ length: 50 }, (_, index) => socketHolder(String(index)));
    for (const holder of holders) await registry.add(holder, [YES]);
    await registry.add(userHolder('gone'), [OTHER]);
    await registry.add(portfolioHolder('short'), [OTHER], INTEREST_TTL_MS / 2);
    for (let renewal = 0; renewal < 5; renewal += 1) {
      clock.advance(INTEREST_TTL_MS / 3);
      await registry.renew(holders.map((holder) => ({ holder, tokens: [YES] })));
    }
    expect(await registry.listMarkets()).toEqual(['0xa']);
    expect(await registry.listOf(userHolder('gone'))).toEqual([]);
    clock.advance(INTEREST_TTL_MS);
    expect(await registry.listMarkets()).toEqual([]);
  });

  it('prolongs what is wanted still, and not what was withdrawn meanwhile', async () => {
    await registry.add(userHolder('1'), [YES, OTHER]);
    await registry.withdraw(userHolder('1'), [OTHER]);
    clock.advance(INTEREST_TTL_MS / 2);
    await registry.prolong(userHolder('1'), [YES, OTHER]);
    clock.advance(INTEREST_TTL_MS / 2);
    expect(await registry.listOf(userHolder('1'))).toEqual([YES]);
  });

  it('passes over a subject of another shape', async () => {
    await store.add([{ subject: 'something else', holder: 'user:1' }], 1_000);
    await registry.add(userHolder('1'), [YES]);
    expect(await registry.listMarkets()).toEqual(['0xa']);
    expect(await registry.listOf(userHolder('1'))).toEqual([YES]);
  });

  it('says that live data cannot be reached, and announces nothing, while the store is away', async () => {
    await registry.add(userHolder('1'), [YES]);
    await waitFor(() => announced.length === 1);
    const lost = new InterestRegistry(new LostStore(clock), bus);
    for (const call of [
      lost.add(userHolder('1'), [OTHER]),
      lost.withdraw(userHolder('1'), [OTHER]),
      lost.withdrawAll(userHolder('1')),
      lost.listMarkets(),
    ]) {
      await expect(call).rejects.toMatchObject({ code: 'STORE.UNAVAILABLE' });
    }
    await registry.add(userHolder('1'), [NO]);
    await waitFor(() => announced.length === 2);
    expect(announced).toEqual(['0xa', '0xa']);
  });

  it.each(['a|b', ''])('refuses the token id %p, which is an error of its caller', async (tokenId) => {
    const adding = registry.add(userHolder('1'), [{ conditionId: '0x|', tokenId }]);
    await expect(adding).rejects.toThrow(RangeError);
  });
});
