/**
 * The protocol version this build speaks. A server serves this one and the one before.
 *
 * - 1: rooms, messages, read markers, notifications and preferences, resume. Names and descriptions of rooms may be
 *   `moderated`; typing in an archived room is `archived`.
 * - 1, later: presence, by `presence_update`, `watch_presence` and four events. Older clients and servers do without.
 * - 1, later: devices for web push, by five commands. Older clients and servers do without.
 * - 1, later: documents, by 15 commands and six events, with three error codes of their own; their bytes travel as
 *   attachments. Older clients and servers do without.
 * - 1, later: `keywords` among the preferences, and `keyword` among the reasons. Older clients and servers do without.
 * - 1, later: an address for mail, by three commands. Older clients and servers do without.
 * - 1, later: comments, by five commands; `mark_document_seen`, `append_document`; `explain_notification` takes a comment,
 *   too, and `create_document` takes `markdown` and `fromMessageIds`.
 * - 1, later: files. `attachments` of `chat_message`, which had no use before, name them by `fileId`; an attachment says
 *   `type` and `size`; `get_file_urls`. Older clients and servers do without.
 * - 1, later: `not_found` is named among the refusals of `list_documents`, which answered it all along.
 * - 1, later: `search_messages`. Older clients and servers do without.
 */
export const protocolVersion = 1;
