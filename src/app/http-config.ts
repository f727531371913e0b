import * as z from "zod/mini";
import { StockPages } from "./stock-pages-config.js";

const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/** 0: any that is free. */
const Port = z.int().check(z.minimum(0), z.maximum(65_535));

/** Without user, port or path. */
const Host = z
  .string()
  .check(
    z.regex(/^[a-z\d]([a-z\d.-]{0,251}[a-z\d])?$/i, "expected a name without port, as miner-7.lan"),
  );

/** What may be read without a password. */
export const PUBLIC_PARTS = ["status", "metrics"] as const;
export type PublicPart = (typeof PUBLIC_PARTS)[number];

/** The field `http` of the configuration file; without it nothing listens. */
export const Http = z
  .strictObject({
    /** False is as if the field were not there. */
    isOn: z._default(z.boolean(), true),
    /** Of plain http; null switches it off. */
    port: z._default(z.nullable(Port), HTTP_PORT),
    /** Address to listen on; all of the machine when left out. */
    address: z.optional(z.union([z.ipv4(), z.ipv6()])),
    /** https beside it. */
    tls: z.optional(
      z.strictObject({
        /** PEM files of the certificate with its chain, and of its key. */
        certFile: z.string(),
        keyFile: z.string(),
        port: z._default(Port, HTTPS_PORT),
      }),
    ),
    /** Names of the machine beside its host name: a browser that comes by another is refused. */
    hosts: z._default(z.array(Host).check(z.maxLength(16)), []),
    public: z._default(z.array(z.enum(PUBLIC_PARTS)), []),
    /** Holds the code on the label; a code in the data directory when left out. */
    setupCodeFile: z.optional(z.string()),
    /** The pages of stock Antminers below /cgi-bin/, for the tools that ask for them. */
    stockPages: z.optional(StockPages),
  })
  .check(
    z.refine(({ port, tls }) => port !== null || tls !== undefined, {
      path: ["port"],
      error: "expected a port, or tls",
    }),
  );
export type HttpConfig = z.infer<typeof Http>;
