export { liveWorkerEnv } from './live-worker.env';
export { LiveWorkerModule } from './live-worker.module';
export { liveWorkerOptions, type LiveWorkerOptions } from './live-worker.options';
