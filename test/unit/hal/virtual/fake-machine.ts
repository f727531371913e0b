import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export type Request = Readonly<Record<string, unknown>>;
/** The answer without its id; undefined for silence. */
export type Answer = Readonly<Record<string, unknown>> | undefined;

/** The hardware socket of a virtual machine with answers from a script. */
export class FakeMachine {
  readonly deviceDir = mkdtempSync(join(tmpdir(), "headframe-hal-"));
  readonly requests: Request[] = [];
  #answer: (request: Request) => Answer | Promise<Answer>;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();

  constructor(answer: (request: Request) => Answer | Promise<Answer> = () => ({ ok: true })) {
    this.#answer = answer;
  }

  answer(answer: (request: Request) => Answer | Promise<Answer>): void {
    this.#answer = answer;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  async listen(): Promise<this> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => undefined);
      createInterface({ input: socket }).on("line", (line) => {
        void this.#serve(socket, JSON.parse(line) as Request);
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => {
      server.listen(join(this.deviceDir, "hardware.sock"), resolve);
    });
    return this;
  }

  /** As when the process dies: connections break, the socket is gone. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
    this.#server = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.deviceDir, { recursive: true });
  }

  async #serve(socket: Socket, { id, ...request }: Request): Promise<void> {
    this.requests.push(request);
    const answer = await this.#answer(request);
    if (answer !== undefined) socket.write(`${JSON.stringify({ id, ...answer })}\n`);
  }
}
