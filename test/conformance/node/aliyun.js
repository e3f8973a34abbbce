// One call by the official signer `aliyun-api-gateway`. Standard input: {url, method, key, secret, stage, opts}; standard output:
// {status, body | message, headers}.
'use strict';
const {Client} = require('aliyun-api-gateway');

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const {url, method, key, secret, stage, opts} = JSON.parse(Buffer.concat(chunks));
  if (opts && opts.dataBase64 !== undefined) {
    opts.data = Buffer.from(opts.dataBase64, 'base64');
    delete opts.dataBase64;
  }
  const client = new Client(key, secret, stage);
  try {
    const body = await client[method.toLowerCase()](url, opts || {});
    console.log(JSON.stringify({status: 200, body}));
  } catch (error) {
    if (!error.code || !error.data) throw error;
    console.log(JSON.stringify({status: error.code, message: error.message, headers: error.data.headers}));
  }
}

main().catch((error) => { console.error(error); process.exit(1); });
