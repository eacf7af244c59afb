import { Logger, type FactoryProvider } from '@nestjs/common';
import { hostname } from 'node:os';
import { LIVE_WORKER_OPTIONS, type LiveWorkerOptions } from '../live-worker.options';
import { StreamRecording } from './stream-recording';

/** The recording of what the venue sends; null when nothing is recorded. */
export const RECORDING = Symbol('RECORDING');

export const recordingProvider: FactoryProvider<StreamRecording | null> = {
  provide: RECORDING,
  inject: [LIVE_WORKER_OPTIONS],
  useFactory: ({ recordingFolder }: LiveWorkerOptions) => {
    if (recordingFolder === null) return null;
    const logger = new Logger('Recording');
    return new StreamRecording({
      folder: recordingFolder,
      instance: `${hostname().replace(/[^A-Za-z0-9-]/g, '-')}-${process.pid}`,
      onFailure: (err) => logger.warn({ msg: 'What the venue sent could not be recorded', err }),
    });
  },
};
