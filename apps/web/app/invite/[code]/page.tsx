import type { Metadata } from "next";
import { InvitePage } from "../../../web/session/invite-page.tsx";

export const metadata: Metadata = { title: "Invitation" };

export default async function Page({ params }: { params: Promise<{ code: string }> }) {
  const { code } = await params;
  return <InvitePage code={decodeURIComponent(code)} />;
}
