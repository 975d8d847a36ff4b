/** What the platform knows of the network and of the page. */
export interface NetworkObserver {
  lost(): void;
  /** There may be a connection now: the network is back, or the page is in front again after it may have slept. */
  back(): void;
}

/** Watches a browser's network; outside of browsers it does nothing. Returns what ends it. */
export function watchNetwork(observer: NetworkObserver): () => void {
  if (typeof window === "undefined" || typeof document === "undefined") return () => undefined;
  const onVisible = () => {
    if (document.visibilityState === "visible") observer.back();
  };
  window.addEventListener("offline", observer.lost);
  window.addEventListener("online", observer.back);
  document.addEventListener("visibilitychange", onVisible);
  return () => {
    window.removeEventListener("offline", observer.lost);
    window.removeEventListener("online", observer.back);
    document.removeEventListener("visibilitychange", onVisible);
  };
}
