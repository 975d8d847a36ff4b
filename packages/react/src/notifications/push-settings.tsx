"use client";
import type { CommandReply } from "@mirage/protocol";
import { Trash2 } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { useNow } from "../hooks/use-now.ts";
import { useRequest } from "../hooks/use-request.ts";
import { IconButton } from "../icon-button.tsx";
import { useRealtime } from "../provider.tsx";
import { usePreferenceLabels } from "./use-preferences.ts";
import { type KnownPush, usePush } from "./use-push.ts";

type Device = CommandReply<"list_push_devices">["devices"][number];
type Trial = CommandReply<"test_push">["devices"][number];

const renewTimesMs = 30_000;

/** Web push: on this browser, and the devices that take it. Shows nothing where the host has no worker for it. */
export function PushSettings() {
  const { pushWorkerUrl } = useRealtime();
  const words = usePreferenceLabels();
  if (pushWorkerUrl === undefined) return null;
  return (
    <section>
      <h3>{words.pushTitle}</h3>
      <Push />
    </section>
  );
}

function Push() {
  const words = usePreferenceLabels();
  const push = usePush();
  const { status } = push.state;
  const endpoint = push.state.status === "on" ? push.state.endpoint : undefined;
  return (
    <>
      <p role="status">{words.pushStates[status]}</p>
      {push.error !== undefined && <p role="alert">{words.pushFailed(push.error)}</p>}
      {status === "off" && (
        <button type="button" className="mrg-button" disabled={push.isBusy} onClick={push.turnOn}>
          {words.pushOn}
        </button>
      )}
      {status === "on" && (
        <button type="button" className="mrg-button" disabled={push.isBusy} onClick={push.turnOff}>
          {words.pushOff}
        </button>
      )}
      {/* With another address of this browser the list is another one. */}
      <Devices key={endpoint} ownEndpoint={endpoint} push={push} />
    </>
  );
}

/** The person's devices, here and elsewhere, and how the last push to each went. */
function Devices({ ownEndpoint, push }: { ownEndpoint: string | undefined; push: KnownPush }) {
  const { labels } = useRealtime();
  const words = usePreferenceLabels();
  const listing = useRequest("list_push_devices");
  const removal = useRequest("remove_push_device");
  const trial = useRequest("test_push");
  const [devices, setDevices] = useState<readonly Device[]>([]);
  const [trials, setTrials] = useState<readonly Trial[]>([]);
  const { run } = listing;
  const load = useCallback(async () => {
    const reply = await run({});
    if (reply) setDevices(reply.devices);
  }, [run]);
  useEffect(() => void load(), [load]);
  const test = async () => {
    setTrials([]);
    const reply = await trial.run({});
    if (reply) setTrials(reply.devices);
    await load();
  };
  const remove = async (endpoint: string) => {
    if (endpoint === ownEndpoint) return push.turnOff();
    await removal.run({ endpoint });
    await load();
  };
  const failure = listing.error ?? removal.error ?? trial.error;
  return (
    <>
      {failure !== undefined && <p role="alert">{labels.actionFailed(failure)}</p>}
      {devices.length > 0 && (
        <>
          <h4>{words.pushDevices}</h4>
          <ul className="mrg-devices">
            {devices.map((device) => (
              <DeviceLine
                key={device.endpoint}
                device={device}
                isOwn={device.endpoint === ownEndpoint}
                trial={trials.find(({ endpoint }) => endpoint === device.endpoint)}
                onRemove={() => void remove(device.endpoint)}
              />
            ))}
          </ul>
          <button type="button" className="mrg-button" disabled={trial.isRunning} onClick={() => void test()}>
            {words.tryPush}
          </button>
        </>
      )}
    </>
  );
}

interface DeviceLineProps {
  device: Device;
  isOwn: boolean;
  /** How the test went that was just made. */
  trial: Trial | undefined;
  onRemove(): void;
}

function DeviceLine({ device, isOwn, trial, onRemove }: DeviceLineProps) {
  const { formats } = useRealtime();
  const words = usePreferenceLabels();
  const now = useNow(renewTimesMs);
  const { label = words.unnamedDevice, lastSuccessAt, lastError } = device;
  const at = lastSuccessAt === undefined ? undefined : new Date(lastSuccessAt);
  const isToday = at?.toDateString() === now.toDateString();
  const reached = at && (isToday ? formats.ago(at, now) : formats.day(at, now));
  return (
    <li className="mrg-device">
      <span>
        <span dir="auto">{label}</span>
        {isOwn && <em> {words.thisDevice}</em>}
        <small>{reached === undefined ? words.neverReached : words.lastReached(reached)}</small>
        <span role="status">
          {trial?.isOk && <small>{words.testReached}</small>}
          {(trial?.error ?? lastError) !== undefined && (
            <small className="mrg-danger">{words.notReached(trial?.error ?? lastError ?? "")}</small>
          )}
        </span>
      </span>
      <IconButton label={words.removeDevice(label)} onClick={onRemove}>
        <Trash2 size={16} aria-hidden />
      </IconButton>
    </li>
  );
}
