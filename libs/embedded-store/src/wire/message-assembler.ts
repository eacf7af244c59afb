import { StoreError } from '../errors/store-error';
import { HEADER_BYTES, MAX_MESSAGE_BYTES, readHeader } from './messages';

/** Pieces smaller than this are joined, so that a message sent byte by byte does not become millions of buffers. */
const SMALL_PIECE_BYTES = 16 * 1024;

/** Collects the bytes of a socket into whole messages. */
export class MessageAssembler {
  #pieces: Buffer[] = [];
  #length = 0;

  /** Bytes of messages that have not been taken. */
  get pendingBytes(): number {
    return this.#length;
  }

  push(piece: Buffer): void {
    this.#length += piece.length;
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.length + piece.length <= SMALL_PIECE_BYTES)
      this.#pieces[this.#pieces.length - 1] = Buffer.concat([last, piece]);
    else this.#pieces.push(piece);
  }

  /** The next whole message, or null until more bytes come. @throws StoreError when the stream makes no sense. */
  next(): Buffer | null {
    if (this.#length < HEADER_BYTES) return null;
    const { length } = readHeader(this.#peek(HEADER_BYTES), 0);
    if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
      throw new StoreError(
        'ProtocolError',
        `a message of ${length} bytes is refused; allowed are ${HEADER_BYTES} to ${MAX_MESSAGE_BYTES}`,
      );
    }
    return this.#length < length ? null : this.#take(length);
  }

  /** Lets go of everything. */
  clear(): void {
    this.#pieces = [];
    this.#length = 0;
  }

  #peek(size: number): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= size) return first;
    this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0] ?? Buffer.alloc(0);
  }

  #take(size: number): Buffer {
    const all = this.#peek(size);
    const rest = all.subarray(size);
    this.#pieces = rest.length === 0 ? this.#pieces.slice(1) : [rest, ...this.#pieces.slice(1)];
    this.#length -= size;
    return all.subarray(0, size);
  }
}
