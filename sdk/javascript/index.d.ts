/// <reference types="node" />
import type {IncomingMessage, ServerResponse} from 'node:http';

export type Type = 'hmac' | 'basic' | 'aes' | 'public_key' | 'bce' | 'aliyun';
export type CodeWord = 'missing' | 'malformed' | 'algorithm_not_allowed' | 'unknown_key' | 'signed_header_missing' | 'expired'
  | 'signature_mismatch' | 'body_mismatch';
export const Code: Readonly<Record<string, CodeWord>>;

export class VerificationError extends Error {
  readonly code: CodeWord;
  readonly detail: string;
}

export type Header = [name: string, value: string];

export class Request {
  constructor(parts: {method: string; target: string; headers: Header[]; body?: Uint8Array});
  readonly method: string;
  readonly target: string;
  readonly headers: Header[];
  readonly body: Buffer;
  values(name: string): string[];
  value(name: string): string;
  with(headers: Header[]): Request;
}

export interface Life { notAfter?: number }

export class Key {
  private constructor();
  readonly type: Type;
  readonly id: string;
  static hmac(id: string, secret: string, life?: Life): Key;
  static basic(user: string, password: string, life?: Life): Key;
  /** This gateway's own format. */
  static aes(id: string, algorithm: 'aes-128-cfb' | 'aes-256-cfb', key: string, vector: string, life?: Life): Key;
  /** This gateway's own format. */
  static publicKey(id: string, text: string, life?: Life): Key;
  static bce(id: string, secret: string, life?: Life): Key;
  static aliyun(id: string, secret: string, life?: Life): Key;
}

export interface VerifierOptions {
  window?: number;
  clock?: () => number;
  requireSignedBody?: boolean;
  acceptUndated?: boolean;
  proofHeader?: string;
}

export interface Verified {
  readonly type: Type;
  readonly keyId: string;
  readonly signedHeaders: string[];
  readonly app: string;
  readonly consumer: string;
  readonly caller: string;
  readonly requestId: string;
  readonly stringToSign: string;
  readonly canonicalRequest: string;
}

export class Verifier {
  constructor(keys: Key[], options?: VerifierOptions);
  verify(request: Request): Verified;
}

export interface Signed { headers: Header[]; stringToSign: string; canonicalRequest: string }
export interface SigningOptions { now?: number; signedHeaders?: string[] }
export type Signer = (request: Request, id: string, secret: string, options?: SigningOptions) => Signed;
export const signAliyunCa: Signer;
export const signSdkHmac: Signer;
export function signBce(request: Request, id: string, secret: string, options?: SigningOptions & {expiration?: number; header?: string}): Signed;

export function express(verifier: Verifier, options?: {maxBody?: number}):
  (req: IncomingMessage & {countersign?: Verified; rawBody?: Buffer}, res: ServerResponse, next: (fault?: unknown) => void) => void;
export function guarded<More extends unknown[]>(
  handler: (request: globalThis.Request, verified: Verified, ...more: More) => Response | Promise<Response>,
  verifier: Verifier, options?: {maxBody?: number}): (request: globalThis.Request, ...more: More) => Promise<Response>;
export function signedFetch(sign: Signer, id: string, secret: string, options?: object, send?: typeof fetch): typeof fetch;
