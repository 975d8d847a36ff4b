import type { Notification } from "@mirage/protocol";
import { inTurn } from "../push/in-turn.ts";
import type { OutsideOptions } from "./alerts.ts";

/**
 * Shows a notification outside of the page and answers what takes it away. Rejects where the browser does not let it.
 * Where this browser is pushed to, its worker shows it: then the push of the same subject, which comes when nobody sits
 * here, takes its place instead of standing beside it.
 */
export async function showPopup(notification: Notification, options: OutsideOptions): Promise<() => void> {
  const path = options.pathOf?.(notification);
  const worker = path === undefined ? undefined : await findPushWorker();
  if (worker && path !== undefined) return await showByWorker(worker, notification, path);
  return showByPage(notification, options);
}

async function findPushWorker(): Promise<ServiceWorkerRegistration | undefined> {
  const worker = await navigator.serviceWorker?.getRegistration();
  return worker?.active && (await worker.pushManager?.getSubscription()) ? worker : undefined;
}

async function showByWorker(
  worker: ServiceWorkerRegistration,
  { id, title, content, groupKey = id }: Notification,
  url: string,
): Promise<() => void> {
  const look = { icon: "/icon-192.png", badge: "/badge-96.png", silent: true };
  await inTurn(() => worker.showNotification(title, { ...look, body: content, tag: groupKey, data: { id, url } }));
  return () => void closeByWorker(worker, { id, tag: groupKey }).catch(() => undefined);
}

/** What has taken its place meanwhile stays. */
async function closeByWorker(
  worker: ServiceWorkerRegistration,
  { id, tag }: { id: string; tag: string },
): Promise<void> {
  await inTurn(async () => {
    for (const shown of await worker.getNotifications({ tag })) if (shown.data?.id === id) shown.close();
  });
}

function showByPage(notification: Notification, { onOpen }: OutsideOptions): () => void {
  const { id, title, content } = notification;
  const popup = new window.Notification(title, { body: content, tag: id, icon: "/icon.svg", silent: true });
  popup.addEventListener("click", () => {
    window.focus();
    popup.close();
    onOpen(notification);
  });
  return () => popup.close();
}
