import { type EventName, events } from "@mirage/protocol";

/** A payload as it leaves: JSON, or, where it has bytes, JSON that names each by its number, and those bytes. */
export type EncodedPayload = string | BinaryPayload;

export interface BinaryPayload {
  json: string;
  attachments: readonly Uint8Array[];
}

/** Encodes the payload of an event, once for everyone. */
export function encodePayload(event: EventName, payload: object): EncodedPayload {
  const { bytesIn } = events[event];
  return bytesIn === undefined ? JSON.stringify(payload) : encodeBytes(payload, bytesIn);
}

/** Takes the bytes out of those fields that have any, as Socket.IO sends them: behind the packet, not in it. */
export function encodeBytes(payload: object, fields: readonly string[]): BinaryPayload {
  const attachments: Uint8Array[] = [];
  const outline: Record<string, unknown> = { ...payload };
  for (const field of fields) {
    const value = outline[field];
    if (!(value instanceof Uint8Array)) continue;
    outline[field] = { _placeholder: true, num: attachments.length };
    attachments.push(value);
  }
  return { json: JSON.stringify(outline), attachments };
}
