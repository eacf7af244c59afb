export { liveWorkerEnv } from './live-worker.env';
export { LiveWorkerModule } from './live-worker.module';
export { DEFAULT_LIVE_TIMING, liveWorkerOptions, type LiveTiming, type LiveWorkerOptions } from './live-worker.options';
export { recorderEnv } from './recorder/recorder-env';
