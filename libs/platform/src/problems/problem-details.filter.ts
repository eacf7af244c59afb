import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { PROBLEM_CONTENT_TYPE, type Problem, toProblem } from './problems';

/** The part of Fastify's reply the filter uses. */
export interface HttpReply {
  raw: { headersSent: boolean; destroy(): unknown };
  sent: boolean;
  code(status: number): HttpReply;
  headers(values: Record<string, string>): HttpReply;
  send(body: string): HttpReply;
}

/** The part of Fastify's request the filter uses. */
export interface HttpRequest {
  method: string;
  url: string;
}

/** The one exception filter: every error becomes problem details, and every failure of ours is logged under its id. */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(thrown, http.getRequest<HttpRequest>(), http.getResponse<HttpReply | ServerResponse>());
  }

  /** Answers outside of Nest's routes, such as a path the router itself refuses. */
  answer(thrown: unknown, request: HttpRequest, response: HttpReply | ServerResponse): void {
    const { method } = request;
    const path = (request.url.split('?', 1)[0] ?? '/').slice(0, 512);
    const problem = toProblem(thrown, { method, path });
    const { status, error_id: errorId } = problem.body;
    if (status === 500) this.logger.error({ err: thrown, errorId, method, path, msg: 'Request failed' });
    else if (errorId !== undefined)
      this.logger.warn({ err: thrown, errorId, method, path, status, msg: 'Request refused' });
    if ('raw' in response) {
      if (response.sent || response.raw.headersSent) response.raw.destroy();
      else response.code(status).headers(headersOf(problem)).send(JSON.stringify(problem.body));
    } else if (response.headersSent) {
      response.destroy();
    } else {
      response.writeHead(status, headersOf(problem)).end(JSON.stringify(problem.body));
    }
  }
}

function headersOf(problem: Problem): Record<string, string> {
  return { 'content-type': `${PROBLEM_CONTENT_TYPE}; charset=utf-8`, ...problem.headers };
}
