import type { MailSettings } from "./mail-settings.ts";

/** Every setting, typed and checked. Names and defaults are those of the environment; see `parseSettings`. */
export interface Settings {
  port: number;
  host: string;
  /** Where the embedded database and generated secrets live. */
  dataDir: string;
  /** Absent: the embedded database in `dataDir`. */
  databaseUrl: string | undefined;
  jwtSecret: string;
  jwtJwksUrl: string | undefined;
  jwtIssuer: string | undefined;
  jwtAudience: string | undefined;
  /** `jit`: a validly signed token of an unknown user makes that user; `strict`: it is refused. */
  authProvision: "jit" | "strict";
  allowQueryToken: boolean;
  /** Signs the app's own sessions. */
  authSecret: string;
  apiKey: string;
  discord: { clientId: string; clientSecret: string } | undefined;
  /** Where people reach the app, where it is known: links are made with it. */
  publicUrl: string | undefined;
  /** Origins that may connect; empty: the scheme and host of the request itself. */
  corsOrigins: readonly string[];
  /** Addresses or CIDR ranges whose X-Forwarded-* counts, or `true` for all. */
  trustProxy: readonly string[] | true;
  enableChat: boolean;
  enableNotifications: boolean;
  enableDocuments: boolean;
  moderation: { url: string; apiKey: string | undefined; timeoutMs: number; onFailure: "open" | "closed" } | undefined;
  /** Hosts with a port that may be called although they are private. */
  privateTargets: readonly string[];
  /** Whom push services may write to: `mailto:` or `https:`. */
  pushSubject: string;
  /** Absent: nobody is told by mail. */
  mail: MailSettings | undefined;
  /** 0 switches a limit off. */
  chatPerMinute: number;
  notificationsPerMinute: number;
  /** Notifications that were read or deleted are kept for so long; 0: for ever. */
  notificationRetentionDays: number;
  eventsPerSecond: number;
  inFlight: number;
  connectionsPerSecond: number;
  connectionsPerUser: number;
  /** Bytes of one file, and of all files of one person. */
  fileSizeLimit: number;
  fileQuota: number;
  slowConsumerBytes: number;
  catchUpLimit: number;
  pingIntervalMs: number;
  pingTimeoutMs: number;
  drainWindowMs: number;
  /** `/metrics` answers anyone, not only this machine and holders of the API key. */
  metricsPublic: boolean;
  logLevel: string;
}
