import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import * as z from "zod/mini";

/** Documented: OWASP Password Storage Cheat Sheet, scrypt with 16 MiB. Some 0.2 s on a computer, seconds on a board. */
const USUAL_WORK: ScryptWork = { N: 2 ** 14, r: 8, p: 5 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** So long that five guesses a minute find none. */
export const Password = z.string().check(z.minLength(10), z.maxLength(200));

export const PasswordHash = z.object({
  salt: z.string(),
  hash: z.string(),
  N: z.int(),
  r: z.int(),
  p: z.int(),
});
export type PasswordHash = z.infer<typeof PasswordHash>;

export type ScryptWork = Pick<PasswordHash, "N" | "r" | "p">;

export async function hashOf(
  password: string,
  work: ScryptWork = USUAL_WORK,
): Promise<PasswordHash> {
  const salt = randomBytes(SALT_BYTES);
  const { N, r, p } = work;
  const key = await derived(password, salt, work);
  return { salt: salt.toString("hex"), hash: key.toString("hex"), N, r, p };
}

export async function isPassword(
  password: string,
  { salt, hash, ...work }: PasswordHash,
): Promise<boolean> {
  const expected = Buffer.from(hash, "hex");
  const key = await derived(password, Buffer.from(salt, "hex"), work);
  return key.length === expected.length && timingSafeEqual(key, expected);
}

/** On a thread of the pool. */
function derived(password: string, salt: Buffer, work: ScryptWork): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same letters typed on two keyboards are the same.
    scrypt(password.normalize("NFC"), salt, KEY_BYTES, work, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
