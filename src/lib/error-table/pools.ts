import type { ErrorEntry } from "./error-entry.js";

export const POOL_ERRORS = {
  // Pool
  DIFFICULTY_INVALID: {
    meaning: "A difficulty is not a positive number, or is so high that no share could meet it.",
    severity: "warning",
    action: "Check what the pool or the configuration asks for.",
  },
  POOL_URL_INVALID: {
    meaning: "The address of a pool cannot be used.",
    severity: "fatal",
    action: "Write stratum+tcp://host:port or stratum+ssl://host:port; correct the named part.",
  },
  POOL_UNREACHABLE: {
    meaning: "No connection to the pool.",
    severity: "warning",
    action: "Check address, name resolution and network; the program keeps trying.",
  },
  POOL_TLS_INVALID: {
    meaning: "The TLS settings of a pool cannot be used.",
    severity: "fatal",
    action: "Correct the named part; a pin is the SHA-256 of the pool's certificate, in hex.",
  },
  POOL_TLS_REFUSED: {
    meaning: "The encrypted connection to the pool was not made, or its certificate not accepted.",
    severity: "warning",
    action:
      "Read the reason; when the certificate is the pool's own, name its authority or its pin.",
  },
  POOL_PROXY_INVALID: {
    meaning: "The address of a proxy cannot be used.",
    severity: "fatal",
    action: "Write socks5://host:port or socks5://user:password@host:port; correct the named part.",
  },
  POOL_PROXY_FAILED: {
    meaning: "The proxy did not connect us to the pool.",
    severity: "warning",
    action: "Read the reason and check the proxy; the program keeps trying.",
  },
  POOL_AUTH_REFUSED: {
    meaning: "The pool refused the worker name or password.",
    severity: "fault",
    action: "Check user and password of the pool in the configuration.",
  },
  POOL_LOGIN_TOO_LONG: {
    meaning: "What a pool is told of this machine would make a line that pools do not take.",
    severity: "fatal",
    action: "Shorten the named part; user names of up to 127 bytes are good nearly everywhere.",
  },
  POOL_PROTOCOL: {
    meaning: "The pool sent something that is not Stratum V1.",
    severity: "warning",
    action: "Check that address and port belong to a Stratum V1 pool.",
  },
  POOL_SILENT: {
    meaning: "The pool did not answer or sent nothing for too long.",
    severity: "warning",
    action: "None; the connection is made anew.",
  },
  POOL_SHARES_REFUSED: {
    meaning: "The pool refused many shares in a row for a fault of this program.",
    severity: "fault",
    action: "Report it with the log; the session is opened anew.",
  },
  POOL_LEFT: {
    meaning:
      "A pool was connected but did not serve: it refused shares, sent bad jobs or fell behind.",
    severity: "warning",
    action:
      "Read the reason beside the code; ask the pool if it comes again. It returns by itself once it is healthy.",
  },
  // Credit and counters
  CREDIT_SHARES_REFUSED: {
    meaning:
      "A pool refuses or does not answer more of the shares sent to it than stale work explains.",
    severity: "warning",
    action:
      "Read the reasons in the status; compare with another pool. The pool or the link is at fault, or the pool skims.",
  },
  CREDIT_SHARES_MISSING: {
    meaning: "Fewer shares are found than the verified nonces promise.",
    severity: "warning",
    action: "Report it with the log; a chip of the named chain lies, or a target is wrong.",
  },
  COUNTERS_UNREADABLE: {
    meaning: "The file of lifetime counters cannot be read; it was kept and not replaced.",
    severity: "warning",
    action: "Look at the file that was set aside; counting goes on from the named state.",
  },
  COUNTERS_NOT_SAVED: {
    meaning: "The lifetime counters cannot be saved.",
    severity: "warning",
    action: "Check space and permissions of the data directory; saving is tried again.",
  },
} as const satisfies Record<string, ErrorEntry>;
