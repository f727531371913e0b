// The certificate library needs it, first.
import "reflect-metadata";
import { X509Certificate, type webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate as MadeCertificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

const DAY_MS = 24 * 60 * 60 * 1000;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** What a TLS server shows, ready for `node:tls`. */
export interface TestCertificate {
  readonly keyPem: string;
  readonly certPem: string;
  /** SHA-256 of the DER form, 64 hex digits. */
  readonly sha256: string;
}

export interface CertificateWish {
  /** Of the subject; the word says only that it is one of a test by default. */
  readonly commonName?: string;
  /** Host names; none by default. */
  readonly names?: readonly string[];
  /** IP addresses, an IPv6 one without brackets; none by default. */
  readonly ips?: readonly string[];
  /** Yesterday by default. */
  readonly notBefore?: Date;
  /** Tomorrow by default. */
  readonly notAfter?: Date;
}

/** An authority that lives as long as a test. */
export interface TestAuthority {
  readonly certPem: string;
  issue(wish: CertificateWish): Promise<TestCertificate>;
}

type KeyPair = webcrypto.CryptoKeyPair;

/** A new authority with a key of its own. */
export async function makeAuthority(name = "Test authority"): Promise<TestAuthority> {
  const keys = await makeKeys();
  const root = await X509CertificateGenerator.createSelfSigned({
    ...lifeOf({}),
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certPem: root.toString("pem"),
    issue: async (wish) => {
      const leafKeys = await makeKeys();
      const leaf = await X509CertificateGenerator.create({
        ...lifeOf(wish),
        subject: `CN=${wish.commonName ?? "Test pool"}`,
        issuer: root.subject,
        publicKey: leafKeys.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          ...namesOf(wish),
          await AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      });
      return pemsOf(leaf, leafKeys);
    },
  };
}

/** A certificate that vouches for itself, as a pool at home would have. */
export async function makeSelfSigned(wish: CertificateWish): Promise<TestCertificate> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...lifeOf(wish),
    name: "CN=Test pool",
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: namesOf(wish),
  });
  return pemsOf(certificate, keys);
}

function makeKeys(): Promise<KeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

function lifeOf({ notBefore, notAfter }: CertificateWish): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: notBefore ?? new Date(Date.now() - DAY_MS),
    notAfter: notAfter ?? new Date(Date.now() + DAY_MS),
  };
}

function namesOf({ names = [], ips = [] }: CertificateWish): SubjectAlternativeNameExtension[] {
  const alternatives = [
    ...names.map((value) => ({ type: "dns", value }) as const),
    ...ips.map((value) => ({ type: "ip", value }) as const),
  ];
  return alternatives.length === 0 ? [] : [new SubjectAlternativeNameExtension(alternatives)];
}

async function pemsOf(certificate: MadeCertificate, keys: KeyPair): Promise<TestCertificate> {
  const der = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  const base64 = Buffer.from(der).toString("base64").replace(/.{64}/g, "$&\n");
  const certPem = certificate.toString("pem");
  return {
    keyPem: `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`,
    certPem,
    sha256: new X509Certificate(certPem).fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}
