import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { BSON } from 'bson';
import { frameMessage, HEADER_BYTES, readHeader } from '../src/wire/messages';
import { MessageAssembler } from '../src/wire/message-assembler';

/** A client that sends exactly the bytes it is told to. */
export class WireClient {
  readonly #assembler = new MessageAssembler();

  #wake: () => void = () => undefined;

  private constructor(readonly socket: Socket) {
    socket.on('data', (piece: Buffer) => {
      this.#assembler.push(piece);
      this.#wake();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#wake());
  }

  static async connect(port: number): Promise<WireClient> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    return new WireClient(socket);
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** The next reply, or null when the server hung up. */
  async reply(): Promise<Record<string, unknown> | null> {
    for (;;) {
      const message = this.#assembler.next();
      if (message !== null) {
        const isMessage = readHeader(message, 0).opCode === 2013;
        return BSON.deserialize(message.subarray(HEADER_BYTES + (isMessage ? 5 : 20)));
      }
      if (this.socket.destroyed) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Sends a command and waits for its reply. */
  async command(command: Record<string, unknown>): Promise<Record<string, unknown> | null> {
    this.write(message(command));
    return this.reply();
  }

  close(): void {
    this.socket.destroy();
  }
}

/** A command framed as a driver frames it. */
export function message(command: Record<string, unknown>): Buffer {
  return Buffer.concat(frameMessage(0, Buffer.from(BSON.serialize(command))));
}
