/** What the tests and fault runs of this repository share. Nothing here is part of the product. */
export { findBrowser, launchBrowser } from "./browser.ts";
export { checkHistory } from "./check-history.ts";
export { eventually, pause } from "./eventually.ts";
export { FakeClock } from "./fake-clock.ts";
export { findFreePort } from "./free-port.ts";
export type { FinalMessage, FinalRoom, FinalState, HistoryEntry, Invariant, SendEntry, Violation } from "./history.ts";
export { Inbox } from "./inbox.ts";
export { type MailEndpoint, type MailEndpointOptions, type ReceivedMail, startMailEndpoint } from "./mail-endpoint.ts";
export { findPostgresPrograms, type PostgresOptions, type PrivatePostgres, startPostgres } from "./postgres.ts";
export { type PushDelivery, type PushEndpoint, startPushEndpoint } from "./push-endpoint.ts";
export { followRoom, type RoomFollower } from "./room-law.ts";
export { RoomModel, type RoomPage } from "./room-model.ts";
export { type RecordedEvent, type RoomRecorder, recordRoom } from "./room-recorder.ts";
export {
  type ConnectOptions,
  connect,
  prepareSocket,
  type Reachable,
  request,
  requestOk,
  type TestSocket,
  type TestUser,
} from "./sockets.ts";
export { type SpawnedServer, type SpawnOptions, spawnServer } from "./spawn-server.ts";
export {
  createTestStorage,
  openTestDatabase,
  type TestDatabase,
  type TestStorage,
  testDatabaseKind,
} from "./test-database.ts";
export { startTestServer, type TestServer, type TestServerOptions } from "./test-server.ts";
export { signToken, type TokenClaims } from "./tokens.ts";
