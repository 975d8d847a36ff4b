import { join } from "node:path";
import { Refusal } from "@mirage/protocol";
import type { DocumentGuard } from "./access/document-access.ts";
import { DiskBlobStore } from "./adapters/disk-blob-store.ts";
import type { Settings } from "./config/settings.ts";
import type { Database } from "./database/database.ts";
import { FileAddresses } from "./features/files/file-addresses.ts";
import { FileSweeper } from "./features/files/file-sweeper.ts";
import { createFileHandlers } from "./features/files/files.handlers.ts";
import { FileStore } from "./features/files/files.store.ts";
import { Files, type FilesDeps } from "./features/files/files.ts";
import { PictureLab } from "./features/files/pictures.ts";
import { Scratch } from "./features/files/scratch.ts";
import { Uploads } from "./features/files/uploads.ts";
import { createIdSource } from "./lib/ids.ts";
import type { Metrics } from "./lib/metrics.ts";
import type { Clock } from "./ports/clock.ts";

export interface FilesWorld {
  database: Database;
  clock: Clock;
  settings: Settings;
  metrics: Metrics;
  fileKey: string;
  /** This process; it has a lease by the time that anything is received. */
  nodeId: string;
  documentGuard: DocumentGuard;
  /** Counts one upload of somebody; the refusal when it is one too many. */
  spendUpload: (userId: string) => Refusal | undefined;
  onFault: (error: unknown) => void;
}

/** Longer than any upload takes that another node may be at. */
const strangersScratchMs = 24 * 3_600_000;

/** What people upload: taking it in, giving it out, and removing what nobody needs. */
export function composeFiles(world: FilesWorld) {
  const { database, clock, settings, metrics, fileKey, nodeId, documentGuard, spendUpload, onFault } = world;
  const directory = join(settings.dataDir, "files");
  const blobs = new DiskBlobStore(directory);
  const scratch = new Scratch(join(directory, "incoming"));
  const store = new FileStore(database, nodeId);
  const documentRoleOf: FilesDeps["documentRoleOf"] = async ({ userId, isAdmin }, documentId) =>
    (await documentGuard.find({ userId, isAdmin, documentId }))?.role ?? null;
  const files = new Files({ store, blobs, addresses: new FileAddresses(fileKey), clock, documentRoleOf });
  const sweeper = new FileSweeper({
    store,
    blobs,
    scratch,
    clock,
    onRemoved: (count) => metrics.filesRemoved.inc(count),
    onFault,
  });
  const uploads = new Uploads({
    store,
    blobs,
    scratch,
    lab: new PictureLab(),
    clock,
    createId: createIdSource(() => clock.now()),
    fileSizeLimit: settings.fileSizeLimit,
    fileQuota: settings.fileQuota,
    spend: spendUpload,
    async requireEditor(session, documentId) {
      if (!settings.enableDocuments) throw new Refusal("disabled", "Feature is disabled");
      await documentGuard.require(session, documentId, "edit");
    },
    onAbandoned: () => void sweeper.run(),
    onFault,
  });
  return {
    files,
    handlers: createFileHandlers(files),
    /** What HTTP serves. */
    door: {
      receive: uploads.receive.bind(uploads),
      find: files.find.bind(files),
    },
    /** Clears what a process that died has left behind. */
    async start(): Promise<void> {
      const isAlone = database.kind === "pglite";
      await blobs.open();
      await scratch.open(isAlone ? 0 : strangersScratchMs);
      sweeper.start();
    },
    close: () => sweeper.close(),
  };
}
