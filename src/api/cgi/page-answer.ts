/** What a page says. */
export interface PageAnswer {
  readonly status: 200 | 401 | 404 | 405 | 409 | 501;
  readonly body: string;
  readonly type: "application/json" | "text/plain; charset=utf-8";
  readonly headers?: Readonly<Record<string, string>>;
}

export function json(value: unknown): PageAnswer {
  return { status: 200, body: JSON.stringify(value), type: "application/json" };
}

export function text(status: PageAnswer["status"], body: string): PageAnswer {
  return { status, body: `${body}\n`, type: "text/plain; charset=utf-8" };
}

/** What was posted, whatever type it says to be; undefined for what is no JSON. */
export function posted(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The library quotes the text, which may hold a password.
    return undefined;
  }
}
