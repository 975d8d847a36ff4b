"use client";
import { type PointerEvent, useEffect, useRef } from "react";

const longPressMs = 450;
const maxMovePx = 10;

/** Handlers that call `onLongPress` when a finger rests; moving, as in scrolling, ends it. */
export function useLongPress(onLongPress: () => void) {
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number }>(undefined);
  // The message may change while the finger rests, as when it is confirmed.
  const latest = useRef(onLongPress);
  useEffect(() => {
    latest.current = onLongPress;
  });
  const end = () => {
    clearTimeout(press.current?.timer);
    press.current = undefined;
  };
  return {
    onPointerDown(event: PointerEvent) {
      if (event.pointerType === "mouse") return;
      end();
      const timer = setTimeout(() => {
        press.current = undefined;
        swallowClick();
        latest.current();
      }, longPressMs);
      press.current = { timer, x: event.clientX, y: event.clientY };
    },
    onPointerMove(event: PointerEvent) {
      const start = press.current;
      if (start && Math.hypot(event.clientX - start.x, event.clientY - start.y) > maxMovePx) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
}

/** The finger that opened something lifts over it: its click must not choose what lies there. */
function swallowClick(): void {
  const swallow = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
    stop();
  };
  const stop = () => {
    window.removeEventListener("click", swallow, true);
    window.removeEventListener("pointerdown", stop, true);
  };
  window.addEventListener("click", swallow, true);
  window.addEventListener("pointerdown", stop, true);
}
