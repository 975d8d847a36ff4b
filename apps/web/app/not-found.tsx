import Link from "next/link";
import { FullPage } from "../web/shell/full-page.tsx";

export default function NotFound() {
  return (
    <FullPage title="There is nothing here" text="The address may be old, or a letter may be missing.">
      <Link className="button button-primary" href="/">
        Go to your rooms
      </Link>
    </FullPage>
  );
}
