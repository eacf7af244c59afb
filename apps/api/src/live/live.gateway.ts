import { DomainError } from '@app/domain';
import { isConnectivityError } from '@app/platform';
import { PolymarketClient } from '@app/polymarket';
import { Inject, Logger } from '@nestjs/common';
import { type OnGatewayConnection, WebSocketGateway } from '@nestjs/websockets';
import type { IncomingMessage } from 'node:http';
import type { RawData, WebSocket } from 'ws';
import { type Authentication, RequestAuthenticator } from '../auth/request-authenticator';
import type { Caller } from '../auth/access-token';
import { AccountRequests } from '../throttling/account-requests';
import { CLOSE, closeReason } from './close-codes';
import { LIVE_OPTIONS, type LiveOptions, LONGEST_MESSAGE_BYTES } from './live.options';
import { LiveMetrics } from './live-metrics';
import type { LiveSession } from './live-session';
import { LiveSessions } from './live-sessions';

/** Messages kept of a client until it is known who it is. */
const MOST_EARLY_MESSAGES = 20;

/** Why a connection is not let in. */
interface Refusal {
  code: number;
  sentence: string;
}

/**
 * The door of `/ws/live`. A connection is accepted before it is known who it is, since a browser cannot see why a handshake was refused: the close code says it. Counted
 * as a request of the account.
 */
@WebSocketGateway({
  path: '/ws/live',
  maxPayload: LONGEST_MESSAGE_BYTES,
  perMessageDeflate: false,
  clientTracking: true,
})
export class LiveGateway implements OnGatewayConnection {
  private readonly logger = new Logger('LiveGateway');

  constructor(
    private readonly sessions: LiveSessions,
    private readonly authenticator: RequestAuthenticator,
    private readonly requests: AccountRequests,
    private readonly venue: PolymarketClient,
    private readonly metrics: LiveMetrics,
    @Inject(LIVE_OPTIONS) private readonly options: LiveOptions,
  ) {}

  handleConnection(socket: WebSocket, request: IncomingMessage): void {
    let session: LiveSession | null = null;
    const early: string[] = [];
    const receive = (text: string): void => {
      if (session !== null) session.receive(text, Date.now());
      else if (early.length < MOST_EARLY_MESSAGES) early.push(text);
      else this.turnAway(socket, { code: CLOSE.policy, sentence: 'Wait for "connected" before you send more.' });
    };
    // What a client does wrong on the wire is answered by a close code, and told nobody.
    socket.on('error', () => undefined);
    socket.on('message', (data: RawData, isBinary: boolean) => receive(isBinary ? '' : textOf(data)));
    socket.on('pong', () => session?.ponged());
    socket.on('close', () => {
      if (session !== null) this.sessions.remove(session);
    });
    void this.admit(request)
      .then((admitted) => {
        if (socket.readyState !== socket.OPEN) return;
        if ('code' in admitted) return this.turnAway(socket, admitted);
        const refusal = this.refuseOneMore(admitted);
        if (refusal !== null) return this.turnAway(socket, refusal);
        session = this.sessions.add(socket, admitted);
        session.greet(this.venue.venue.simulated === true);
        early.splice(0).forEach(receive);
      })
      .catch((err: unknown) => {
        this.logger.error({ err, msg: 'A connection could not be let in' });
        this.turnAway(socket, TRY_AGAIN);
      });
  }

  private async admit(request: IncomingMessage): Promise<Caller | Refusal> {
    const authentication = await this.authenticator.authenticateUpgrade(request);
    if ('refusal' in authentication) return toRefusal(authentication);
    const { caller } = authentication;
    try {
      await this.requests.take(caller);
      return caller;
    } catch (err) {
      if (!(err instanceof DomainError)) throw err;
      return { code: CLOSE.tryAgainLater, sentence: err.message };
    }
  }

  private refuseOneMore({ id }: Caller): Refusal | null {
    if (this.sessions.stopping) return { code: CLOSE.goingAway, sentence: 'The server is stopping; connect again.' };
    const { connectionsAllowed } = this.options;
    if (this.sessions.countOf(id) < connectionsAllowed) return null;
    return { code: CLOSE.policy, sentence: `An account may have ${connectionsAllowed} connections; close one first.` };
  }

  private turnAway(socket: WebSocket, { code, sentence }: Refusal): void {
    if (socket.readyState !== socket.OPEN) return;
    this.metrics.refused(code);
    socket.close(code, closeReason(sentence));
    setTimeout(() => socket.terminate(), this.options.closingMs).unref();
  }
}

const TRY_AGAIN: Refusal = { code: CLOSE.tryAgainLater, sentence: 'This cannot be answered now; try again soon.' };

function toRefusal({ refusal }: Extract<Authentication, { refusal: Error }>): Refusal {
  return isConnectivityError(refusal) ? TRY_AGAIN : { code: CLOSE.policy, sentence: refusal.message };
}

/** ws gives the text of a message in one buffer, in several, or as it arrived. */
function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
