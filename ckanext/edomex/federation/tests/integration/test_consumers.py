"""An idle consumer goes on waiting, however soon its client gives a quiet connection up."""

import json
import threading

import pytest
import redis
from ckan.plugins import toolkit as tk
from ckanext.harvest import queue

QUIET_S = 0.2


@pytest.fixture
def client(clean_releases):
    return redis.Redis.from_url(tk.config["ckan.redis.url"], socket_timeout=QUIET_S)


def test_a_quiet_queue_ends_no_consumer(client):
    key = "edomex-test:harvest_job_id"
    client.delete(key)
    with pytest.raises(redis.exceptions.TimeoutError):
        client.blpop(key)
    taken = []

    def consume():
        for _method, _consumer, body in queue.RedisConsumer(client, key).consume(queue="any"):  # as the commands call it
            taken.append(json.loads(body))
            return

    consumer = threading.Thread(target=consume, daemon=True)
    consumer.start()
    # Several times as long as the client waits.
    consumer.join(QUIET_S * 5)
    assert consumer.is_alive()
    client.rpush(key, json.dumps({"harvest_job_id": "one"}))
    consumer.join(10)
    assert taken == [{"harvest_job_id": "one"}]
