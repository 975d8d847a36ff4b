import { Entrance } from "../web/session/entrance.tsx";

export default function HomePage() {
  return <Entrance />;
}
