"use client";
import { Dialog } from "radix-ui";
import {
  createContext,
  type ReactNode,
  type TouchEvent,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
} from "react";

/** A finger that starts this close to the edge may pull the drawer in. */
const edgePx = 28;
const pullPx = 56;

const OpenDrawer = createContext<() => void>(() => undefined);

/** Opens the list of rooms on a phone. */
export function useOpenDrawer(): () => void {
  return useContext(OpenDrawer);
}

/**
 * The list of rooms as a drawer, for screens with room for one pane. Opens by its button and by a swipe from the edge.
 * While it is open it owns one step of the browser's history, so that "back" closes it and not the room.
 */
export function DrawerProvider({ drawer, children }: { drawer: ReactNode; children: ReactNode }) {
  const [isOpen, setIsOpen] = useState(false);
  const open = useCallback(() => {
    window.history.pushState({ drawer: true }, "", window.location.href);
    setIsOpen(true);
  }, []);
  const close = useCallback(() => {
    setIsOpen(false);
    if (isDrawerStep(window.history.state)) window.history.back();
  }, []);
  useEffect(() => {
    if (!isOpen) return;
    const onBack = () => setIsOpen(false);
    window.addEventListener("popstate", onBack);
    return () => window.removeEventListener("popstate", onBack);
  }, [isOpen]);
  const swipe = useEdgeSwipe(open, isOpen);
  return (
    <OpenDrawer value={open}>
      <div {...swipe}>{children}</div>
      <Dialog.Root open={isOpen} onOpenChange={(next) => (next ? open() : close())}>
        <Dialog.Portal>
          <Dialog.Overlay className="only-phone mrg-overlay mrg-layer" />
          <Dialog.Content
            className="only-phone fixed inset-y-0 start-0 z-50 w-[min(320px,86vw)] bg-bg shadow-card"
            aria-describedby={undefined}
            // Choosing a room goes there in place of the drawer's own step of history.
            onClick={(event) => event.target instanceof Element && event.target.closest("a") && setIsOpen(false)}
          >
            <Dialog.Title className="sr-only">Rooms</Dialog.Title>
            <div className="app-side h-full">{drawer}</div>
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
    </OpenDrawer>
  );
}

function isDrawerStep(state: unknown): boolean {
  return typeof state === "object" && state !== null && "drawer" in state;
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
