import type { MqttCommand } from "../../app/mqtt-config.js";
import type { Info } from "./payloads.js";
import type { Topics } from "./topics.js";

/** Retained; sent again when Home Assistant starts. */
export const HA_STATUS_TOPIC = "homeassistant/status";
/** After three missed messages of a minute a value is unknown. Sheet management.md, 8.7. */
const EXPIRE_S = 180;

interface Component {
  /** Platform. */
  readonly p: string;
  readonly [field: string]: unknown;
}

export interface Discovery {
  readonly info: Info;
  readonly topics: Topics;
  readonly fans: number;
  /** Of these boards the temperature of the dies is measured. */
  readonly hasDieTemperature: boolean;
  readonly periodS: number;
  readonly commands: readonly MqttCommand[];
}

export function discoveryTopic(id: string): string {
  return `homeassistant/device/${id}/config`;
}

/** The device-based form, since 2024.11. */
export function discovery(device: Discovery): object {
  const { info, topics } = device;
  return {
    dev: {
      ids: [info.id],
      ...(info.mac !== undefined && { cns: [["mac", info.mac.toLowerCase()]] }),
      name: info.net.host,
      mdl: info.model,
      ...(info.serial !== undefined && { sn: info.serial }),
      sw: `${info.fw.name} ${info.fw.version}`,
    },
    o: { name: info.fw.name, sw: info.fw.version },
    avty: [{ t: topics.status, val_tpl: "{{ value_json.state }}" }],
    stat_t: topics.tele,
    qos: 1,
    cmps: Object.fromEntries(
      Object.entries(components(device)).map(([key, component]) => [
        key,
        { ...component, uniq_id: `${info.id}_${key}` },
      ]),
    ),
  };
}

function components(device: Discovery): Readonly<Record<string, Component>> {
  const { info, fans, hasDieTemperature, periodS } = device;
  const exp_aft = Math.max(EXPIRE_S, 3 * periodS);
  const measured = { p: "sensor", stat_cla: "measurement", exp_aft };
  const rate = { ...measured, unit_of_meas: "TH/s" };
  const diagnostic = { ent_cat: "diagnostic" };
  return {
    hashrate: {
      ...rate,
      name: "Hash rate",
      val_tpl: "{{ (value_json.hr.s5 / 1e12) | round(2) }}",
      sug_dsp_prc: 1,
    },
    power: {
      ...measured,
      name: "Power",
      val_tpl: "{{ value_json.pw.w }}",
      dev_cla: "power",
      unit_of_meas: "W",
    },
    efficiency: {
      ...measured,
      name: "Efficiency",
      val_tpl:
        "{{ (value_json.pw.w / (value_json.hr.s5 / 1e12)) | round(1) if value_json.hr.s5 > 0 else none }}",
      unit_of_meas: "J/TH",
    },
    ...(hasDieTemperature && {
      chip_temp: {
        ...measured,
        name: "Hottest chip",
        val_tpl: "{{ value_json.bd | map(attribute='tc') | map('last') | max }}",
        dev_cla: "temperature",
        unit_of_meas: "°C",
      },
    }),
    ...(!hasDieTemperature && {
      temp: {
        ...measured,
        name: "Hottest sensor",
        val_tpl: "{{ value_json.tmax }}",
        dev_cla: "temperature",
        unit_of_meas: "°C",
      },
    }),
    mode: { p: "sensor", name: "Mode", val_tpl: "{{ value_json.mode }}", ...diagnostic, exp_aft },
    ...orders(device),
    ...numbered(info.boards.length, (at) => ({
      [`b${String(at)}_hr`]: {
        ...rate,
        ...diagnostic,
        name: `Board ${String(at)} hash rate`,
        val_tpl: `{{ (value_json.bd[${String(at)}].hr / 1e12) | round(2) }}`,
      },
    })),
    ...numbered(fans, (at) => ({
      [`fan${String(at)}`]: {
        ...measured,
        ...diagnostic,
        name: `Fan ${String(at)}`,
        val_tpl: `{{ value_json.fan[${String(at)}] }}`,
        unit_of_meas: "rpm",
      },
    })),
  };
}

/** Only what may be ordered is offered. */
function orders({ topics, commands }: Discovery): Readonly<Record<string, Component>> {
  return {
    ...(commands.includes("mining.set") && {
      mining: {
        p: "switch",
        name: "Mining",
        val_tpl: "{{ 'ON' if value_json.mode in ['mining','starting','tuning'] else 'OFF' }}",
        cmd_t: topics.command("mining.set"),
        ...{ stat_on: "ON", stat_off: "OFF" },
        pl_on: '{"v":1,"args":{"on":true}}',
        pl_off: '{"v":1,"args":{"on":false}}',
      },
    }),
    ...(commands.includes("system.restart") && {
      restart: {
        p: "button",
        name: "Restart",
        ...{ dev_cla: "restart", ent_cat: "config" },
        cmd_t: topics.command("system.restart"),
        cmd_tpl: '{"v":1,"id":"ha-{{ now().timestamp() }}"}',
      },
    }),
  };
}

function numbered(
  count: number,
  make: (at: number) => Readonly<Record<string, Component>>,
): Readonly<Record<string, Component>> {
  return Object.assign({}, ...Array.from({ length: count }, (_, at) => make(at))) as Record<
    string,
    Component
  >;
}
