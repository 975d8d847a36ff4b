"use client";
import type { DocumentState } from "@mirage/client/documents";
import {
  Check,
  CircleAlert,
  CloudOff,
  Eye,
  LoaderCircle,
  Lock,
  type LucideIcon,
  MessageSquareText,
} from "lucide-react";
import type { DocumentLabels } from "./document-labels.ts";
import { useDocumentLabels } from "./use-document-labels.ts";

interface Status {
  kind: "saved" | "saving" | "offline" | "refused" | "readonly";
  icon: LucideIcon;
  text: string;
  hint?: string;
}

/** Whether what one wrote is stored; or, where nothing can be written, what one may do. */
export function SaveStatus({ state }: { state: DocumentState }) {
  const { kind, icon: Icon, text, hint } = describe(state, useDocumentLabels());
  return (
    <p className="mrg-doc-save" data-state={kind} title={hint}>
      <Icon size={13} aria-hidden />
      {/* Saving goes by too fast to be read out: only being offline, and being stored again, is told. */}
      <span role="status" aria-live={kind === "saving" ? "off" : "polite"}>
        {text}
      </span>
    </p>
  );
}

function describe({ save, phase, role }: DocumentState, words: DocumentLabels): Status {
  const { kind, pending } = save;
  if (phase === "refused") {
    if (pending === 0) return { kind: "readonly", icon: Lock, text: words.closed };
    return { kind: "refused", icon: CircleAlert, text: words.notTaken(pending), hint: words.notTakenHint };
  }
  if (phase === "offline" || kind === "offline") {
    return { kind: "offline", icon: CloudOff, text: words.offlineChanges(pending), hint: words.offlineHint };
  }
  if (role === "comment") return { kind: "readonly", icon: MessageSquareText, text: words.commentOnly };
  if (role !== "edit") return { kind: "readonly", icon: Eye, text: words.viewOnly };
  if (kind === "saving") return { kind, icon: LoaderCircle, text: words.saving, hint: words.savedHint };
  return { kind, icon: Check, text: words.saved, hint: words.savedHint };
}
