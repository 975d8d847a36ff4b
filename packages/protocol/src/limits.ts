/** Numbers that both sides must agree on. Units are in the names; the source is the wire contract. */
export const limits = {
  /** Unicode code points of one message. */
  messageCodePoints: 2_000,
  nonceCodePoints: 64,
  metadataBytes: 4 * 1024,
  metadataDepth: 5,
  /** Deepest nesting of any payload; checked before anything recursive touches it. */
  payloadDepth: 20,
  roomNameCodePoints: 80,
  roomDescriptionCodePoints: 500,
  usernameCodePoints: 64,
  idCodePoints: 128,
  emojiCodePoints: 64,
  attachmentsPerMessage: 10,
  fileNameCodePoints: 200,
  /** What describes a picture to those who do not see it. */
  altCodePoints: 1_000,
  /** Files whose addresses are asked for at once. */
  fileUrls: 100,
  /** Longest side of the two small pictures that are made of an image. */
  thumbnailPixels: 320,
  previewPixels: 1_280,
  /** Uploads of one person that a node takes at once. */
  uploadsAtOnce: 3,
  /** Distinct emoji on one message. */
  reactionsPerMessage: 20,
  /** User ids listed under one reaction; `count` is always the whole number. */
  reactionUsersListed: 20,
  pageMessages: 50,
  pageMessagesMax: 100,
  /** Unicode code points of what is searched for, and of what is shown around it. */
  searchCodePoints: 256,
  searchExcerptCodePoints: 200,
  pageHits: 20,
  pageMembers: 100,
  pageRooms: 100,
  pageNotifications: 50,
  pageNotificationsMax: 100,
  notificationTitleCodePoints: 200,
  /** Devices of one person that are told by push. */
  pushDevices: 16,
  pushLabelCodePoints: 100,
  emailCharacters: 254,
  /** What a push or a mail quotes of one message. */
  pushTextCodePoints: 200,
  /** What one mail lists of a conversation; of more it says that there is more. */
  mailedNotifications: 10,
  /** Rooms named in one `resume`, and rooms one connection may have open. */
  openRooms: 500,
  directUsers: 8,
  /** Bytes of one answer to `resume` or to `join_room` with `since`. */
  resumeAnswerBytes: 512 * 1024,
  /** Bytes of one frame, and of an event that is not a document's. */
  frameBytes: 512 * 1024,
  eventBytes: 64 * 1024,
  /** Arguments of one event: its name, one object, one acknowledgement, and slack for older clients. */
  eventArguments: 5,
  packetsPerPoll: 256,
  /** Unread and mention counts stop here: this number means "this many or more". */
  unreadCount: 100,
  /** Rooms above this are told of people by numbers, not by name. */
  crowdMembers: 200,
  typingExpiryMs: 6_000,
  typingRelayMs: 2_000,
  typersInCrowd: 3,
  readMarkerWindowMs: 1_000,
  departureGraceMs: 30_000,
  presenceTextCodePoints: 100,
  /** People whom one connection follows by name. */
  watchedUsers: 500,
  /** Changes of one connection's people gather this long. */
  presenceWindowMs: 250,
  /** Whoever comes back by then never went. */
  presenceGraceMs: 5_000,
  /** A room above 200 people is told how many are here at most this often. */
  roomPresenceMs: 1_000,
  authExpiringMs: 60_000,
  mentionExcerptCodePoints: 100,
  /** People mentioned by name in one message. */
  mentionsPerMessage: 50,
  documentTitleCodePoints: 200,
  /** One Yjs update over the socket, and one over REST. */
  updateBytes: 256 * 1024,
  restUpdateBytes: 8 * 1024 * 1024,
  /** Bytes of edits that one connection may send in ten seconds; by REST one person, on the average. */
  editBytesPer10s: 1024 * 1024,
  stateVectorBytes: 64 * 1024,
  /** The whole content of one document. */
  documentBytes: 16 * 1024 * 1024,
  /** Where somebody is in a document, as JSON. */
  awarenessBytes: 4 * 1024,
  /** Documents one connection may have open. */
  openDocuments: 50,
  documentEditors: 20,
  /**
   * Markdown that is taken at once, in UTF-16 code units; over the socket an event has room for less. Of nothing but short
   * list items it makes an update ten times as large, which takes a copy a quarter of a second to judge and apply.
   */
  markdownCharacters: 128 * 1024,
  /** A REST body that may hold Markdown. */
  markdownBodyBytes: 1024 * 1024,
  /** Messages that one document is begun with. */
  documentMessages: 100,
  pageDocuments: 50,
  documentPeople: 200,
  pageVersions: 50,
  versionNameCodePoints: 100,
  commentCodePoints: 2_000,
  /** Comments of one document, deleted ones apart. */
  commentsPerDocument: 5_000,
  commentQuoteCodePoints: 500,
  commentAnchorCharacters: 512,
  /** Whoever has a document's room open is told of it at most this often. */
  documentActivityMs: 1_000,
  /** Words of one's own that call one like a mention. */
  keywords: 20,
  keywordCodePoints: 50,
  inviteLifetimeMaxMs: 30 * 24 * 60 * 60 * 1000,
  inviteUsesMax: 10_000,
} as const;
