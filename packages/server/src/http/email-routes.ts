import { type EmailPage, emailPage } from "./email-page.ts";
import type { HttpApp, HttpOptions } from "./http-options.ts";

type Options = Pick<HttpOptions, "emailAddresses" | "settings">;

const deadLink = {
  title: "This link does not work",
  text: "It was used before, is more than a day old, or a newer one was sent. The settings of the app send another.",
};

/**
 * What links in mail lead to. Opening one shows a page and changes nothing, since programs that look through mail open all
 * of them; the page's button does what it says.
 */
export function addEmailRoutes(app: HttpApp, { emailAddresses, settings }: Options): void {
  const appUrl = settings.mail?.publicUrl ?? "/";
  const show = (page: Omit<EmailPage, "appUrl">) => emailPage({ ...page, appUrl });
  const refuse = () => emailPage({ ...deadLink, appUrl }, 410);

  app.get("/api/v1/email/confirm", async (context) => {
    const address = await emailAddresses.findWaiting(context.req.query("token") ?? "");
    if (address === undefined) return refuse();
    const text = `You will be told at ${address} of what you have not read.`;
    return show({ title: "Confirm this address", text, button: "Confirm" });
  });

  app.post("/api/v1/email/confirm", async (context) => {
    const address = await emailAddresses.confirm(context.req.query("token") ?? "");
    if (address === undefined) return refuse();
    return show({ title: "Confirmed", text: `Mail goes to ${address} from now on.` });
  });

  app.get("/api/v1/email/unsubscribe", (context) => {
    if (!emailAddresses.isUnsubscribing(context.req.query("token") ?? "")) return refuse();
    const text = "You will get no mail any more, whatever you have not read.";
    return show({ title: "Stop all mail", text, button: "Stop all mail" });
  });

  app.post("/api/v1/email/unsubscribe", async (context) => {
    const isDone = await emailAddresses.unsubscribe(context.req.query("token") ?? "");
    if (!isDone) return refuse();
    return show({ title: "No more mail", text: "The notification settings of the app switch it on again." });
  });
}
