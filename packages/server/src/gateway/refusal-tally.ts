import type { ErrorCode } from "@mirage/protocol";

/** More refusals than this in one window are abuse; of those that a busy server hands out, ten times as many. */
const windowMs = 10_000;
const maxRefusals = 100;
const maxPatientRefusals = 1_000;

const patientCodes: ReadonlySet<ErrorCode> = new Set(["rate_limited", "overloaded", "unavailable"]);

/** Counts the refusals of one connection. */
export class RefusalTally {
  #endsAtMs = 0;
  #refusals = 0;
  #patientRefusals = 0;

  /** Counts one. Returns true when the connection has had too many. */
  count(code: ErrorCode, nowMs: number): boolean {
    if (nowMs >= this.#endsAtMs) {
      this.#endsAtMs = nowMs + windowMs;
      this.#refusals = 0;
      this.#patientRefusals = 0;
    }
    if (patientCodes.has(code)) this.#patientRefusals++;
    else this.#refusals++;
    return this.#refusals > maxRefusals || this.#patientRefusals > maxPatientRefusals;
  }
}
