/** How the drivers tell of what no caller sees: a lost connection, a restart. */
export type DatabaseLog = (
  level: "debug" | "info" | "warn" | "error",
  message: string,
  fields?: Record<string, unknown>,
) => void;
