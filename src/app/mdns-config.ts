import * as z from "zod/mini";

/** Documented: RFC 1035: a label has 63 letters at most; some are left for the number of a second machine of that name. */
const Name = z
  .string()
  .check(
    z.regex(/^[a-z\d]([a-z\d-]{0,57}[a-z\d])?$/i, "expected letters, digits and -, as miner-7"),
  );

/** As the kernel names them. */
const Interface = z.string().check(z.regex(/^[\w.:-]{1,15}$/, "expected an interface, as eth0"));

/** The field `mdns` of the configuration file; without it nothing is announced. */
export const Mdns = z.strictObject({
  /** False is as if the field were not there. */
  isOn: z._default(z.boolean(), true),
  /** That the machine is called by, without .local; headframe- and the end of its MAC when left out. */
  name: z.optional(Name),
  /** Network interfaces to tell it on; all but loopback when left out. */
  interfaces: z.optional(z.array(Interface).check(z.minLength(1), z.maxLength(16))),
});
export type MdnsConfig = z.infer<typeof Mdns>;
