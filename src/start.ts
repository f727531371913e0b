#!/usr/bin/env node
import "./lib/small-heap.js";
import { runProgram } from "./commands/program.js";

// The controller lives for months on little memory: it is loaded without what the other commands are made of.
await runProgram(
  process.argv[2] === "run"
    ? (await import("./commands/run.js")).registerRunCommand
    : (await import("./cli.js")).registerCommands,
);
