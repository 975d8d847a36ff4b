import { type Database, DatabaseError } from "../database/database.ts";

/** For tests: the database with lanes on which chosen calls are lost, before they ran or after. */
export function losing(database: Database, fate: (call: number) => "before" | "after" | undefined): Database {
  let call = 0;
  return new Proxy(database, {
    get(target, name) {
      if (name !== "openLane") return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return (laneName: string) => {
        const lane = target.openLane(laneName);
        return {
          close: () => lane.close(),
          async query(text: string, params: readonly string[]) {
            const lost = fate(++call);
            if (lost === "before") throw new DatabaseError("lost", { connectionLost: true });
            const rows = await lane.query(text, params);
            if (lost === "after") throw new DatabaseError("lost", { connectionLost: true });
            return rows;
          },
        };
      };
    },
  });
}
