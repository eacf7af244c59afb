export { createSimulator, DEFAULT_EPOCH, type Simulator, type SimulatorOptions } from './simulator';
export type { Fault } from './http/faults';
export type { KeysetPage, RequestReport, RequestTally } from './http/request-log';
