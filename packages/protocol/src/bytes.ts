import { z } from "zod";

/**
 * Bytes, which travel beside an event as a Socket.IO attachment and never inside its JSON. At most `maxBytes` of them;
 * they arrive as a `Uint8Array`, in Node as the `Buffer` that is one.
 */
export function bytes(maxBytes: number) {
  return z
    .custom<Uint8Array>((value) => value instanceof Uint8Array, { error: "bytes, as a Uint8Array" })
    .refine((value) => value.byteLength <= maxBytes, { error: `at most ${maxBytes} bytes` })
    .meta({ type: "string", format: "binary" });
}
