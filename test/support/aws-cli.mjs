// `aws dynamodb <operation> --name value …` as the AWS CLI would call it, for the commands in the documents: there is no
// AWS CLI where the tests run. Prints the answer as the AWS CLI does.
const [service, operation = '', ...args] = process.argv.slice(2);
const { AWS_ENDPOINT_URL: endpoint = '', AWS_ACCESS_KEY_ID: id, AWS_DEFAULT_REGION: region } = process.env;
if (service !== 'dynamodb') throw new Error(`not simulated: aws ${service}`);

const pascal = (name) => name.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase());

/** JSON, or the shorthand `Name=value,Name=value`; these parameters are lists. */
const LISTS = new Set(['AttributeDefinitions', 'KeySchema']);
function valueOf(name, text) {
  if (/^[[{]/.test(text)) return JSON.parse(text);
  if (!text.includes('=')) return text;
  const pairs = text.split(',').map((pair) => pair.split('='));
  const value = Object.fromEntries(
    pairs.map(([key, word]) => [key, /^(?:true|false)$/.test(word) ? word === 'true' : word]),
  );
  return LISTS.has(name) ? [value] : value;
}

const input = {};
for (let at = 0; at < args.length; at += 2) {
  const name = pascal(args[at].replace(/^--/, ''));
  input[name] = valueOf(name, args[at + 1]);
}
const answer = await fetch(endpoint, {
  method: 'POST',
  headers: {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `DynamoDB_20120810.${pascal(operation)}`,
    authorization: `AWS4-HMAC-SHA256 Credential=${id}/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
  },
  body: JSON.stringify(input),
});
const body = await answer.json();
if (answer.status !== 200) throw new Error(`${operation}: ${JSON.stringify(body)}`);
if (Object.keys(body).length > 0) process.stdout.write(`${JSON.stringify(body, null, 4)}\n`);
