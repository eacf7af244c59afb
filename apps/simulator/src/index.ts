export { createSimulator, DEFAULT_EPOCH, type Simulator, type SimulatorOptions } from './simulator';
export type { Fault } from './http/faults';
export type { KeysetPage, RequestReport, RequestTally } from './http/request-log';
export type { StreamFault, StreamFaultInput } from './stream/stream-faults';
export type { StreamReport } from './stream/market-feed';
export { simulatorEnv } from './simulator.env';
export { bookHash, type BookAnswer } from './world/books';
