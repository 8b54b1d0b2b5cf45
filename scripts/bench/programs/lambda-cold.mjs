// The first invocation of the bundled function, from the start of the process to its answer.
const { handler } = await import('../../../dist/lambda-function/index.mjs');
const answer = await handler({
  Records: [
    {
      eventID: '1',
      eventName: 'REMOVE',
      eventSourceARN: 'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/stream/2026-11-23T00:00:00.000',
      userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
      dynamodb: {
        ApproximateCreationDateTime: 1_795_446_313,
        Keys: { PK: { S: 'a' } },
        OldImage: { PK: { S: 'a' } },
        SequenceNumber: '111111111111111111111',
      },
    },
  ],
});
if (answer.batchItemFailures.length > 0) throw new Error('the item is not archived');
process.exit(0);
