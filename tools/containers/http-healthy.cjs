/**
 * The health check of a container that serves HTTP: exits 0 when the path answers 2xx, 1 otherwise.
 * Usage: node http-healthy.cjs NAME_OF_THE_PORT_VARIABLE /path
 */
const { get } = require('node:http');

const ANSWER_WITHIN_MS = 4_000;
const [portVariable, path] = process.argv.slice(2);
const port = process.env[portVariable];

const request = get({ host: '127.0.0.1', port, path, timeout: ANSWER_WITHIN_MS }, (answer) => {
  answer.resume();
  process.exit(answer.statusCode >= 200 && answer.statusCode < 300 ? 0 : 1);
});
request.on('timeout', () => request.destroy(new Error('no answer')));
request.on('error', () => process.exit(1));
