import { io } from "socket.io-client";
import type { Link, LinkObserver, LinkRefusal, Transport } from "./transport.ts";

export interface SocketioTransportOptions {
  url: string | undefined;
  transports: readonly ("websocket" | "polling")[];
}

/** The wire protocol version this client speaks; sent with the token. */
const protocol = 1;

/** Reaches a server by Socket.IO. Each attempt is a connection of its own: trying again is the machine's part. */
export function createSocketioTransport(options: SocketioTransportOptions): Transport {
  return { open: (token, observer) => openLink(options, token, observer) };
}

function openLink(options: SocketioTransportOptions, token: string, observer: LinkObserver): Link {
  const settings = {
    auth: { token, protocol },
    transports: [...options.transports],
    // Where a proxy blocks websockets the next transport is tried within the same attempt.
    tryAllTransports: true,
    reconnection: false,
    forceNew: true,
    autoConnect: false,
  };
  const socket = options.url === undefined ? io(settings) : io(options.url, settings);
  socket.on("connect", () => observer.opened());
  socket.on("connect_error", (error) => {
    socket.disconnect();
    observer.refused(readRefusal(error));
  });
  socket.on("disconnect", () => {
    socket.disconnect();
    observer.lost();
  });
  socket.onAny((name: string, payload: unknown) => observer.event(name, payload));
  socket.connect();
  return {
    send: (name, payload, answer) => {
      socket.emit(name, payload, answer);
    },
    close: () => {
      socket.off();
      socket.offAny();
      socket.disconnect();
    },
  };
}

function readRefusal(error: Error & { data?: unknown }): LinkRefusal {
  const data: Record<string, unknown> = typeof error.data === "object" && error.data !== null ? { ...error.data } : {};
  return {
    message: error.message,
    ...(typeof data.code === "string" ? { code: data.code } : {}),
    ...(typeof data.retryAfterMs === "number" ? { retryAfterMs: data.retryAfterMs } : {}),
  };
}
