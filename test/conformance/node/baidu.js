// One call by the official client `@baiducloud/sdk`, which puts its proof into Authorization; with carrier X-Bce-Signature its signer alone is
// used, as the API gateway's documents say. Standard input: {endpoint, ak, sk, method, path, params, headers, body, carrier}; standard output:
// {status, body} or {status, code, message, requestId}.
'use strict';
const http = require('http');
const {BceBaseClient, Auth} = require('@baiducloud/sdk');

function callThroughClient(call) {
  const client = new BceBaseClient({endpoint: call.endpoint, credentials: {ak: call.ak, sk: call.sk}}, 'countersign', false);
  return client.sendRequest(call.method, call.path, {body: call.body, headers: call.headers || {}, params: call.params || {}})
    .then((answer) => ({status: 200, body: answer.body}),
      (refused) => ({status: refused.status_code, code: refused.code, message: refused.message, requestId: refused.request_id}));
}

function callWithSigner(call) {
  const url = new URL(call.endpoint);
  const headers = {Host: url.host, ...call.headers};
  if (call.body) headers['Content-Length'] = Buffer.byteLength(call.body);
  headers['X-Bce-Signature'] = new Auth(call.ak, call.sk).generateAuthorization(call.method, call.path, call.params || {}, headers);
  const query = Object.entries(call.params || {}).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
  const options = {host: url.hostname, port: url.port, method: call.method, path: call.path + (query ? `?${query}` : ''), headers};
  return new Promise((resolve, reject) => {
    const request = http.request(options, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks));
        resolve(answer.statusCode === 200 ? {status: 200, body} : {status: answer.statusCode, ...body});
      });
    });
    request.on('error', reject);
    request.end(call.body);
  });
}

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const call = JSON.parse(Buffer.concat(chunks));
  console.log(JSON.stringify(await (call.carrier === 'X-Bce-Signature' ? callWithSigner(call) : callThroughClient(call))));
}

main().catch((error) => { console.error(error); process.exit(1); });
