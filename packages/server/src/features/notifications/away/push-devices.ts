import { type CommandPayload, type CommandReply, type PushPayload, Refusal } from "@mirage/protocol";
import type { Session } from "../../../access/session.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { PushSender } from "../../../ports/push-sender.ts";
import type { PushDeviceStore } from "./push-devices.store.ts";

export interface PushDevicesDeps {
  store: PushDeviceStore;
  sender: PushSender;
  clock: Clock;
}

const trial = {
  title: "This device is reached",
  body: "You will be told here while you are away.",
  url: "/",
  tag: "test",
  unreadCount: 0,
} satisfies PushPayload;

/** The devices on which a person is told while they are away. */
export class PushDevices {
  readonly #deps: PushDevicesDeps;

  constructor(deps: PushDevicesDeps) {
    this.#deps = deps;
  }

  getKey(): CommandReply<"get_push_key"> {
    return { publicKey: this.#deps.sender.publicKey };
  }

  async add({ userId }: Session, device: CommandPayload<"add_push_device">): Promise<CommandReply<"add_push_device">> {
    const { store, sender, clock } = this.#deps;
    const refusal = sender.refusalOf(device.endpoint);
    if (refusal !== undefined) {
      throw new Refusal("bad_request", `This endpoint is not used: ${refusal}`, {
        issues: [{ path: "endpoint", message: refusal }],
      });
    }
    if (await store.add(userId, device, new Date(clock.now()))) return {};
    throw new Refusal("conflict", "This endpoint belongs to somebody else");
  }

  async remove({ userId }: Session, endpoint: string): Promise<CommandReply<"remove_push_device">> {
    await this.#deps.store.remove(userId, endpoint);
    return {};
  }

  async list({ userId }: Session): Promise<CommandReply<"list_push_devices">> {
    const devices = await this.#deps.store.list(userId);
    return {
      devices: devices.map(({ endpoint, label, lastSuccessAt, lastError }) => ({
        endpoint,
        ...(label === null ? {} : { label }),
        ...(lastSuccessAt === null ? {} : { lastSuccessAt: lastSuccessAt.toISOString() }),
        ...(lastError === null ? {} : { lastError }),
      })),
    };
  }

  /** To all devices at once; answers when the slowest has answered or its time is over. */
  async test({ userId }: Session): Promise<CommandReply<"test_push">> {
    const { store, sender, clock } = this.#deps;
    const push = { payload: JSON.stringify(trial), topic: trial.tag, isUrgent: true };
    const results = await Promise.all(
      (await store.list(userId)).map(async (device) => ({ device, result: await sender.send(device, push) })),
    );
    const noted = results.map(({ device, result }) => ({ deviceId: device.id, result }));
    await store.note(noted, new Date(clock.now()));
    return {
      devices: results.map(({ device: { endpoint }, result }) =>
        "reason" in result ? { endpoint, isOk: false, error: result.reason } : { endpoint, isOk: true },
      ),
    };
  }
}
