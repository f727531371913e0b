import type { Route } from "../route.js";
import { AUTH_ROUTES } from "./auth-routes.js";
import { CONFIG_ROUTES } from "./config-routes.js";
import { HISTORY_ROUTES } from "./history-routes.js";
import { MACHINE_ROUTES } from "./machine-routes.js";
import { ORDER_ROUTES } from "./order-routes.js";
import { SYSTEM_ROUTES } from "./system-routes.js";

/** Every route below /api/v1: what it needs, what it takes, what it does. */
export const ROUTES: readonly Route[] = [
  ...MACHINE_ROUTES,
  ...HISTORY_ROUTES,
  ...ORDER_ROUTES,
  ...SYSTEM_ROUTES,
  ...CONFIG_ROUTES,
  ...AUTH_ROUTES,
];
