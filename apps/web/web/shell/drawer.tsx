"use client";
import { useBackStep } from "@mirage/react";
import { Dialog } from "radix-ui";
import { createContext, type ReactNode, type TouchEvent, useContext, useMemo, useRef } from "react";

/** A finger that starts this close to the edge may pull the drawer in. */
const edgePx = 28;
const pullPx = 56;

const nothing = () => undefined;
const Drawer = createContext<{ open(): void; leave(): void }>({ open: nothing, leave: nothing });

/** Opens the list of rooms on a phone. */
export function useOpenDrawer(): () => void {
  return useContext(Drawer).open;
}

/** Closes it where the next page takes the place of its step of history; nothing where it is not open. */
export function useLeaveDrawer(): () => void {
  return useContext(Drawer).leave;
}

/**
 * The list of rooms as a drawer, for screens with room for one pane. Opens by its button and by a swipe from the edge.
 * While it is open it owns one step of the browser's history, so that "back" closes it and not the room.
 */
export function DrawerProvider({ drawer, children }: { drawer: ReactNode; children: ReactNode }) {
  const { isOpen, open, close, closeForLink } = useBackStep();
  const swipe = useEdgeSwipe(open, isOpen);
  const handle = useMemo(() => ({ open, leave: closeForLink }), [open, closeForLink]);
  return (
    <Drawer value={handle}>
      <div {...swipe}>{children}</div>
      <Dialog.Root open={isOpen} onOpenChange={(next) => (next ? open() : close())}>
        <Dialog.Portal>
          <Dialog.Overlay className="only-phone mrg-overlay mrg-layer" />
          <Dialog.Content
            className="only-phone fixed inset-y-0 start-0 z-50 w-[min(320px,86vw)] bg-bg shadow-card"
            aria-describedby={undefined}
            // Choosing a room goes there in place of the drawer's own step of history.
            onClick={(event) => event.target instanceof Element && event.target.closest("a") && closeForLink()}
          >
            <Dialog.Title className="sr-only">Rooms</Dialog.Title>
            <div className="app-side h-full">{drawer}</div>
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
    </Drawer>
  );
}

function useEdgeSwipe(open: () => void, isOpen: boolean) {
  const startX = useRef<number>(undefined);
  return {
    onTouchStart(event: TouchEvent) {
      const touch = event.touches[0];
      const isWide = window.innerWidth >= 768;
      const isRtl = document.documentElement.dir === "rtl";
      const fromEdge = touch && (isRtl ? window.innerWidth - touch.clientX : touch.clientX);
      startX.current = !isOpen && !isWide && fromEdge !== undefined && fromEdge <= edgePx ? touch?.clientX : undefined;
    },
    onTouchMove(event: TouchEvent) {
      const touch = event.touches[0];
      if (startX.current === undefined || !touch) return;
      if (Math.abs(touch.clientX - startX.current) < pullPx) return;
      startX.current = undefined;
      open();
    },
    onTouchEnd() {
      startX.current = undefined;
    },
  };
}
