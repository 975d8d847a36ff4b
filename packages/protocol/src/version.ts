/**
 * The protocol version this build speaks. A server serves this one and the one before.
 *
 * - 1: rooms, messages, read markers, notifications and preferences, resume. Names and descriptions of rooms may be
 *   `moderated`; typing in an archived room is `archived`.
 */
export const protocolVersion = 1;
