export { redactUri } from './database-address';
export { engineEnv, type EngineWish } from './engine.env';
export { type EngineRecord, readEngineRecord } from './engine-record';
export { findServingMongod } from './mongod-claim';
export {
  chooseEngine,
  type EmbeddedChoice,
  type EngineEvents,
  type EngineRequest,
  isEmbeddedChoice,
  type RunningEngine,
  startEngine,
  type StartedStore,
} from './start-engine';
