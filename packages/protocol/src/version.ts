/**
 * The protocol version this build speaks. A server serves this one and the one before.
 *
 * - 1: rooms, messages, read markers, notifications and preferences, resume. Names and descriptions of rooms may be
 *   `moderated`; typing in an archived room is `archived`.
 * - 1, later: presence, by `presence_update`, `watch_presence` and four events. Older clients and servers do without.
 */
export const protocolVersion = 1;
