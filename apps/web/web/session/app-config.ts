/** What this server has switched on. */
export interface AppConfig {
  hasChat: boolean;
  hasNotifications: boolean;
  hasDocuments: boolean;
  hasDiscord: boolean;
}

let known: Promise<AppConfig> | undefined;

/** Reads it once per page. */
export function getAppConfig(): Promise<AppConfig> {
  known ??= readConfig().catch((error: unknown) => {
    known = undefined;
    throw error;
  });
  return known;
}

async function readConfig(): Promise<AppConfig> {
  const response = await fetch("/api/v1/config.json");
  if (!response.ok) throw new Error("The server could not be reached. Try again in a moment.");
  const body: { chat?: boolean; notifications?: boolean; documents?: boolean; signIn?: { discord?: boolean } } =
    await response.json();
  return {
    hasChat: body.chat !== false,
    hasNotifications: body.notifications !== false,
    hasDocuments: body.documents !== false,
    hasDiscord: body.signIn?.discord === true,
  };
}
