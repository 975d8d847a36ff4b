import type { Realtime } from "@mirage/client";
import { isChangeOrigin } from "@tiptap/extension-collaboration";
import type { SuggestionOptions, SuggestionProps } from "@tiptap/suggestion";
import { rankPeople } from "../../composer/mention-query.ts";

export interface Person {
  userId: string;
  username: string;
}

/** Who is offered now, and where; nothing while nobody is. */
export interface Offer {
  people: readonly Person[];
  activeIndex: number;
  /** Where the `@` stands on the screen. */
  rect: DOMRect | undefined;
}

/** The people offered behind an `@`: state for a list that React paints, and keys that the editor passes on. */
export interface Mentions {
  suggestion: Omit<SuggestionOptions, "editor">;
  subscribe(listener: () => void): () => void;
  get(): Offer | undefined;
  choose(person: Person): void;
  /** The people who may see the document. */
  listPeople(): Promise<readonly Person[]>;
}

/** Makes the suggestions of one document. People are asked for once, when the first `@` is typed. */
export function createMentions({ realtime, documentId }: { realtime: Realtime; documentId: string }): Mentions {
  let offer: Offer | undefined;
  let current: SuggestionProps<Person> | undefined;
  let people: Promise<readonly Person[]> | undefined;
  const listeners = new Set<() => void>();
  const set = (next: Offer | undefined) => {
    offer = next;
    for (const listener of listeners) listener();
  };
  const listPeople = () => {
    people ??= realtime.request("list_document_roles", { documentId }).then(
      (answer) => answer.people,
      () => {
        people = undefined;
        return [];
      },
    );
    return people;
  };
  const choose = ({ userId, username }: Person) => current?.command({ id: userId, label: username });
  const show = (props: SuggestionProps<Person>) => {
    current = props;
    const rect = props.clientRect?.() ?? undefined;
    set(props.items.length === 0 ? undefined : { people: props.items, activeIndex: 0, rect });
  };
  const onKeyDown = ({ key }: KeyboardEvent): boolean => {
    const active = offer?.people[offer.activeIndex];
    if (!offer || !active) return false;
    const step = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
    const count = offer.people.length;
    if (step !== 0) set({ ...offer, activeIndex: (offer.activeIndex + step + count) % count });
    else if (key === "Enter" || key === "Tab") choose(active);
    else if (key === "Escape") set(undefined);
    else return false;
    return true;
  };
  return {
    suggestion: {
      char: "@",
      shouldShow: ({ transaction }) => !isChangeOrigin(transaction),
      items: async ({ query }) => rankPeople([...(await listPeople())], query, []),
      render: () => ({
        onStart: show,
        onUpdate: show,
        onKeyDown: ({ event }) => onKeyDown(event),
        onExit: () => set(undefined),
      }),
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get: () => offer,
    choose,
    listPeople,
  };
}
