import type { ErrorEntry } from "./error-entry.js";

export const HTTP_ERRORS = {
  HTTP_NOT_STARTED: {
    meaning: "The HTTP interface cannot listen; the machine mines without it.",
    severity: "fault",
    action: "Check port, address and files of the field http, and restart the controller.",
  },
  HTTP_BAD_REQUEST: {
    meaning: "A part of a request is not what the interface is described to take.",
    severity: "warning",
    action: "Compare the named part with /api/v1/openapi.json.",
  },
  HTTP_NOT_FOUND: {
    meaning: "Nothing is there.",
    severity: "warning",
    action: "Look for the path in /api/v1/openapi.json.",
  },
  HTTP_METHOD_REFUSED: {
    meaning: "The path does not take this method.",
    severity: "warning",
    action: "Look for the path in /api/v1/openapi.json.",
  },
  HTTP_LOGIN_NEEDED: {
    meaning: "Nobody is logged in, or the token is not known.",
    severity: "warning",
    action: "Log in, or send a token of this machine.",
  },
  HTTP_SCOPE_MISSING: {
    meaning: "What was asked for needs more than the token or session may do.",
    severity: "warning",
    action: "Use a token with the scope that is named.",
  },
  HTTP_PASSWORD_UNSET: {
    meaning: "The machine has no password yet: nobody may do anything over HTTP.",
    severity: "warning",
    action: "Set one with the code on the label or in the data directory.",
  },
  HTTP_PASSWORD_SET: {
    meaning: "The machine has a password already.",
    severity: "warning",
    action: "Log in; when it is forgotten, docs/http.md says how to begin anew.",
  },
  HTTP_PASSWORD_WRONG: {
    meaning: "The password or the code is wrong.",
    severity: "warning",
    action: "Try again; after five in a minute an address has to wait for one.",
  },
  HTTP_TOO_MANY: {
    meaning: "There were too many requests, or too many wrong passwords from this address.",
    severity: "warning",
    action: "Wait as many seconds as Retry-After says.",
  },
  HTTP_BUSY: {
    meaning: "As many are served as can be.",
    severity: "warning",
    action: "Try again after as many seconds as Retry-After says.",
  },
  HTTP_TOO_LARGE: {
    meaning: "The body of the request is too long.",
    severity: "warning",
    action: "Send less.",
  },
  HTTP_BODY_REFUSED: {
    meaning: "The body of the request is not of the type application/json.",
    severity: "warning",
    action: "Send JSON, with this Content-Type.",
  },
  HTTP_HOST_REFUSED: {
    meaning: "The machine was called by a name that is not its own.",
    severity: "warning",
    action: "Use its address, or add the name to http.hosts.",
  },
  HTTP_ORIGIN_REFUSED: {
    meaning: "A page of another site, or one without the token of its session, wanted a change.",
    severity: "warning",
    action: "Send X-CSRF-Token as the login gave it, or use a bearer token.",
  },
  HTTP_TOKENS_FULL: {
    meaning: "There are as many tokens as there may be.",
    severity: "warning",
    action: "Take one away that is not used any more.",
  },
} as const satisfies Record<string, ErrorEntry>;
