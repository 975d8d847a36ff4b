import type { Metadata } from "next";
import { NoRoomPage } from "../../../web/rooms/no-room-page.tsx";

export const metadata: Metadata = { title: "Rooms" };

export default function Page() {
  return <NoRoomPage />;
}
