/**
 * Puts the parts together. The files beside this one that are named `compose-…` are the only ones that know what
 * implements a port, or more than one feature:
 *
 *     compose-world ─▶ compose-road ─▶ compose-edge
 *     database, keys,   the features,    sign-in, HTTP,
 *     files, limits     the hot path     Socket.IO
 */
import { composeEdge } from "./compose-edge.ts";
import { composeRoad } from "./compose-road.ts";
import { type ComposeOptions, openWorld } from "./compose-world.ts";
import type { Database } from "./database/database.ts";
import { migrate } from "./database/migrate.ts";
import { openDatabase } from "./database/open-database.ts";

export type { RequestListener } from "./http/http.ts";

/** Opens the database and starts everything on it; what was opened is closed again where that fails. */
export async function compose(options: ComposeOptions) {
  const { settings, log } = options;
  const database = await openDatabase({
    databaseUrl: settings.databaseUrl,
    dataDir: settings.dataDir,
    log: (level, message, fields) => log[level](fields ?? {}, message),
  });
  try {
    await migrate(database);
    return await composeOn(database, options);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function composeOn(database: Database, options: ComposeOptions) {
  const world = await openWorld(options, database);
  const road = composeRoad(world);
  const { holdMs } = await road.people.start();
  road.notifications.deliveries.start(holdMs);
  road.notifications.jobs.start();
  road.notifications.retention.start();
  void road.talk.recover();
  await world.files.start();
  const edge = await composeEdge({ ...world, ...road });
  return {
    database,
    httpServer: edge.httpServer,
    gateway: edge.gateway,
    hostNotifications: road.notifications.host,
    async close(): Promise<void> {
      await edge.close();
      road.chat.close();
      await road.notifications.deliveries.close();
      await road.notifications.jobs.close();
      await road.notifications.retention.close();
      await road.talk.close();
      await road.documents.close();
      await world.files.close();
      await road.hotPath.close();
      await road.people.close();
      await database.close();
    },
  };
}
