import { type HandshakeRefusal, handshakeRefusals } from "@mirage/protocol";

/** Why a connection is not accepted; it reaches the client as `connect_error` with this message and `data.code`. */
export class HandshakeError extends Error {
  override readonly name = "HandshakeError";
  readonly code: HandshakeRefusal;

  constructor(code: HandshakeRefusal) {
    super(handshakeRefusals[code]);
    this.code = code;
  }
}
