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
  /** Distinct emoji on one message. */
  reactionsPerMessage: 20,
  /** User ids listed under one reaction; `count` is always the whole number. */
  reactionUsersListed: 20,
  pageMessages: 50,
  pageMessagesMax: 100,
  pageMembers: 100,
  pageRooms: 100,
  pageNotifications: 50,
  pageNotificationsMax: 100,
  notificationTitleCodePoints: 200,
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
  inviteLifetimeMaxMs: 30 * 24 * 60 * 60 * 1000,
  inviteUsesMax: 10_000,
} as const;
