/** Why a connection could not be opened. `code` is a handshake refusal's; absent where the server was not reached. */
export interface LinkRefusal {
  code?: string;
  message: string;
  retryAfterMs?: number;
}

/** What a link tells its owner. After `refused` or `lost` it says nothing more. */
export interface LinkObserver {
  /** The server has accepted the token; commands may be sent. */
  opened(): void;
  /** It was not opened and never will be. */
  refused(refusal: LinkRefusal): void;
  /** It was open and is no more. */
  lost(): void;
  event(name: string, payload: unknown): void;
}

/** One connection, from its attempt to its end. */
export interface Link {
  /** `answer` is called at most once and in order with the events; never after the link was lost. */
  send(name: string, payload: unknown, answer: (reply: unknown) => void): void;
  /** Ends it. The observer hears nothing more. */
  close(): void;
}

/** The way to a server. Delivers in order or not at all. */
export interface Transport {
  open(token: string, observer: LinkObserver): Link;
}
