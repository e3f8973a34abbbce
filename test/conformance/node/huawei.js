// One call by the official core client `@huaweicloud/huaweicloud-sdk-core`. Standard input: {endpoint, ak, sk, projectId, options};
// standard output: {status, body | error}.
'use strict';
const {BasicCredentials} = require('@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials');
const {ClientBuilder} = require('@huaweicloud/huaweicloud-sdk-core/ClientBuilder');

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const {endpoint, ak, sk, projectId, options} = JSON.parse(Buffer.concat(chunks));
  const credential = new BasicCredentials().withAk(ak).withSk(sk).withProjectId(projectId);
  const client = new ClientBuilder((hcClient) => hcClient).withCredential(credential).withEndpoint(endpoint).build();
  try {
    const result = await client.sendRequest({pathParams: {}, queryParams: {}, headers: {}, ...options});
    console.log(JSON.stringify({status: result.httpStatusCode, body: result}));
  } catch (error) {
    console.log(JSON.stringify({status: error.httpStatusCode, error: {code: error.errorCode, message: error.errorMsg, requestId: error.requestId}}));
  }
}

main().catch((error) => { console.error(error); process.exit(1); });
