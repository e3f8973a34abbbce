// Calls of the management API by the official core client `@huaweicloud/huaweicloud-sdk-core`. Standard input: {endpoint, ak, sk, projectId,
// calls: [options]}, where "$N.member" in a url or body is a member of the answer of call N; standard output: a list of {status, body | error}.
'use strict';
const {BasicCredentials} = require('@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials');
const {ClientBuilder} = require('@huaweicloud/huaweicloud-sdk-core/ClientBuilder');

function filled(value, answers) {
  return JSON.parse(JSON.stringify(value).replace(/\$(\d+)\.(\w+)/g, (_, number, member) => answers[number].body[member]));
}

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const {endpoint, ak, sk, projectId, calls} = JSON.parse(Buffer.concat(chunks));
  const credential = new BasicCredentials().withAk(ak).withSk(sk).withProjectId(projectId);
  const client = new ClientBuilder((hcClient) => hcClient).withCredential(credential).withEndpoint(endpoint).build();
  const answers = [];
  for (const call of calls) {
    try {
      const result = await client.sendRequest({pathParams: {}, queryParams: {}, headers: {}, ...filled(call, answers)});
      answers.push({status: result.httpStatusCode, body: result});
    } catch (error) {
      answers.push({status: error.httpStatusCode, error: {code: error.errorCode, message: error.errorMsg, requestId: error.requestId}});
    }
  }
  console.log(JSON.stringify(answers));
}

main().catch((error) => { console.error(error); process.exit(1); });
