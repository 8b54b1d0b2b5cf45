import type { ChangeRecord, RecordsPage } from '../../src/ports/index.js';

/** All that the program reads of a page and its records, as plain values. */
export function pageFacts({ Records, NextShardIterator }: RecordsPage): object {
  return { Records: Records.map(recordFacts), NextShardIterator };
}

function recordFacts({ eventID, eventName, awsRegion, userIdentity, dynamodb }: ChangeRecord): object {
  const { ApproximateCreationDateTime, Keys, NewImage, OldImage, SequenceNumber } = dynamodb;
  const change = { ApproximateCreationDateTime, Keys, NewImage, OldImage, SequenceNumber };
  return { eventID, eventName, awsRegion, userIdentity, ...change };
}
