import { Adapter } from "socket.io-adapter";

/**
 * Socket.IO's own rooms, switched off: topics and outlets do the fan-out. Every connection would otherwise keep a
 * room of its own, and a broadcast past the outlets could overtake what waits in them.
 */
export class RoomlessAdapter extends Adapter {
  override addAll(): void {
    // Nothing is kept.
  }

  override del(): void {
    // Nothing was kept.
  }

  override delAll(): void {
    // Nothing was kept.
  }

  override broadcast(): never {
    throw new Error("unable to broadcast; events leave through topics");
  }
}
