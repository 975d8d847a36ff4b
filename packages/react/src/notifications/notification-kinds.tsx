import {
  AtSign,
  Bell,
  FileText,
  Heart,
  type LucideIcon,
  MessageSquare,
  Puzzle,
  Reply,
  ShieldAlert,
  UserPlus,
  UsersRound,
} from "lucide-react";

const icons = new Map<string, LucideIcon>([
  ["message", MessageSquare],
  ["like", Heart],
  ["follow", UserPlus],
  ["mention", AtSign],
  ["system", Bell],
  ["reply", Reply],
  ["invite", UsersRound],
  ["document", FileText],
  ["moderation", ShieldAlert],
]);

/** What a notification is about, as a picture; the kinds that a host defines share one. */
export function NotificationIcon({ type }: { type: string }) {
  const Icon = icons.get(type) ?? Puzzle;
  return (
    <span className="mrg-note-icon" data-type={type} aria-hidden>
      <Icon size={18} />
    </span>
  );
}
