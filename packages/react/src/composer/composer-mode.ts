import type { Message } from "@mirage/protocol";

/** What the composer is for at the moment. */
export type ComposerMode = { kind: "new" } | { kind: "reply" | "edit"; message: Message };
