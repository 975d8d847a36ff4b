/** Bytes as they come from the socket: a browser gives an `ArrayBuffer`, Node a `Buffer`. */
export function asBytes(value: Uint8Array | ArrayBuffer): Uint8Array<ArrayBuffer> {
  // Of a view this makes a copy, so that a small update does not keep the large buffer that it came in.
  return new Uint8Array(value);
}

/** Whether a Yjs update (V1) holds nothing: no structs, and nothing deleted. */
export function isEmptyUpdate(update: Uint8Array): boolean {
  return update.byteLength === 2 && update[0] === 0 && update[1] === 0;
}
