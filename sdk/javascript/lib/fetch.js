// For handlers and clients of the Fetch API.
'use strict';

const {VerificationError} = require('./errors');
const {DEFAULT_MAX_BODY} = require('./express');
const {Request: Plain, lower} = require('./request');

function targetOf(url) {
  const {pathname, search} = new URL(url);
  return pathname + search;
}

/** `handler(request, verified, ...more)` is called for what the gateway signed; everything else is answered with 401. */
function guarded(handler, verifier, {maxBody = DEFAULT_MAX_BODY} = {}) {
  return async (request, ...more) => {
    const body = Buffer.from(await request.clone().arrayBuffer());
    if (body.length > maxBody) return answer(413, 'body_too_large');
    const headers = [...request.headers];
    if (!request.headers.has('host')) headers.push(['host', new URL(request.url).host]);
    let verified;
    try {
      verified = verifier.verify(new Plain({method: request.method, target: targetOf(request.url), headers, body}));
    } catch (problem) {
      if (problem instanceof VerificationError) return answer(401, problem.code);
      throw problem;
    }
    return handler(request, verified, ...more);
  };
}

function answer(status, code) {
  return new Response(JSON.stringify({error: code}), {status, headers: {'content-type': 'application/json'}});
}

/** A fetch that signs what it sends: signedFetch(signSdkHmac, key, secret)(url, {method, headers, body}). `body`: text or bytes. */
function signedFetch(sign, id, secret, options = {}, send = globalThis.fetch) {
  return (url, {method = 'GET', headers = {}, body, ...rest} = {}) => {
    const data = body === undefined || body === null ? Buffer.alloc(0) : Buffer.from(body);
    const pairs = [...new Headers(headers)].filter(([name]) => name !== 'host');
    // fetch would add this type to a text by itself, after the signature.
    if (typeof body === 'string' && !pairs.some(([name]) => lower(name) === 'content-type')) pairs.push(['content-type', 'text/plain;charset=UTF-8']);
    const unsigned = new Plain({method, target: targetOf(url), headers: [...pairs, ['host', new URL(url).host]], body: data});
    const {headers: added} = sign(unsigned, id, secret, options);
    const all = new Headers(pairs);
    for (const [name, value] of added) all.set(name, value);
    return send(url, {...rest, method, headers: all, body: data.length > 0 ? data : undefined});
  };
}

module.exports = {guarded, signedFetch};
