/**
 * Who may import whom. A folder imports itself, folders of lower layers and the sideways edges
 * listed here; nothing else. Type-only imports count.
 */
const LAYERS = [
  ["lib"],
  ["bitcoin", "boards"],
  ["hal", "pool"],
  ["asic", "drivers", "wire"],
  ["safety"],
  ["cooling", "power", "mining", "tuning"],
  ["telemetry"],
  ["update"],
  ["app"],
  ["recorder"],
  ["api"],
  ["commands"],
];

/** folder: folders beside it in the same layer of which it may import types. */
const TYPES_SIDEWAYS = { tuning: ["power", "mining"] };

/** The virtual machine is another machine: it shares no knowledge of chips or wires with us. */
const VIRTUAL_MAY_IMPORT = ["lib", "bitcoin"];

/**
 * Light miners of a fleet know neither: they are there to put the product's own messages on a broker, thousands of times,
 * so what makes those messages must not be written a second time.
 */
const FLEET_MAY_IMPORT = ["api/mqtt", "app/commands", "telemetry"];

/** The composition root: `run` and the like start it, and it knows nothing of commands. */
const ROOT = "^src/main\\.ts$";

/** What is built, and the commands that it loads. */
const CLI = "^src/(start|cli)\\.ts$";

const inFolder = (...folders) => `^src/(${folders.join("|")})/`;

const layerRules = LAYERS.flatMap((layer, index) =>
  layer.flatMap((folder) => {
    const allowed = [folder, ...LAYERS.slice(0, index).flat()];
    const types = TYPES_SIDEWAYS[folder] ?? [];
    // src/virtual and src/main.ts have rules of their own below.
    const upward = {
      name: `layer-${folder}`,
      comment: `src/${folder} imports only ${allowed.join(", ")}`,
      severity: "error",
      from: { path: inFolder(folder) },
      to: { path: "^src/", pathNot: [inFolder(...allowed, ...types), "^src/virtual/", ROOT] },
    };
    if (types.length === 0) return [upward];
    const sideways = {
      name: `types-only-${folder}`,
      comment: `src/${folder} imports only types of ${types.join(", ")}`,
      severity: "error",
      from: { path: inFolder(folder) },
      to: { path: inFolder(...types), dependencyTypesNot: ["type-only"] },
    };
    return [upward, sideways];
  }),
);

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: "known-folder",
      comment: "A new folder of src gets a place in LAYERS first",
      severity: "error",
      from: {},
      to: { path: "^src/[^/]+/", pathNot: [inFolder(...LAYERS.flat(), "virtual", "web")] },
    },
    {
      name: "api-through-commands",
      comment: "src/api asks app/commands, never the life cycle itself",
      severity: "error",
      from: { path: inFolder("api") },
      to: { path: "^src/app/miner" },
    },
    {
      name: "cli-thin",
      comment: "src/start.ts and src/cli.ts name the commands and do nothing themselves",
      severity: "error",
      from: { path: CLI },
      to: { path: "^src/", pathNot: [CLI, inFolder("lib", "commands")] },
    },
    {
      name: "root-started-by-commands",
      comment: "Only src/commands starts the composition root",
      severity: "error",
      from: { path: "^src/", pathNot: inFolder("commands") },
      to: { path: ROOT },
    },
    {
      name: "root-below-commands",
      comment: "The composition root knows no command",
      severity: "error",
      from: { path: ROOT },
      to: { path: [CLI, inFolder("commands", "virtual")] },
    },
    {
      name: "virtual-independent",
      comment: `src/virtual imports only ${VIRTUAL_MAY_IMPORT.join(", ")}`,
      severity: "error",
      from: { path: inFolder("virtual"), pathNot: inFolder("virtual/fleet") },
      to: { path: "^src/", pathNot: [inFolder("virtual", ...VIRTUAL_MAY_IMPORT)] },
    },
    {
      name: "virtual-fleet",
      comment: `src/virtual/fleet imports only itself, lib, ${FLEET_MAY_IMPORT.join(", ")}`,
      severity: "error",
      from: { path: inFolder("virtual/fleet") },
      to: { path: "^src/", pathNot: [inFolder("virtual/fleet", "lib", ...FLEET_MAY_IMPORT)] },
    },
    {
      name: "virtual-apart",
      comment: "src/virtual is imported by commands, scripts and tests only",
      severity: "error",
      from: { path: "^src/", pathNot: [inFolder("virtual", "commands")] },
      to: { path: inFolder("virtual") },
    },
    {
      name: "virtual-on-demand",
      comment: "Commands load src/virtual by dynamic import: metal carries no simulator",
      severity: "error",
      from: { path: inFolder("commands") },
      to: { path: inFolder("virtual"), dependencyTypesNot: ["dynamic-import", "type-only"] },
    },
    {
      name: "addon-face",
      comment: "Only src/hal/native.ts and src/virtual/native.ts load an addon",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/(hal|virtual)/native\\.ts$"] },
      to: { path: "\\.node$" },
    },
    {
      name: "bus-libraries",
      comment: "i2c-bus and onoff are named only under src/hal",
      severity: "error",
      from: { path: "^src/", pathNot: [inFolder("hal")] },
      to: { path: "(^|node_modules/)(i2c-bus|onoff)(/|$)" },
    },
    {
      name: "mqtt-library",
      comment: "mqtt is named only under src/api/mqtt and, for who orders, src/api/fleet",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/api/(mqtt|fleet)/"] },
      to: { path: "(^|node_modules/)mqtt(/|$)" },
    },
    {
      name: "http-library",
      comment: "hono is named only under src/api/http",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/api/http/"] },
      to: { path: "(^|node_modules/)(hono|@hono)(/|$)" },
    },
    {
      name: "no-test-code",
      comment: "The program does not import tests or scripts",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|scripts)/" },
    },
    {
      name: "no-circle",
      severity: "error",
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
