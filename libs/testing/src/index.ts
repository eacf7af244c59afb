export {
  type FaultInput,
  type LevelOptions,
  type SimulatedLevel,
  type SimulatedPrint,
  type SimulatedTrade,
  startTestSimulator,
  type TestSimulator,
} from './test-simulator';
export { sharedTestStore, startTestStore, type TestStore } from './test-store';
export { waitFor } from './wait-for';
export { builtApp } from './built-app';
export { isAlive } from './is-alive';
export { ManualClock } from './manual-clock';
export { aVenueMarket } from './venue-market';
