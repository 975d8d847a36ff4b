import type { Message } from "@mirage/protocol";
import {
  BellRing,
  Copy,
  FilePlus2,
  Link,
  ListChecks,
  MessagesSquare,
  Pencil,
  Pin,
  PinOff,
  Reply,
  Trash2,
} from "lucide-react";
import type { ReactNode } from "react";
import type { Labels } from "../labels.ts";
import type { MessageRights } from "../rights.ts";
import type { ChatActions } from "./chat-actions.ts";

/** One thing that can be done with a message; the hover bar, the menu and the sheet are made of these. */
export interface MessageAction {
  id: string;
  label: string;
  icon: ReactNode;
  isDangerous?: boolean;
  run(): void;
}

interface ActionContext {
  rights: MessageRights;
  actions: ChatActions;
  labels: Labels;
  /** Whether another message answers it. */
  isAnswered: boolean;
}

/** Lists what the reader may do with a message, apart from reacting. */
export function listActions(message: Message, { rights, actions, labels, isAnswered }: ActionContext): MessageAction[] {
  const list: (MessageAction | false)[] = [
    rights.canReply && {
      id: "reply",
      label: labels.reply,
      icon: <Reply size={16} aria-hidden />,
      run: () => actions.reply(message),
    },
    rights.canEdit && {
      id: "edit",
      label: labels.edit,
      icon: <Pencil size={16} aria-hidden />,
      run: () => actions.edit(message),
    },
    message.content !== "" && {
      id: "copy",
      label: labels.copy,
      icon: <Copy size={16} aria-hidden />,
      run: () => actions.copy(message),
    },
    actions.copyLink !== undefined && {
      id: "link",
      label: labels.copyLink,
      icon: <Link size={16} aria-hidden />,
      run: () => actions.copyLink?.(message),
    },
    rights.canPin && {
      id: "pin",
      label: message.pinned ? labels.unpin : labels.pin,
      icon: message.pinned ? <PinOff size={16} aria-hidden /> : <Pin size={16} aria-hidden />,
      run: () => actions.togglePin(message),
    },
    actions.explain !== undefined && {
      id: "explain",
      label: labels.whyNotified,
      icon: <BellRing size={16} aria-hidden />,
      run: () => actions.explain?.(message),
    },
    ...documentActions(message, { isAnswered, documents: actions.documents, labels }),
    rights.canDelete && {
      id: "delete",
      label: labels.delete,
      icon: <Trash2 size={16} aria-hidden />,
      isDangerous: true,
      run: () => actions.askDelete(message),
    },
  ];
  return list.filter((action) => action !== false);
}

function documentActions(
  message: Message,
  { documents, labels, isAnswered }: Pick<ActionContext, "labels" | "isAnswered"> & Pick<ChatActions, "documents">,
): (MessageAction | false)[] {
  if (!documents) return [];
  const isInThread = isAnswered || message.replyTo !== undefined || message.threadId !== undefined;
  return [
    {
      id: "document",
      label: labels.makeDocument,
      icon: <FilePlus2 size={16} aria-hidden />,
      run: () => documents.makeDocument(message),
    },
    isInThread && {
      id: "thread-document",
      label: labels.makeThreadDocument,
      icon: <MessagesSquare size={16} aria-hidden />,
      run: () => documents.makeThreadDocument(message),
    },
    {
      id: "choose",
      label: labels.startChoice,
      icon: <ListChecks size={16} aria-hidden />,
      run: () => documents.startChoice(message),
    },
  ];
}
