/**
 * The protocol version this build speaks. A server serves this one and the one before.
 *
 * - 1: rooms, messages, read markers, resume.
 */
export const protocolVersion = 1;
