import type { Link, LinkObserver, Transport } from "../connection/transport.ts";

/** A way to a server that can be cut, as a cable is: both ends find out, and what was under way is lost. */
export class CuttableTransport implements Transport {
  readonly #inner: Transport;
  readonly #links = new Map<Link, LinkObserver>();

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  open(token: string, observer: LinkObserver): Link {
    const inner = this.#inner.open(token, observer);
    const link: Link = {
      send: (name, payload, answer) => inner.send(name, payload, answer),
      close: () => {
        this.#links.delete(link);
        inner.close();
      },
    };
    this.#links.set(link, observer);
    return link;
  }

  cut(): void {
    for (const [link, observer] of [...this.#links]) {
      link.close();
      observer.lost();
    }
  }
}
