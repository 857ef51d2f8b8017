"""What a stranger may send: stored, cleaned by a stated rule, or rejected with a reason; the next message is
not affected, and the ledger counts it."""
import json
import unittest

from house import House

READINGS = "hearthline/readings/"

# name, topic, payload, the reason of the rejection (None: it is stored)
CASES = [
    ("not UTF-8", READINGS + "a", b'{"t": "\xff\xfe"}', "not_utf8"),
    ("not JSON", READINGS + "a", b'{"t": 21.5', "not_json"),
    ("trailing bytes", READINGS + "a", b'{"t": 21.5} x', "not_json"),
    ("truncated msgpack", READINGS + "a", b"\x82\xa1t\x01", "not_msgpack"),
    ("msgpack that lies about its length", READINGS + "a", b"\xdd\x05\xf5\xe1\x00", "not_msgpack"),
    ("nesting of 10,000", READINGS + "a", b"[" * 10000 + b"]" * 10000, "not_json"),
    ("a NaN", READINGS + "a/t", b"nan", "bad_value"),
    ("an infinity", READINGS + "a/t", b"-inf", "bad_value"),
    ("a number out of range", READINGS + "a/t", b"1e400", "bad_value"),
    ("an empty payload", READINGS + "a", b"", "empty"),
    ("10 MB", READINGS + "a", b'{"t": "' + b"x" * 10000000 + b'"}', "too_large"),
    ("a topic with 150 levels", READINGS + "/".join("x" * 150), b"1", "unknown_topic"),
    ("an empty level", READINGS + "/t", b"1", "unknown_topic"),
    ("a name that is not ours", "hearthline/reading/kitchen", b"1", "unknown_topic"),
    ("a time that is none", READINGS + "a", b'{"t": 1, "time": "yesterday"}', "bad_time"),
    ("a time without a zone", READINGS + "a", b'{"t": 1, "time": "2026-01-02T03:04:05"}', "bad_time"),
    ("a time beyond 2262", READINGS + "a", b'{"t": 1, "time": "9999-01-01T00:00:00Z"}', "bad_time"),
    ("nothing to store", READINGS + "a", b'{"t": null}', "no_fields"),
    ("an event without a kind", "hearthline/events/door", b'{"fields": {"open": true}}', "wrong_shape"),
    ("no line protocol", "hearthline/line", b"this is prose", "not_line"),
    ("a field called time alone", READINGS + "clean-1", b'{"fields": {"time": 5}}', None),
    ("control characters in names", READINGS + "clean-2", b'{"fields": {"a\\nb,c=d e\\\\": 1}}', None),
    ("an empty tag value", READINGS + "clean-3", b'{"tags": {"room": ""}, "fields": {"t": 1}}', None),
    ("a time in the far past", READINGS + "clean-4", b'{"t": 1, "time": "1700-01-01T00:00:00Z"}', None),
    ("a line with a hidden second line", "hearthline/line",
     b'hidden,device_id=clean-5 text="one\ninjected,device_id=evil f=1" 1700000000000000000', None),
    ("a newline in a tag", READINGS + "clean-6",
     b'{"tags": {"room": "x\\ninjected,device_id=evil f=1"}, "fields": {"t": 1}}', None),
]


class BadInput(unittest.TestCase):
    def test_each_gets_what_it_should(self):
        rejected = [case for case in CASES if case[3]]
        with House() as house:
            listener = house.listen("hearthline/rejected/#", len(rejected), seconds=60)
            for number, (_, topic, payload, _) in enumerate(CASES):
                house.publish(topic, payload)
                house.publish(READINGS + "after", '{"n": %d}' % number)
            heard = [(topic.rsplit("/", 1)[1], json.loads(body)) for topic, body in listener.take()]
            for (name, topic, payload, reason), (said, message) in zip(rejected, heard):
                with self.subTest(name):
                    self.assertEqual(said, reason, message)
                    self.assertEqual(message["topic"], topic)
                    self.assertGreater(len(message["words"]), 10)
                    self.assertEqual(message["payload_bytes"], len(payload))
            self.assertEqual(len(heard), len(rejected))
            house.rows("SELECT n FROM device_metrics WHERE device_id = 'after'", len(CASES))
            self.check_cleaned(house)
            found = house.settled()
            self.assertEqual(found["hearthline_ledger_difference"], 0)
            self.assertEqual(found["hearthline_ledger_points_difference"], 0)

    def check_cleaned(self, house):
        def one(device):
            (row,) = house.rows("SELECT * FROM device_metrics WHERE device_id = '%s'" % device, 1)
            return {key: value for key, value in row.items() if value is not None}
        self.assertEqual(one("clean-1")["time_"], 5)
        self.assertEqual(one("clean-2")["a_b,c=d e/"], 1)
        self.assertNotIn("room", one("clean-3"))
        self.assertEqual(one("clean-4")["time"], -8520336000 * 10**9)
        self.assertEqual(one("clean-6")["room"], "x_injected,device_id=evil f=1")
        (hidden,) = house.rows("SELECT * FROM hidden", 1)
        self.assertEqual(hidden["text"], "one\ninjected,device_id=evil f=1")
        self.assertEqual(house.query("SELECT * FROM injected"), [])
