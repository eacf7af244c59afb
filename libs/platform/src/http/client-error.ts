import type { Socket } from 'node:net';
import { PROBLEM_CONTENT_TYPE, unreadProblem } from '../problems/problems';

/**
 * Answers on a connection what cannot be read as a request: no HTTP, headers beyond what Node takes, or a request that is not sent whole in
 * time. No route, hook or filter ever sees such a request. The connection is closed after it.
 */
export function answerClientError(err: Error & { code?: string }, socket: Socket): void {
  if (err.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const problem = unreadProblem(err.code);
    const body = JSON.stringify(problem);
    socket.write(
      [
        `HTTP/1.1 ${problem.status} ${problem.title}`,
        `content-type: ${PROBLEM_CONTENT_TYPE}; charset=utf-8`,
        `content-length: ${Buffer.byteLength(body)}`,
        'x-content-type-options: nosniff',
        'connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  }
  socket.destroy(err);
}
