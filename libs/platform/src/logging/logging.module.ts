import { type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Logger, LoggerModule } from 'nestjs-pino';
import type { DestinationStream, LevelWithSilent } from 'pino';
import { requestIdOf } from '../http/request-id';

export interface LoggingConfig {
  level: LevelWithSilent;
  /** Where log lines go; standard output when absent. */
  destination?: DestinationStream;
}

const QUIET_PATHS = new Set(['/health/live', '/health/ready', '/metrics']);

/**
 * JSON logs through Nest's `Logger`, with one line per request: failures of ours as errors, refusals at info, the rest at debug.
 * A line carries method, path without query and status; headers and bodies are never logged. Global.
 */
@Module({})
export class LoggingModule {
  static forRoot(config: LoggingConfig): DynamicModule {
    const options = {
      level: config.level,
      genReqId: requestIdOf,
      serializers: {
        req: (request: { id: string; method: string; url: string }) => ({
          id: request.id,
          method: request.method,
          path: pathOf(request.url),
        }),
        res: (response: { statusCode: number }) => ({ status: response.statusCode }),
      },
      redact: {
        paths: [
          'token',
          'password',
          'authorization',
          'access_token',
          '*.token',
          '*.password',
          '*.authorization',
          '*.access_token',
        ],
        censor: '[redacted]',
      },
      customLogLevel: (_request: IncomingMessage, response: ServerResponse, err?: Error) => {
        if (err || response.statusCode >= 500) return 'error' as const;
        return response.statusCode >= 400 ? ('info' as const) : ('debug' as const);
      },
      autoLogging: { ignore: (request: IncomingMessage) => QUIET_PATHS.has(pathOf(request.url ?? '')) },
    };
    return {
      module: LoggingModule,
      imports: [
        LoggerModule.forRoot({
          forRoutes: ['/*splat'],
          pinoHttp: config.destination ? [options, config.destination] : options,
        }),
      ],
    };
  }
}

/** Sends what Nest and every `Logger` of this process log to the app's `LoggingModule`. Create the app with `bufferLogs: true`. */
export function useLogs(app: INestApplicationContext): void {
  app.useLogger(app.get(Logger));
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
