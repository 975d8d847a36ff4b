"use client";
import type { Typist } from "@mirage/client";
import type { Labels } from "../labels.ts";
import { useRealtime } from "../provider.tsx";

/** Who is writing; its height is always there, so that nothing moves. */
export function TypingLine({ typing }: { typing: readonly Typist[] }) {
  const { me, labels } = useRealtime();
  const others = typing.filter((person) => person.userId !== me.userId);
  return (
    <div className="mrg-typing" dir="auto">
      {others.length > 0 && (
        <>
          <span className="mrg-dots" aria-hidden>
            <i />
            <i />
            <i />
          </span>
          {describe(others, labels)}
        </>
      )}
    </div>
  );
}

function describe([one, two, third]: readonly Typist[], labels: Labels): string {
  if (!one) return "";
  if (!two) return labels.typingOne(one.username);
  return third ? labels.typingSeveral : labels.typingTwo(one.username, two.username);
}
