import { deepEqual, equal, match } from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { makeAuthority } from "../certificates.js";

/** Documented: curl(1), exit codes. */
const CURL = { done: 0, emptyReply: 52, wrongAuthority: 60 };

/** Files of a miner's certificate, the authority behind it, and one that has nothing to do with it. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  readonly otherCaFile: string;
}

export async function makeTlsFiles(folder: string): Promise<TlsFiles> {
  const [authority, other] = [await makeAuthority(), await makeAuthority("Other authority")];
  const { certPem, keyPem } = await authority.issue({ ips: ["127.0.0.1"] });
  const file = (name: string, pem: string): string => {
    writeFileSync(join(folder, name), pem, { mode: 0o600 });
    return join(folder, name);
  };
  return {
    certFile: file("miner.pem", certPem),
    keyFile: file("miner.key", keyPem),
    caFile: file("ca.pem", authority.certPem),
    otherCaFile: file("other-ca.pem", other.certPem),
  };
}

/** Whom the TLS of a miner serves, and whom not: by curl and openssl. */
export async function assertTls(port: number, plainPort: number, files: TlsFiles): Promise<void> {
  const curl = (url: string, ...args: string[]): Promise<Done> =>
    run("curl", ["-sS", "--max-time", "10", ...args, url]);
  const health = `https://127.0.0.1:${port}/health`;
  const good = await curl(health, "--cacert", files.caFile);
  deepEqual([good.code, good.out], [CURL.done, "ok\n"]);
  equal((await curl(health, "--cacert", files.otherCaFile)).code, CURL.wrongAuthority);
  // Plain words to the port of TLS, and the other way round.
  equal((await curl(`http://127.0.0.1:${port}/health`)).code, CURL.emptyReply);
  notDone(await curl(`https://127.0.0.1:${plainPort}/health`, "-k"));
  const greet = (version: string): Promise<Done> => {
    const ciphers = ["-cipher", "ALL:@SECLEVEL=0"];
    const to = ["-connect", `127.0.0.1:${port}`, "-CAfile", files.caFile];
    return run("openssl", ["s_client", version, ...ciphers, ...to]);
  };
  for (const version of ["-tls1_2", "-tls1_3"])
    match((await greet(version)).out, /Verify return code: 0 \(ok\)/);
  // The miner itself says no, and not the client.
  for (const version of ["-tls1", "-tls1_1"])
    match((await greet(version)).err, /alert protocol version/);
}

interface Done {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function notDone({ code, out }: Done): void {
  if (code === CURL.done) throw new Error(`it was served: ${out}`);
}

async function run(program: string, args: readonly string[]): Promise<Done> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await closed, out, err };
}
