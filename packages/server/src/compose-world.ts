import { randomUUID } from "node:crypto";
import type { Server as HttpServer } from "node:http";
import type { AttachmentSource } from "./access/attachments.ts";
import { DocumentGuard } from "./access/document-access.ts";
import { systemClock } from "./adapters/system-clock.ts";
import { makePushKeys } from "./compose-away.ts";
import { composeFiles } from "./compose-files.ts";
import { composeModeration } from "./compose-moderation.ts";
import type { Settings } from "./config/settings.ts";
import type { Database } from "./database/database.ts";
import { readEpoch } from "./database/epoch.ts";
import { readInstanceKey } from "./database/instance-keys.ts";
import { type PushKeys, readPushKeys } from "./database/push-keys.ts";
import { RateLimits } from "./gateway/rate-limits.ts";
import type { Delivery } from "./hot-path/hub.ts";
import type { RequestListener } from "./http/http.ts";
import type { Logger } from "./lib/logger.ts";
import { type CountRead, createMetrics, createReadCounter, type Metrics } from "./lib/metrics.ts";
import { version } from "./lib/version.ts";
import type { Clock } from "./ports/clock.ts";
import type { Draft } from "./ports/moderator.ts";

export interface ComposeOptions {
  settings: Settings;
  /** Absent: the machine's own. */
  clock: Clock | undefined;
  log: Logger;
  /** Absent: one of our own. */
  httpServer: HttpServer | undefined;
  /** Answers what is not ours: a web app's pages. */
  fallback: RequestListener | undefined;
}

/** What stands before the road does, and what parts of it share. */
export type World = ComposeOptions & {
  clock: Clock;
  metrics: Metrics;
  database: Database;
  epoch: string;
  nonceSecret: string;
  pushKeys: PushKeys;
  linkKey: string;
  moderate: (draft: Draft) => Promise<void>;
  faults: ReturnType<typeof countFaults>;
  /** Unique for this process. */
  nodeId: string;
  countRead: CountRead;
  documentGuard: DocumentGuard;
  rateLimits: RateLimits;
  files: ReturnType<typeof composeFiles>;
  attachments: AttachmentSource;
};
/** Reads the instance's keys from its database, which has been migrated, and makes what needs nothing else. */
export async function openWorld(options: ComposeOptions, database: Database): Promise<World> {
  const { settings, log, clock = systemClock } = options;
  const metrics = createMetrics({ version });
  const [epoch, nonceSecret] = [await readEpoch(database), await readInstanceKey(database, "nonce_key")];
  const pushKeys = await readPushKeys(database, makePushKeys);
  const linkKey = await readInstanceKey(database, "link_key");
  const fileKey = await readInstanceKey(database, "file_key");
  const moderate = composeModeration(settings, clock, log);
  const faults = countFaults(metrics, log);
  const countRead = createReadCounter(metrics);
  const documentGuard = new DocumentGuard({ database, onRead: (count) => countRead("document_access", count) });
  const rateLimits = new RateLimits({ settings, clock, onLimited: (limit) => metrics.rateLimited.inc({ limit }) });
  const parts = { moderate, faults, nodeId: randomUUID(), countRead, documentGuard, rateLimits };
  const opened = { ...options, clock, metrics, database, epoch, nonceSecret, pushKeys, linkKey, ...parts };
  const files = composeFiles({
    ...opened,
    fileKey,
    spendUpload: (userId) => rateLimits.spendKind(userId, "upload"),
    onFault: faults.onFault,
  });
  return { ...opened, files, attachments: files.files };
}

function countFaults(metrics: Metrics, log: Logger): Required<Pick<Delivery, "onGap" | "onRepair" | "onFault">> {
  return {
    onGap: () => metrics.gapsDetected.inc({ side: "node" }),
    onRepair: (durationMs) => metrics.gapRepairSeconds.observe(durationMs / 1_000),
    onFault(error) {
      metrics.databaseErrors.inc({ code: sqlStateOf(error) });
      log.error({ err: error }, "a step of the road failed");
    },
  };
}

function sqlStateOf(error: unknown): string {
  return error instanceof Error && "sqlState" in error && typeof error.sqlState === "string" ? error.sqlState : "none";
}
