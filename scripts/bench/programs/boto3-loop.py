"""Reads a stream's shards with boto3 up to their first empty page and writes nothing."""

import sys

import boto3

endpoint, stream_arn, expected = sys.argv[1:]
client = boto3.client("dynamodbstreams", endpoint_url=endpoint)
records = 0
for shard in client.describe_stream(StreamArn=stream_arn)["StreamDescription"]["Shards"]:
    iterator = client.get_shard_iterator(
        StreamArn=stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    while iterator is not None:
        page = client.get_records(ShardIterator=iterator)
        records += len(page["Records"])
        if not page["Records"]:
            break
        iterator = page.get("NextShardIterator")
if records != int(expected):
    sys.exit(f"{records} records instead of {expected}")
