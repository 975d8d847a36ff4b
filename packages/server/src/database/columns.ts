import { bigint, customType, timestamp } from "drizzle-orm/pg-core";

/** A moment, to the millisecond, as JavaScript has it. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** A number in a stream. */
export const position = (name: string) => bigint(name, { mode: "number" });

/** Compared byte by byte, so that every node locks streams in the same order. */
export const byteOrderedText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });

export const bytes = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });
