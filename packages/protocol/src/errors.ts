/**
 * The one table of refusals. A code tells a program what to do, a message tells a person.
 * Codes never change their meaning; messages that clients already show stay as they are.
 */
export const errorCodes = {
  bad_request: { retryable: false, status: 400 },
  unauthenticated: { retryable: false, status: 401 },
  forbidden: { retryable: false, status: 403 },
  not_found: { retryable: false, status: 404 },
  conflict: { retryable: false, status: 409 },
  nonce_conflict: { retryable: false, status: 409 },
  too_large: { retryable: false, status: 413 },
  rate_limited: { retryable: true, status: 429 },
  moderated: { retryable: false, status: 422 },
  muted: { retryable: false, status: 403 },
  archived: { retryable: false, status: 409 },
  disabled: { retryable: false, status: 403 },
  overloaded: { retryable: true, status: 503 },
  unavailable: { retryable: true, status: 503 },
  /** A Yjs update that is not one, or that does not fit what the server has. */
  bad_update: { retryable: false, status: 422 },
  client_id_taken: { retryable: false, status: 409 },
  /** The document has grown as large as one may. */
  document_full: { retryable: false, status: 413 },
  internal: { retryable: false, status: 500 },
} as const satisfies Record<string, { retryable: boolean; status: number }>;

/** Why a command was refused. Whether trying again helps is `errorCodes[code].retryable`. */
export type ErrorCode = keyof typeof errorCodes;

/** Texts that existing clients show or match; they are part of the contract. */
export const messages = {
  permissionDenied: "Permission denied",
  rateLimited: "Rate limit exceeded",
  contentRequired: "Message content is required",
  tooLong: "Message too long",
  roomIdRequired: "Room ID is required",
  moderated: "Message violates community guidelines",
  editDenied: "Edit permission denied",
  sendFailed: "Failed to send message",
  joinFailed: "Failed to join room",
} as const;

/** What a handshake is refused with: `connect_error.message` and `connect_error.data.code`. */
export const handshakeRefusals = {
  token_required: "Authentication token required",
  token_invalid: "Authentication failed",
  token_expired: "Authentication failed",
  user_not_found: "User not found",
  user_banned: "Account suspended",
  connection_limit: "Too many connections",
} as const;

export type HandshakeRefusal = keyof typeof handshakeRefusals;

/** Where in the input something was wrong, and what. */
export interface Issue {
  path: string;
  message: string;
}

/** A refusal as it travels. `retryAfterMs` is in milliseconds. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  retryAfterMs?: number;
  issues?: Issue[];
}

/**
 * The one error that is thrown on purpose: it carries a code of the table and becomes the answer.
 * Anything else that is thrown is a fault and is answered as `internal`.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly issues: Issue[] | undefined;

  constructor(code: ErrorCode, message: string, details: { retryAfterMs?: number; issues?: Issue[] } = {}) {
    super(message);
    this.code = code;
    this.retryAfterMs = details.retryAfterMs;
    this.issues = details.issues;
  }

  /** The refusal as it travels in an acknowledgement, an `error` event or a REST answer. */
  toBody(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      retryable: errorCodes[this.code].retryable,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: Math.ceil(this.retryAfterMs) }),
      ...(this.issues === undefined ? {} : { issues: this.issues }),
    };
  }
}
