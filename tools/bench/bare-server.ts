import { createHttpAdapter, runProcess } from '@app/platform';

/** Answers, at `/0`, `/1` and so on, the bodies of the JSON array its parent sends first. Nothing but Fastify, in a process of its own. */
function serve(bodies: readonly string[]): Promise<void> {
  return runProcess(async () => {
    const fastify = createHttpAdapter({ TRUSTED_PROXIES: [] }).getInstance();
    bodies.forEach((body, index) => {
      fastify.get(`/${index}`, (_request, reply) => reply.type('application/json; charset=utf-8').send(body));
    });
    const url = await fastify.listen({ port: 0, host: '127.0.0.1' });
    return { stop: () => fastify.close(), ready: { url } };
  });
}

process.once('message', (message) => void serve(message as string[]));
