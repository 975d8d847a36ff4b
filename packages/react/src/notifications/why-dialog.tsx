"use client";
import type { Explanation, Message } from "@mirage/protocol";
import { Check, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useEffect, useState } from "react";
import { useRequest } from "../hooks/use-request.ts";
import { useRealtime } from "../provider.tsx";
import { usePreferenceLabels } from "./use-preferences.ts";

export interface WhyDialogProps {
  message: Message;
  onClose(): void;
  /** Takes the focus when the dialog is gone. */
  onClosed(): void;
}

/** Says why this person was told of a message or not, channel by channel. */
export function WhyDialog({ message, onClose, onClosed }: WhyDialogProps) {
  const { labels } = useRealtime();
  const words = usePreferenceLabels();
  const { run, error } = useRequest("explain_notification");
  const [explanation, setExplanation] = useState<Explanation>();
  useEffect(() => {
    run({ messageId: message.id }).then((reply) => reply && setExplanation(reply));
  }, [run, message.id]);
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="mrg-overlay mrg-layer" />
        <Dialog.Content
          className="mrg-dialog mrg-layer"
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            onClosed();
          }}
        >
          <Dialog.Title>{words.whyTitle}</Dialog.Title>
          <blockquote className="mrg-dialog-quote" dir="auto">
            {message.content}
          </blockquote>
          <div className="mrg-why">
            {error !== undefined && <p role="alert">{labels.actionFailed(error)}</p>}
            {explanation ? <Answer explanation={explanation} /> : error === undefined && <p>{labels.loading}</p>}
          </div>
          <div className="mrg-dialog-buttons">
            <Dialog.Close className="mrg-button">{labels.close}</Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Answer({ explanation: { trigger, channels } }: { explanation: Explanation }) {
  const words = usePreferenceLabels();
  return (
    <>
      <p>{trigger === null ? words.whyNothing : words.whyTold(words.triggers[trigger])}</p>
      <ul>
        {channels.map(({ channel, isDue, reasons }) => (
          <li key={channel} data-due={isDue || undefined}>
            {isDue ? <Check size={16} aria-hidden /> : <X size={16} aria-hidden />}
            <span>
              <strong>
                {words.channels[channel]}: {isDue ? words.due : words.notDue}
              </strong>
              {reasons.length > 0 && `, ${words.because(reasons.map((reason) => words.reasons[reason]).join("; "))}`}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
